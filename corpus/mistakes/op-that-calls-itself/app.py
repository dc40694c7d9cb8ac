from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    return run(n - 1) if n > 0 else 0
