from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amount: int) -> int:
    return amount if isinstance(amount, int) else 0
