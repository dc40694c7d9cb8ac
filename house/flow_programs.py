"""Programs that show one form of statement, run in CPython and in the interpreter."""

from __future__ import annotations

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

__all__ = ["NUMBERS", "TEXTS", "compare_numbers", "compare_text"]

_HEAD = """\
from decimal import Decimal, DivisionByZero, InvalidOperation
from enum import Enum, IntEnum, StrEnum

from opforge import Fail, op, record, workload

workload("flow", version="1.0")


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Level(IntEnum):
    LOW = 1
    HIGH = 5


@record
class Point:
    x: int
    y: int


@record
class Circle:
    centre: Point
    radius: int


@record
class Square:
    corner: Point
    side: int
    label: str | None


def divide(a: int, b: int) -> int:
    return a // b


def note(notes: list[str], text: str) -> str:
    notes.append(text)
    return text


def push(items: list[int], item: int) -> int:
    items.append(item)
    return item


"""
NUMBERS: tuple[tuple[list[int], int], ...] = (
    ([], 0),
    ([], 3),
    ([1], 1),
    ([3, 1, 2], 2),
    ([0, 0, 5, -1, 7], 0),
    ([5, 5, 5], 5),
    ([10, -3, 4, 8, 2, 9], 4),
    (list(range(12)), 7),
)
"""The lists `xs` and numbers `n` that programs are given."""
TEXTS = ("", "x", "buy", "sell", "xyzzy", "0", "1.5", "NaN")


def compare_numbers(body: str) -> None:
    """Run a body that makes an int of `xs` and `n`. Raises AssertionError where the two runs differ."""
    source = f"{_HEAD}@op\ndef main(xs: list[int], n: int) -> int:\n{body}"
    for numbers, n in NUMBERS:
        compare(GeneratedProgram(source, {"xs": numbers, "n": n}, parse_type("int")))


def compare_text(body: str) -> None:
    """Run a body that makes a str of `text`. Raises AssertionError where the two runs differ."""
    source = f"{_HEAD}@op\ndef main(text: str) -> str:\n{body}"
    for text in TEXTS:
        compare(GeneratedProgram(source, {"text": text}, parse_type("str")))
