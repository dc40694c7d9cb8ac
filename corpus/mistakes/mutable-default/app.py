from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amounts: list[int] = []) -> int:
    return sum(amounts)
