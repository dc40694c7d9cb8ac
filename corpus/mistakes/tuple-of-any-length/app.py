from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amounts: tuple[int, ...] = ()) -> int:
    return sum(amounts)
