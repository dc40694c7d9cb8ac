"""The operators on two values of any one type."""

from __future__ import annotations

import operator
from typing import Final

from opforge_ir.operators.definition import Operator

__all__ = ["VALUE_OPERATORS"]

_ORDERED: Final = ("O", "O")

VALUE_OPERATORS: Final = (
    Operator("value.eq", ("A", "A"), "bool", "`a == b`", operator.eq, ("InvalidOperation",)),
    Operator("value.ne", ("A", "A"), "bool", "`a != b`", operator.ne, ("InvalidOperation",)),
    # Python orders numbers, text, and lists and tuples of such; a NaN among them is an error.
    Operator("value.lt", _ORDERED, "bool", "`a < b`", operator.lt, ("InvalidOperation",)),
    Operator("value.le", _ORDERED, "bool", "`a <= b`", operator.le, ("InvalidOperation",)),
    Operator("value.gt", _ORDERED, "bool", "`a > b`", operator.gt, ("InvalidOperation",)),
    Operator("value.ge", _ORDERED, "bool", "`a >= b`", operator.ge, ("InvalidOperation",)),
    Operator(
        "value.min",
        _ORDERED,
        "O",
        "`min(a, b, …)`",
        min,
        ("InvalidOperation",),
        is_variadic=True,
        gives="same",
    ),
    Operator(
        "value.max",
        _ORDERED,
        "O",
        "`max(a, b, …)`",
        max,
        ("InvalidOperation",),
        is_variadic=True,
        gives="same",
    ),
)
