"""The operators on Decimal, computed in the context that is current: a program's, or a constant's."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Final

from opforge_ir.operators.bounds import MAX_TEXT_LENGTH, build_too_large, build_too_long
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.format_specs import check_format
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["DECIMAL_OPERATORS"]


def _divide(a: Decimal, b: Decimal) -> Decimal:
    return a / b


def _floor_divide(a: Decimal, b: Decimal) -> Decimal:
    return a // b


def _raise_to(a: Decimal, b: Decimal) -> Decimal:
    return a**b


def _truncate(a: Decimal) -> int:
    if a.is_finite() and a.adjusted() >= MAX_INTEGER_DIGITS:
        raise build_too_long()
    return int(a)


def _format(a: Decimal, spec: str) -> str:
    # These spell every digit, so the exponent is as long as the text.
    if check_format(spec) in ("f", "F", "%") and a.is_finite() and abs(a.adjusted()) > MAX_TEXT_LENGTH:
        raise build_too_large(MAX_TEXT_LENGTH, "characters")
    return format(a, spec)


def _quantize(a: Decimal, b: Decimal) -> Decimal:
    return a.quantize(b)


_ONE: Final = ("Decimal",)
_TWO: Final = ("Decimal", "Decimal")
_INVALID: Final = ("InvalidOperation",)
_SIGNALS: Final = ("InvalidOperation", "Overflow")
_DIVISION: Final = ("DivisionByZero", *_SIGNALS)

DECIMAL_OPERATORS: Final = (
    Operator("decimal.add", _TWO, "Decimal", "`a + b`", operator.add, _SIGNALS),
    Operator("decimal.sub", _TWO, "Decimal", "`a - b`", operator.sub, _SIGNALS),
    Operator("decimal.mul", _TWO, "Decimal", "`a * b`", operator.mul, _SIGNALS),
    Operator("decimal.div", _TWO, "Decimal", "`a / b`", _divide, _DIVISION),
    Operator("decimal.floordiv", _TWO, "Decimal", "`a // b`, truncating", _floor_divide, _DIVISION),
    Operator("decimal.mod", _TWO, "Decimal", "`a % b`, with the sign of `a`", operator.mod, _SIGNALS),
    Operator("decimal.pow", _TWO, "Decimal", "`a ** b`", _raise_to, _SIGNALS),
    Operator("decimal.neg", _ONE, "Decimal", "`-a`", operator.neg, _SIGNALS),
    Operator("decimal.abs", _ONE, "Decimal", "`abs(a)`", abs, _SIGNALS),
    Operator("decimal.lt", _TWO, "bool", "`a < b`", operator.lt, _INVALID),
    Operator("decimal.le", _TWO, "bool", "`a <= b`", operator.le, _INVALID),
    Operator("decimal.gt", _TWO, "bool", "`a > b`", operator.gt, _INVALID),
    Operator("decimal.ge", _TWO, "bool", "`a >= b`", operator.ge, _INVALID),
    Operator("decimal.min", _TWO, "Decimal", "`min(a, b, …)`", min, _INVALID, is_variadic=True),
    Operator("decimal.max", _TWO, "Decimal", "`max(a, b, …)`", max, _INVALID, is_variadic=True),
    Operator("decimal.str", _ONE, "str", "`str(a)`", str),
    Operator("decimal.bool", _ONE, "bool", "`bool(a)`", bool),
    Operator(
        "decimal.int", _ONE, "int", "`int(a)`, towards zero", _truncate, ("ValueError", "OverflowError")
    ),
    Operator(
        "decimal.format",
        ("Decimal", "str"),
        "str",
        "`format(a, spec)`; not the locale's `n`",
        _format,
        ("ValueError",),
    ),
    Operator("decimal.quantize", _TWO, "Decimal", "`a.quantize(b)`, half to even", _quantize, _INVALID),
    Operator(
        "decimal.round",
        ("Decimal", "int"),
        "Decimal",
        "`round(a, digits)`",
        round,
        ("InvalidOperation", "OverflowError"),
    ),
)
