from decimal import Decimal

from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> Decimal:
    return Decimal(0.1) * n
