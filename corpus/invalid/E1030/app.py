from opforge import op, workload

workload("demo", version="1.0.0")


def total(*amounts: int) -> int:
    return 0


@op
def run(n: int) -> int:
    return n
