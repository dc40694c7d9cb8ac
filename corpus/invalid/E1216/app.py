from opforge import op, workload

workload("demo", version="1.0.0")


def double(n: int) -> int:
    return 2 * n


@op
def run(n: int) -> int:
    f = double
    return n
