from opforge import op, recrod, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    return n
