from opforge import op, workload

workload("demo", version="1.0.0")


LIMIT = 10**5000


@op
def run(n: int) -> int:
    return n + LIMIT
