from opforge import op, run, workload

workload("demo", version="1.0.0")


def half(n: int) -> int:
    return n // 2


@op
def main(n: int) -> int:
    return run.child(half, n)
