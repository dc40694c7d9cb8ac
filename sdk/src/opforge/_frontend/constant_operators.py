"""The operators on constants: those of the contract, with results small enough to stand in a document.

Constants are computed in the context that a new Python starts with (28 digits, half to even), since
files run before a program could set another.
"""

from __future__ import annotations

from collections.abc import Sized
from decimal import localcontext
from typing import Any, Final

from opforge._ir import MutatingOperatorName, OperatorName
from opforge_ir.codes.execution import E_CHARACTER_REFUSED
from opforge_ir.decimal_context import DEFAULT_PRECISION, build_decimal_context
from opforge_ir.operators import OPERATORS
from opforge_ir.operators.bounds import OperationRefusedError
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["MAX_ITEMS", "ConstantTooLargeError", "NotConstantError", "compute_operator"]

MAX_ITEMS: Final = 10_000
"""The longest list or str that a step may make."""
_MAX_BITS: Final = 14_000
_CONTEXT: Final = build_decimal_context(DEFAULT_PRECISION)


class NotConstantError(Exception):
    """The expression, or its value, cannot be a constant; the argument says why."""


class ConstantTooLargeError(Exception):
    """The value would be larger than constants may be; the argument says than what."""


def compute_operator(name: OperatorName | MutatingOperatorName, arguments: list[Any]) -> Any:
    """The result of an operator. Raises what Python raises, ConstantTooLargeError and NotConstantError."""
    try:
        with localcontext(_CONTEXT):
            result: object = OPERATORS[name].compute(*arguments)
    except OperationRefusedError as error:
        if error.code is E_CHARACTER_REFUSED:
            raise NotConstantError(f"{error.fields['character']}: {error.fields['reason']}") from error
        unit = error.fields.get("unit", "digits")
        raise ConstantTooLargeError(f"{error.fields['limit']} {unit}") from error
    if isinstance(result, int) and result.bit_length() > _MAX_BITS:
        raise ConstantTooLargeError(f"{MAX_INTEGER_DIGITS} digits")
    if isinstance(result, Sized) and len(result) > MAX_ITEMS:
        raise ConstantTooLargeError(f"{MAX_ITEMS} items")
    return result
