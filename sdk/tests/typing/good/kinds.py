"""Enums, unions, sets, new types and units, with the types that an editor shows."""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, IntEnum, StrEnum, auto
from typing import Annotated, Final, Literal, NewType, TypeAlias, assert_type

from opforge import op, record, workload
from opforge.abi import bytes32, uint256
from opforge.units import days, ether, gwei

workload("typed", version="1.0.0")


class Side(StrEnum):
    BUY = "buy"
    SELL = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Color(Enum):
    RED = "r"


@record
class Circle:
    label: str
    radius: int = 1


@record
class Square:
    label: str
    side: int


Shape = Circle | Square
Wei = NewType("Wei", int)
Balances: TypeAlias = dict[str, Wei]
Mode = Literal["fast", "safe"]
LIMIT: Final[uint256] = 2**256 - 1
ALLOWED = frozenset(["a", "b"])

assert_type(Side("buy"), Side)
assert_type(Level.LOW < Level.HIGH, bool)
assert_type(Level.HIGH + 1, int)
assert_type([side.name for side in Side], list[str])
assert_type(ether("0.5") + gwei(3) + days(1), int)
assert_type(Color("r"), Color)


def area(shape: Shape) -> int:
    assert_type(shape.label, str)
    if isinstance(shape, Circle):
        assert_type(shape, Circle)
        return 3 * shape.radius * shape.radius
    assert_type(shape, Square)
    return shape.side * shape.side


def known(shape: Shape | None, sides: Mapping[Side, int]) -> int:
    if shape is None or isinstance(shape, Square):
        return 0
    assert_type(shape, Circle)
    return area(shape) + sides.get(Side.BUY, 0)


@op
def configured(root: bytes32, mode: Mode = "safe", rate: Annotated[int, "basis points"] = 30) -> list[int]:
    seen: set[int] = set()
    seen |= {rate, len(root)}
    seen.discard(0)
    shapes: list[Shape] = [Circle("c", 2), Square("s", 3)]
    wide = replace(Circle("c"), radius=9)
    assert_type(wide, Circle)
    assert_type(sorted(seen), list[int])
    if mode in ALLOWED:
        return sorted({area(shape) for shape in shapes})
    return sorted(seen & {known(None, {})})


balances: Balances = {"a": Wei(1)}
assert_type(configured(b"", "fast"), list[int])
