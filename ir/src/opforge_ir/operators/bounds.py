"""How large a value may become. An operation measures its result before it takes up the memory.

None of the bounds depends on the machine. What goes beyond one is refused with a code, which a program cannot
catch; what CPython refuses by itself is the exception that it raises.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.codes.execution import E_NUMBER_TOO_LONG, E_VALUE_TOO_LARGE
from opforge_ir.diagnostics import Code, FieldValue
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = [
    "INTEGER_LIMIT",
    "MAX_INTEGER_BITS",
    "MAX_ITEMS",
    "MAX_TEXT_LENGTH",
    "OperationRefusedError",
    "bound_integer",
    "build_too_large",
    "build_too_long",
    "check_items",
    "check_length",
]

INTEGER_LIMIT: Final = 10**MAX_INTEGER_DIGITS
"""Every integer is smaller in absolute value, so each can be printed by CPython and stored."""
MAX_INTEGER_BITS: Final = INTEGER_LIMIT.bit_length()
MAX_TEXT_LENGTH: Final = 16 * 1024 * 1024
"""Characters of a str, and bytes of a bytes."""
MAX_ITEMS: Final = 1_000_000
"""Items of a list, entries of a dict."""


class OperationRefusedError(Exception):
    """An operation that CPython would carry out, or try to, and that no program may."""

    def __init__(self, code: Code, **fields: FieldValue) -> None:
        super().__init__(code.name)
        self.code = code
        self.fields = fields


def build_too_long() -> OperationRefusedError:
    """The refusal of a number with too many digits."""
    return OperationRefusedError(E_NUMBER_TOO_LONG, limit=MAX_INTEGER_DIGITS)


def build_too_large(limit: int, unit: str) -> OperationRefusedError:
    """The refusal of a value with more than `limit` of `unit`."""
    return OperationRefusedError(E_VALUE_TOO_LARGE, limit=limit, unit=unit)


def bound_integer(value: int) -> int:
    """The value itself. Raises OperationRefusedError when it has too many digits."""
    if -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise build_too_long()


def check_length(length: int) -> None:
    """Refuse a str or bytes of this length when it is too long. Raises OperationRefusedError."""
    if length > MAX_TEXT_LENGTH:
        raise build_too_large(MAX_TEXT_LENGTH, "characters")


def check_items(count: int) -> None:
    """Refuse a list or dict of so many items when they are too many. Raises OperationRefusedError."""
    if count > MAX_ITEMS:
        raise build_too_large(MAX_ITEMS, "items")
