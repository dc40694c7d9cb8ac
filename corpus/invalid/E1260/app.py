from enum import StrEnum

from opforge import op, workload

workload("demo", version="1.0.0")


class Side(StrEnum):
    BUY = 1
    SELL = "sell"


@op
def run(side: Side) -> bool:
    return side is Side.BUY
