from opforge import op, workload

workload("demo", version="1.0.0")


def total(amounts: list[int] = []) -> int:
    return sum(amounts)


@op
def run(n: int) -> int:
    return total() + n
