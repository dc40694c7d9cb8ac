"""The operators on bool."""

from __future__ import annotations

import operator
from typing import Final

from opforge_ir.operators.definition import Operator

__all__ = ["BOOLEAN_OPERATORS"]

BOOLEAN_OPERATORS: Final = (
    Operator("bool.not", ("bool",), "bool", "`not a`", operator.not_),
    Operator("bool.str", ("bool",), "str", "`str(a)`: `True` or `False`", str),
    Operator("bool.int", ("bool",), "int", "`int(a)`: 1 or 0", int),
)
