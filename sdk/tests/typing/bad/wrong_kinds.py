"""Enums, unions, sets, new types and units that do not fit."""

from enum import StrEnum
from typing import Literal, NewType

from opforge import op, record
from opforge.units import ether


class Side(StrEnum):
    BUY = "buy"


@record
class Circle:
    radius: int


@record
class Square:
    side: int


Wei = NewType("Wei", int)


def area(shape: Circle | Square) -> int:
    return shape.radius  # error


def size(shape: Circle | None) -> int:
    return shape.radius  # error


@op
def run(side: Side, amount: Wei, mode: Literal["fast", "safe"] = "safe") -> set[str]:
    return {side, mode, str(amount)}


Side.SELL  # error
run("buy", Wei(1))  # error
run(Side.BUY, 1)  # error
run(Side.BUY, Wei(1), "slow")  # error
area(3)  # error
names: list[str] = run(Side.BUY, Wei(1))  # error
frozenset([1]).add(2)  # error
ether(0.5)  # error
number: int = Side.BUY.value  # error
