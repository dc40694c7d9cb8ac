from opforge import op, workload

workload("demo", version="first")


@op
def run(n: int) -> int:
    return n
