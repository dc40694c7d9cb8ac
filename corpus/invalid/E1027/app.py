from opforge import op, workload

workload("demo", version="1.0.0")


@op(retry=3, timeout="soon")
def run(n: int) -> int:
    return n
