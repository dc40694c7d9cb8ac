from opforge import op, workload

workload("demo", version="1.0.0")


@op
def first(n: int) -> int:
    return n


LIMIT = first(3)
