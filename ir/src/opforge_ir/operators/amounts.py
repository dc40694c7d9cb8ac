"""The operators that read what people write: addresses, and amounts in units."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from opforge_ir.address import is_checksum_valid
from opforge_ir.operators.bounds import bound_integer, build_too_long
from opforge_ir.operators.definition import Operator
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["AMOUNT_OPERATORS"]

_DEEPEST: Final = 5 * MAX_INTEGER_DIGITS
"""With more decimal places than this, no number of that many digits is a multiple of 2**places."""


def _read_address(text: str) -> str:
    if not is_checksum_valid(text):
        raise ValueError("not an address, or not its EIP-55 spelling")
    return text.lower()


def _scale_text(text: str, size: int) -> int:
    if len(text) > MAX_INTEGER_DIGITS:
        raise build_too_long()
    try:
        return _scale(Decimal(text), size)
    except InvalidOperation:
        raise ValueError("not a number") from None


def _scale(number: Decimal, size: int) -> int:
    if not number.is_finite():
        raise ValueError("not a number that can be counted")
    if not number or not size:
        return 0
    if number.adjusted() > MAX_INTEGER_DIGITS:
        raise build_too_long()
    if number.adjusted() < -_DEEPEST:
        raise ValueError("not a whole number of the smallest unit")
    numerator, denominator = number.as_integer_ratio()
    scaled, rest = divmod(numerator * size, denominator)
    if rest:
        raise ValueError("not a whole number of the smallest unit")
    return bound_integer(scaled)


AMOUNT_OPERATORS: Final = (
    Operator(
        "str.address",
        ("str",),
        "Address",
        "`Address(a)`, whose checksum is looked at (EIP-55)",
        _read_address,
        ("ValueError",),
    ),
    Operator(
        "str.amount",
        ("str", "int"),
        "int",
        "`ether(a)` and the like: exactly `b` times the number that `a` spells",
        _scale_text,
        ("ValueError",),
    ),
    Operator(
        "decimal.amount",
        ("Decimal", "int"),
        "int",
        "`ether(a)` and the like: exactly `b` times `a`",
        _scale,
        ("ValueError",),
    ),
)
