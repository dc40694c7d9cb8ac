from opforge import op, workload

workload("demo", version="1.0.0")


def total(n: int) -> int:
    if n == 0:
        return 0
    return n + total(n - 1)


@op
def run(n: int) -> int:
    return total(n)
