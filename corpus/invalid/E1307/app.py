from opforge import op, workload

workload("demo", version="1.0.0")


@op
def first(n: int) -> int:
    return n


@op
def second(n: int) -> int:
    return first(n) + 1
