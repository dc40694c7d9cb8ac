from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    if n < 0:
        raise ValueError("negative")
    return n
