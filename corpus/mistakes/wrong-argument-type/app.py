from opforge import op, workload

workload("demo", version="1.0.0")


def scaled(amount: int, factor: int) -> int:
    return amount * factor


@op
def run(n: int) -> int:
    return scaled(str(n), 2)
