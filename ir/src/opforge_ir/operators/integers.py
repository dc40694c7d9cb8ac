"""The operators on int: unbounded in Python, here with a bound on their digits; exact."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Final

from opforge_ir.operators.bounds import (
    INTEGER_LIMIT,
    MAX_INTEGER_BITS,
    MAX_ITEMS,
    bound_integer,
    build_too_large,
    build_too_long,
)
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.format_specs import check_format

__all__ = ["INTEGER_OPERATORS"]


# The three most frequent operations look at the bound themselves: a call would cost as much as they do.
def _add(a: int, b: int) -> int:
    value = a + b
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def _subtract(a: int, b: int) -> int:
    value = a - b
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def _multiply(a: int, b: int) -> int:
    value = a * b
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def _divide(a: int, b: int) -> int:
    return a // b


def _raise_to(a: int, b: int) -> int:
    if b < 0 and a == 0:
        raise ZeroDivisionError("0 cannot be raised to a negative power")
    if b < 0:
        raise ValueError("a negative exponent gives a float, which is not exact")
    if abs(a) > 1 and b * (a.bit_length() - 1) > MAX_INTEGER_BITS:
        raise build_too_long()
    return bound_integer(a**b)


def _format(a: int, spec: str) -> str:
    check_format(spec)
    return format(a, spec)


def _in_range(value: int, start: int, stop: int, step: int) -> bool:
    return value in range(start, stop, step)


def _range(start: int, stop: int, step: int) -> list[int]:
    numbers = range(start, stop, step)
    if numbers and abs(numbers[-1] - start) // abs(step) >= MAX_ITEMS:
        raise build_too_large(MAX_ITEMS, "items")
    return list(numbers)


_TWO: Final = ("int", "int")
_DIVISION: Final = ("ZeroDivisionError",)

INTEGER_OPERATORS: Final = (
    Operator("int.add", _TWO, "int", "`a + b`", _add),
    Operator("int.sub", _TWO, "int", "`a - b`", _subtract),
    Operator("int.mul", _TWO, "int", "`a * b`", _multiply),
    Operator("int.floordiv", _TWO, "int", "`a // b`, rounding towards minus infinity", _divide, _DIVISION),
    Operator("int.mod", _TWO, "int", "`a % b`, with the sign of `b`", operator.mod, _DIVISION),
    Operator(
        "int.pow",
        _TWO,
        "int",
        "`a ** b`; where CPython would give a float, for `b < 0`, a ValueError",
        _raise_to,
        ("ValueError", "OverflowError", "ZeroDivisionError"),
    ),
    Operator("int.neg", ("int",), "int", "`-a`", operator.neg),
    Operator("int.abs", ("int",), "int", "`abs(a)`", abs),
    Operator("int.lt", _TWO, "bool", "`a < b`", operator.lt),
    Operator("int.le", _TWO, "bool", "`a <= b`", operator.le),
    Operator("int.gt", _TWO, "bool", "`a > b`", operator.gt),
    Operator("int.ge", _TWO, "bool", "`a >= b`", operator.ge),
    Operator("int.min", _TWO, "int", "`min(a, b, …)`", min, is_variadic=True),
    Operator("int.max", _TWO, "int", "`max(a, b, …)`", max, is_variadic=True),
    Operator("int.str", ("int",), "str", "`str(a)`", str),
    Operator("int.bool", ("int",), "bool", "`bool(a)`", bool),
    Operator("int.decimal", ("int",), "Decimal", "`Decimal(a)`, exact", Decimal),
    Operator(
        "int.format",
        ("int", "str"),
        "str",
        "`format(a, spec)`; not the locale's `n`",
        _format,
        ("ValueError", "OverflowError"),
    ),
    Operator(
        "int.in_range",
        ("int", "int", "int", "int"),
        "bool",
        "`a in range(start, stop, step)`",
        _in_range,
        ("ValueError",),
    ),
    Operator(
        "int.range",
        ("int", "int", "int"),
        "list[int]",
        "`list(range(a, b, step))`",
        _range,
        ("ValueError", "OverflowError"),
    ),
)
