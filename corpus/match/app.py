"""`match` on literals, constants, records, sequences and dicts, with captures and guards."""

from opforge import log, op, record, workload

workload("match", version="1.0.0")

CODES = (200, 404)
OK = CODES[0]


@record
class Point:
    x: int
    y: int


@record
class Order:
    side: str
    at: Point
    note: str | None


@op
def describe(status: int) -> str:
    match status:
        case 200 | 201:
            return "ok"
        case code if code >= 500:
            return f"server {code}"
        case -1:
            return "none"
        case _:
            return "other"


@op
def where(order: Order) -> str:
    """Fields by position and by name, nested, and a value that may be None."""
    match order:
        case Order("buy", Point(0, y)):
            text = f"buy on the axis at {y}"
        case Order(side="sell", at=Point(x=x, y=y)) if x == y:
            text = f"sell at {x}"
        case Order(note=None):
            text = "no note"
        case Order(note=note):
            text = note
    return text


@op
def items(numbers: list[int], pair: tuple[int, str], names: dict[str, int]) -> str:
    match numbers:
        case []:
            size = "empty"
        case [only]:
            size = f"one {only}"
        case [first, *_, last] if first == last:
            size = "a ring"
        case _:
            size = "many"
    match pair:
        case (0, _):
            log.info("zero")
        case (_, "x" | "y" as letter):
            log.info(letter)
    match names:
        case {"a": 1, "b": b}:
            return f"{size} {b}"
    return size


@op
def is_set(flag: bool | None) -> str:
    """The cases of a type that has few values need no case for the rest."""
    match flag:
        case None:
            return "not said"
        case True:
            return "yes"
        case False:
            return "no"
