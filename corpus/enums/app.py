"""Enums of each kind: members, values, names, look-ups, and where Python converts them."""

from enum import Enum, IntEnum, StrEnum, auto, unique

from opforge import op, record, workload

workload("enums", version="1.0.0")


@unique
class Side(StrEnum):
    """Which way an order goes."""

    BUY = "buy"
    SELL = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = auto()
    TOP = HIGH


class Color(Enum):
    RED = "r"
    BLUE = "b"


DEFAULT = Side.BUY
WEIGHTS = {Side.BUY: 1, Side.SELL: -1}


@record
class Order:
    side: Side
    amount: int
    level: Level = Level.LOW
    color: Color = Color.RED


def opposite(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY


@op
def texts(order: Order) -> list[str]:
    lines = [f"{side} {side.name} {side.value:>6} {side.upper()} {len(side)}" for side in Side]
    lines.append(f"{order.side} {order.level:02d} {order.color} {order.color.name:>8}")
    lines.append(str(order.color) + str(order.level))
    return lines


@op
def numbers(orders: list[Order], side: Side = DEFAULT) -> dict[Side, int]:
    totals = {each: 0 for each in Side}
    for order in orders:
        totals[order.side] = totals[order.side] + order.amount * WEIGHTS[order.side] + order.level
    if side == "sell" or Level.HIGH > len(orders):
        totals[opposite(side)] = len(Color)
    return totals


@op
def look_up(name: str, value: str, level: int) -> bool:
    return Side[name] is Side(value) and Level(level) in (Level.LOW, Level.TOP) and Color("b") != Color.RED
