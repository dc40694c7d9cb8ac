from enum import StrEnum

from opforge import op, workload

workload("demo", version="1.0.0")


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"
    HOLD = "hold"


@op
def run(side: Side) -> int:
    match side:
        case Side.BUY:
            return 1
        case Side.SELL:
            return -1
