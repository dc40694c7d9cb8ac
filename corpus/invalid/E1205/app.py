from opforge import op, workload

workload("demo", version="1.0.0")


LIMIT = 5


@op
def run(n: int) -> int:
    return LIMIT(n)
