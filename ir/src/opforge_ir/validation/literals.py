"""Scalars as an IR writes them: one spelling for each value."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final
from unicodedata import is_normalized

from opforge_ir.types import ADDRESS, BOOL, BYTES, DECIMAL, INT, NONE, Type
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["PLAIN_LITERALS", "is_canonical_decimal", "is_canonical_text"]

_DECIMAL: Final = re.compile(r"-?(?:[0-9]+(\.[0-9]+)?(E[+-][0-9]+)?|Infinity)\Z")


def is_canonical_decimal(text: str) -> bool:
    """Whether this is `str()` of a Decimal that is a number or an infinity.

    Trailing zeros count, since they are part of the value. What is not a number has no literal: two of them
    are not equal, so they would not be one value.
    """
    if len(text) > MAX_INTEGER_DIGITS or _DECIMAL.match(text) is None:
        return False
    try:
        return str(Decimal(text)) == text
    except InvalidOperation:  # the exponent is beyond what a Decimal holds
        return False


def is_canonical_text(text: str) -> bool:
    """Whether the text is in Unicode normalization form C (Unicode Standard Annex 15)."""
    return text.isascii() or is_normalized("NFC", text)


PLAIN_LITERALS: Final[dict[str, tuple[Type, Callable[[str], object]]]] = {
    "int": (INT, re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_INTEGER_DIGITS - 1}}})\Z").match),
    "bool": (BOOL, re.compile(r"(?:true|false)\Z").match),
    "bytes": (BYTES, re.compile(r"0x(?:[0-9a-f]{2})*\Z").match),
    "Address": (ADDRESS, re.compile(r"0x[0-9a-f]{40}\Z").match),
    "None": (NONE, re.compile(r"None\Z").match),
    "Decimal": (DECIMAL, is_canonical_decimal),
}
"""For each type whose literals are told by their spelling: a test that is true of a right one."""
