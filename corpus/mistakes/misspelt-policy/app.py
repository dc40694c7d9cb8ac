from opforge import op, workload

workload("demo", version="1.0.0")


@op(retries=3)
def run(n: int) -> int:
    return n
