from decimal import Decimal

from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(price: Decimal | None) -> str:
    return f"{price:.2f}"
