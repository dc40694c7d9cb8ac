from opforge import op, workload

workload("mistake", version="1.0")

RATE = 1.5


@op
def double(amount: int) -> int:
    return amuont * 2
