"""The operators on constants: those of the contract, with results small enough to stand in a document.

Constants are computed in the context that a new Python starts with (28 digits, half to even), since
files run before a program could set another. What an operator would make, and how long it would take, is
found out before: a source that asks for much must not keep the compiler busy.
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

__all__ = ["MAX_ITEMS", "ConstantTooLargeError", "NotConstantError", "compute_operator", "count_steps"]

MAX_ITEMS: Final = 10_000
"""The longest list or str that a step may make."""
_MAX_BITS: Final = 14_000
_WIDTHS: Final = {
    "int.bytes": 0,
    "int.to_bytes": 1,
    **{f"str.{method}": 1 for method in ("center", "ljust", "rjust", "zfill")},
    **{f"bytes.{method}": 1 for method in ("ljust", "rjust")},
}
"""Operators that make something of a given length, and which argument that is."""
_CONTEXT: Final = build_decimal_context(DEFAULT_PRECISION)


class NotConstantError(Exception):
    """The expression, or its value, cannot be a constant; the argument says why."""


class ConstantTooLargeError(Exception):
    """The value would be larger than constants may be; the argument says than what."""


def compute_operator(name: OperatorName | MutatingOperatorName, arguments: list[Any]) -> Any:
    """The result of an operator. Raises what Python raises, ConstantTooLargeError and NotConstantError."""
    if _measure(name, arguments) > MAX_ITEMS:
        raise ConstantTooLargeError(f"{MAX_ITEMS} items")
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


def _measure(name: str, arguments: list[Any]) -> int:
    """How long the result will be, of an operator that may make something long of short arguments; or 0."""
    match name:
        case "int.range":
            start, stop, step = arguments
            return max(0, (int(stop) - int(start)) // int(step) + 1) if step else 0
        case "str.repeat" | "bytes.repeat" | "list.repeat":
            return len(arguments[0]) * int(arguments[1])
        case "str.replace" | "bytes.replace":
            whole, old, new, _ = arguments
            return len(whole) + int(whole.count(old)) * (len(new) - len(old))
        case "str.expandtabs":
            return int(arguments[0].count("\t")) * int(arguments[1])
        case _ if name in _WIDTHS:
            return int(arguments[_WIDTHS[name]])
        case _:
            return 0


def count_steps(name: str, arguments: list[Any]) -> int:
    """How many steps of computing an operator counts for: more than one where it computes for long."""
    match name:
        case "int.pow_mod":
            _, exponent, modulus = arguments
            words = int(modulus).bit_length() // 64
            return 1 + int(exponent).bit_length() * words * words // 64
        case "int.comb" | "int.perm" | "int.factorial":
            return 1 + min(max(abs(int(each)) for each in arguments), _MAX_BITS)
        case _:
            return 1
