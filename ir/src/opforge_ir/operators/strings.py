"""The operators on str and Address."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Final

from opforge_ir.address import checksum_address
from opforge_ir.operators.bounds import MAX_TEXT_LENGTH, build_too_long, check_items, check_length
from opforge_ir.operators.characters import ADDED, check_settled
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.format_specs import check_format
from opforge_ir.operators.string_properties import lower_case
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["ADDRESS_OPERATORS", "STRING_OPERATORS"]


def _concat(*parts: str) -> str:
    check_length(sum(map(len, parts)))
    return "".join(parts)


def _upper(text: str) -> str:
    # One character becomes three at most.
    check_length(3 * len(text) if len(text) > MAX_TEXT_LENGTH // 3 else 0)
    return text.upper()


def _split(text: str, separator: str) -> list[str]:
    if separator:
        check_items(text.count(separator) + 1)
    return text.split(separator)


def _join(separator: str, parts: list[str]) -> str:
    check_length(sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1))
    return separator.join(parts)


def _read_integer(text: str) -> int:
    check_settled(text, ADDED)
    # Whatever limit of digits this process has.
    if len(text) > MAX_INTEGER_DIGITS and sum(map(str.isdecimal, text)) > MAX_INTEGER_DIGITS:
        raise ValueError("too many digits")
    return int(text)


def _read_decimal(text: str) -> Decimal:
    check_settled(text, ADDED)
    if len(text) > MAX_INTEGER_DIGITS:
        raise build_too_long()
    return Decimal(text)


def _format(text: str, spec: str) -> str:
    check_format(spec)
    return format(text, spec)


_ONE: Final = ("str",)
_TWO: Final = ("str", "str")

STRING_OPERATORS: Final = (
    Operator(
        "str.concat", _ONE, "str", "`a + b + …`, and the parts of an f-string", _concat, is_variadic=True
    ),
    Operator("str.len", _ONE, "int", "`len(a)`, in code points", len),
    Operator("str.bool", _ONE, "bool", "`bool(a)`: whether it is not empty", bool),
    Operator("str.lt", _TWO, "bool", "`a < b`, by code point", operator.lt),
    Operator("str.le", _TWO, "bool", "`a <= b`, by code point", operator.le),
    Operator("str.gt", _TWO, "bool", "`a > b`, by code point", operator.gt),
    Operator("str.ge", _TWO, "bool", "`a >= b`, by code point", operator.ge),
    Operator("str.contains", _TWO, "bool", "`b in a`", operator.contains),
    Operator("str.upper", _ONE, "str", "`a.upper()`", _upper),
    Operator("str.lower", _ONE, "str", "`a.lower()`", lower_case),
    Operator("str.strip", _ONE, "str", "`a.strip()`", str.strip),
    Operator("str.startswith", _TWO, "bool", "`a.startswith(b)`", str.startswith),
    Operator("str.endswith", _TWO, "bool", "`a.endswith(b)`", str.endswith),
    Operator("str.split", _TWO, "list[str]", "`a.split(b)`", _split, ("ValueError",)),
    Operator("str.join", ("str", "list[str]"), "str", "`a.join(parts)`", _join),
    Operator("str.int", _ONE, "int", "`int(a)`", _read_integer, ("ValueError",)),
    Operator("str.decimal", _ONE, "Decimal", "`Decimal(a)`", _read_decimal, ("InvalidOperation",)),
    Operator("str.format", _TWO, "str", "`format(a, spec)`", _format, ("ValueError",)),
)

ADDRESS_OPERATORS: Final = (
    Operator("address.str", ("Address",), "str", "`str(a)`: the EIP-55 spelling", checksum_address),
)
