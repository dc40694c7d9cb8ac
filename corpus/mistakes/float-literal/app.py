from decimal import Decimal

from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> Decimal:
    fee = n * 0.003
    total = fee + n
    return total
