from opforge import op, workload

workload("demo", version="1.0.0")


LIMIT = 1
LIMIT = 2


@op
def run(n: int) -> int:
    return n + LIMIT
