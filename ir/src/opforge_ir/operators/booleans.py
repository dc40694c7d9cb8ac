"""The operators on bool."""

from __future__ import annotations

import operator
from typing import Final

from opforge_ir.operators.definition import Operator

__all__ = ["BOOLEAN_OPERATORS"]


def _and(a: bool, b: bool) -> bool:
    return a & b


def _or(a: bool, b: bool) -> bool:
    return a | b


def _xor(a: bool, b: bool) -> bool:
    return a ^ b


_TWO: Final = ("bool", "bool")

BOOLEAN_OPERATORS: Final = (
    Operator("bool.not", ("bool",), "bool", "`not a`", operator.not_),
    Operator("bool.str", ("bool",), "str", "`str(a)`: `True` or `False`", str),
    Operator("bool.and", _TWO, "bool", "`a & b`", _and),
    Operator("bool.or", _TWO, "bool", "`a | b`", _or),
    Operator("bool.xor", _TWO, "bool", "`a ^ b`", _xor),
    Operator("bool.int", ("bool",), "int", "`int(a)`: 1 or 0", int),
)
