from enum import StrEnum

from opforge import op, workload

workload("demo", version="1.0.0")


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


@op
def run(n: int) -> str:
    side = Side.BYU if n > 0 else Side.SELL
    return side.value
