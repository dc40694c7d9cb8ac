from opforge import op, workload

workload("demo", version="1.0.0")


DOUBLE = 2 * LIMIT
LIMIT = 5


@op
def run(n: int) -> int:
    return n + DOUBLE
