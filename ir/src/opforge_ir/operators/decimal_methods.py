"""The methods of Decimal, and what makes an int or a tuple of one.

`exp`, `ln`, `log10` and `sqrt` are correctly rounded: each implementation of `decimal` gives the same digits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from opforge_ir.operators.bounds import bound_integer, build_too_long
from opforge_ir.operators.definition import Operator
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["DECIMAL_METHOD_OPERATORS"]


def _plus(a: Decimal) -> Decimal:
    return +a


def _divmod(a: Decimal, b: Decimal) -> tuple[Decimal, Decimal]:
    return divmod(a, b)


def _round(a: Decimal) -> int:
    if a.is_finite() and a.adjusted() >= MAX_INTEGER_DIGITS:
        raise build_too_long()
    return bound_integer(round(a))


def _quantize(a: Decimal, exponent: Decimal, rounding: str) -> Decimal:
    return a.quantize(exponent, rounding=rounding)


def _to_integral(a: Decimal, rounding: str) -> Decimal:
    return a.to_integral_value(rounding=rounding)


def _ratio(a: Decimal) -> tuple[int, int]:
    # The digits are at most MAX_INTEGER_DIGITS, so they cannot shorten a denominator of twice as many.
    if a.is_finite() and a and abs(a.adjusted()) > 2 * MAX_INTEGER_DIGITS:
        raise build_too_long()
    numerator, denominator = a.as_integer_ratio()
    return bound_integer(numerator), bound_integer(denominator)


_ONE: Final = ("Decimal",)
_TWO: Final = ("Decimal", "Decimal")
_INVALID: Final = ("InvalidOperation",)
_SIGNALS: Final = ("InvalidOperation", "Overflow")
_ROUNDED: Final = ("InvalidOperation", "TypeError")
_NO_INTEGER: Final = ("ValueError", "OverflowError")

DECIMAL_METHOD_OPERATORS: Final = (
    Operator("decimal.pos", _ONE, "Decimal", "`+a`, rounded to the precision", _plus, _SIGNALS),
    Operator(
        "decimal.divmod",
        _TWO,
        "tuple[Decimal,Decimal]",
        "`divmod(a, b)`: `(a // b, a % b)`",
        _divmod,
        ("DivisionByZero", *_SIGNALS),
    ),
    Operator("decimal.round_int", _ONE, "int", "`round(a)`, half to even", _round, _NO_INTEGER),
    Operator(
        "decimal.quantize_rounded",
        ("Decimal", "Decimal", "str"),
        "Decimal",
        "`a.quantize(b, rounding=…)`; the rounding is the name of one, such as `ROUND_HALF_UP`",
        _quantize,
        _ROUNDED,
    ),
    Operator(
        "decimal.to_integral",
        ("Decimal", "str"),
        "Decimal",
        "`a.to_integral_value(rounding=…)`",
        _to_integral,
        _ROUNDED,
    ),
    Operator("decimal.normalize", _ONE, "Decimal", "`a.normalize()`", Decimal.normalize, _SIGNALS),
    Operator("decimal.sqrt", _ONE, "Decimal", "`a.sqrt()`", Decimal.sqrt, _SIGNALS),
    Operator("decimal.exp", _ONE, "Decimal", "`a.exp()`", Decimal.exp, _SIGNALS),
    Operator("decimal.ln", _ONE, "Decimal", "`a.ln()`", Decimal.ln, _SIGNALS),
    Operator("decimal.log10", _ONE, "Decimal", "`a.log10()`", Decimal.log10, _SIGNALS),
    Operator("decimal.copy_abs", _ONE, "Decimal", "`a.copy_abs()`", Decimal.copy_abs),
    Operator("decimal.copy_negate", _ONE, "Decimal", "`a.copy_negate()`", Decimal.copy_negate),
    Operator("decimal.copy_sign", _TWO, "Decimal", "`a.copy_sign(b)`", Decimal.copy_sign),
    Operator("decimal.is_finite", _ONE, "bool", "`a.is_finite()`", Decimal.is_finite),
    Operator("decimal.is_infinite", _ONE, "bool", "`a.is_infinite()`", Decimal.is_infinite),
    Operator("decimal.is_nan", _ONE, "bool", "`a.is_nan()`", Decimal.is_nan),
    Operator("decimal.is_signed", _ONE, "bool", "`a.is_signed()`", Decimal.is_signed),
    Operator("decimal.is_zero", _ONE, "bool", "`a.is_zero()`", Decimal.is_zero),
    Operator("decimal.adjusted", _ONE, "int", "`a.adjusted()`", Decimal.adjusted),
    Operator("decimal.scaleb", _TWO, "Decimal", "`a.scaleb(b)`", Decimal.scaleb, _SIGNALS),
    Operator("decimal.compare", _TWO, "Decimal", "`a.compare(b)`", Decimal.compare, _INVALID),
    Operator(
        "decimal.min_number",
        _TWO,
        "Decimal",
        "`a.min(b)`: a number is less than a quiet NaN",
        Decimal.min,
        _SIGNALS,
    ),
    Operator(
        "decimal.max_number",
        _TWO,
        "Decimal",
        "`a.max(b)`: a number is greater than a quiet NaN",
        Decimal.max,
        _SIGNALS,
    ),
    Operator("decimal.ratio", _ONE, "tuple[int,int]", "`a.as_integer_ratio()`", _ratio, _NO_INTEGER),
)
