"""The operators on bool, int and Decimal. Each is CPython's own operation, with its size bounded first.

They run in the program's decimal context, which the execution has made current.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from opforge_ir.values import MAX_INTEGER_DIGITS
from opforge_runtime.interpreter.limits import (
    INTEGER_LIMIT,
    MAX_INTEGER_BITS,
    MAX_ITEMS,
    MAX_TEXT_LENGTH,
    build_too_large,
    build_too_long,
)

__all__ = ["NUMBER_OPERATORS", "bound_integer", "check_format", "read_decimal", "read_integer"]

_SPEC: Final = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?(\d*)[_,]?(?:\.(\d+))?([A-Za-z%]?)", re.DOTALL)
"""The format specification mini-language of Python's documentation."""


def bound_integer(value: int) -> int:
    """The value itself. Raises ProgramError when it has too many digits."""
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def check_format(spec: str) -> str:
    """The type character of a format specification, or an empty string.

    Raises ValueError for `n`, which depends on the machine's locale, and ProgramError when width or
    precision ask for a text that is too long. What is no specification at all is left to `format`.
    """
    parts = _SPEC.fullmatch(spec)
    if parts is None:
        return ""
    if parts[3] == "n":
        raise ValueError("the format n depends on the locale")
    for size in (parts[1], parts[2] or ""):
        if len(size) > 9 or int(size or 0) > MAX_TEXT_LENGTH:
            raise build_too_large(MAX_TEXT_LENGTH, "characters")
    return parts[3]


def read_integer(text: str) -> int:
    """`int(text)`, whatever limit of digits this process has."""
    if len(text) > MAX_INTEGER_DIGITS and sum(map(str.isdecimal, text)) > MAX_INTEGER_DIGITS:
        raise ValueError("too many digits")
    return int(text)


def read_decimal(text: str) -> Decimal:
    """`Decimal(text)`."""
    if len(text) > MAX_INTEGER_DIGITS:
        raise build_too_long()
    return Decimal(text)


def _add(a: int, b: int) -> int:
    value = a + b
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def _divide(a: Decimal, b: Decimal) -> Decimal:
    return a / b


def _floor_divide(a: Any, b: Any) -> Any:
    return a // b


def _raise_to(a: Decimal, b: Decimal) -> Decimal:
    return a**b


def _sub(a: int, b: int) -> int:
    value = a - b
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def _mul(a: int, b: int) -> int:
    value = a * b
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def _pow(a: int, b: int) -> int:
    if b < 0:
        raise ValueError("a negative exponent")
    if abs(a) > 1 and b * (a.bit_length() - 1) > MAX_INTEGER_BITS:
        raise build_too_long()
    return bound_integer(a**b)


def _format_int(a: int, spec: str) -> str:
    check_format(spec)
    return format(a, spec)


def _range(start: int, stop: int, step: int) -> list[int]:
    numbers = range(start, stop, step)
    if numbers and abs(numbers[-1] - start) // abs(step) >= MAX_ITEMS:
        raise build_too_large(MAX_ITEMS, "items")
    return list(numbers)


def _decimal_int(a: Decimal) -> int:
    if a.is_finite() and a.adjusted() >= MAX_INTEGER_DIGITS:
        raise build_too_long()
    return int(a)


def _format_decimal(a: Decimal, spec: str) -> str:
    # These spell every digit, so the exponent is as long as the text.
    if check_format(spec) in ("f", "F", "%") and a.is_finite() and abs(a.adjusted()) > MAX_TEXT_LENGTH:
        raise build_too_large(MAX_TEXT_LENGTH, "characters")
    return format(a, spec)


def _quantize(a: Decimal, b: Decimal) -> Decimal:
    return a.quantize(b)


def _smallest(*values: Any) -> Any:
    return min(values)


def _largest(*values: Any) -> Any:
    return max(values)


NUMBER_OPERATORS: Final[dict[str, Callable[..., Any]]] = {
    "bool.not": operator.not_,
    "bool.str": str,
    "bool.int": int,
    "int.add": _add,
    "int.sub": _sub,
    "int.mul": _mul,
    "int.floordiv": _floor_divide,
    "int.mod": operator.mod,
    "int.pow": _pow,
    "int.neg": operator.neg,
    "int.abs": abs,
    "int.lt": operator.lt,
    "int.le": operator.le,
    "int.gt": operator.gt,
    "int.ge": operator.ge,
    "int.min": _smallest,
    "int.max": _largest,
    "int.str": str,
    "int.bool": bool,
    "int.decimal": Decimal,
    "int.format": _format_int,
    "int.range": _range,
    "decimal.add": operator.add,
    "decimal.sub": operator.sub,
    "decimal.mul": operator.mul,
    "decimal.div": _divide,
    "decimal.floordiv": _floor_divide,
    "decimal.mod": operator.mod,
    "decimal.pow": _raise_to,
    "decimal.neg": operator.neg,
    "decimal.abs": abs,
    "decimal.lt": operator.lt,
    "decimal.le": operator.le,
    "decimal.gt": operator.gt,
    "decimal.ge": operator.ge,
    "decimal.min": _smallest,
    "decimal.max": _largest,
    "decimal.str": str,
    "decimal.bool": bool,
    "decimal.int": _decimal_int,
    "decimal.format": _format_decimal,
    "decimal.quantize": _quantize,
    "decimal.round": round,
}
