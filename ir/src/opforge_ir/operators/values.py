"""The operators on two values of any one type."""

from __future__ import annotations

import operator
from typing import Final

from opforge_ir.operators.definition import Operator

__all__ = ["VALUE_OPERATORS"]

VALUE_OPERATORS: Final = (
    Operator("value.eq", ("A", "A"), "bool", "`a == b`", operator.eq, ("InvalidOperation",)),
    Operator("value.ne", ("A", "A"), "bool", "`a != b`", operator.ne, ("InvalidOperation",)),
)
