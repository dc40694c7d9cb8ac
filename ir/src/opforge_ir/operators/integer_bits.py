"""The operators on the binary digits of int, and between int and its other written forms."""

from __future__ import annotations

from typing import Any, Final

from opforge_ir.operators.bounds import MAX_INTEGER_BITS, bound_integer, build_too_long, check_length
from opforge_ir.operators.characters import refuse_character
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.sequences import to_index

__all__ = ["INTEGER_BIT_OPERATORS"]

_CODE_POINTS: Final = 0x110000
_C_INT_LIMIT: Final = 2**31


def _and(a: int, b: int) -> int:
    return bound_integer(a & b)


def _or(a: int, b: int) -> int:
    return bound_integer(a | b)


def _xor(a: int, b: int) -> int:
    return bound_integer(a ^ b)


def _invert(a: int) -> int:
    return bound_integer(~a)


def _shift_left(a: int, b: int) -> int:
    if b > MAX_INTEGER_BITS and a:
        raise build_too_long()
    return bound_integer(a << b) if a or b < 0 else 0


def _shift_right(a: int, b: int) -> int:
    return a >> b


def _to_bytes(a: int, length: int, order: Any, is_signed: bool) -> bytes:
    check_length(to_index(length))
    return a.to_bytes(length, order, signed=is_signed)


def _from_bytes(data: bytes, order: Any, is_signed: bool) -> int:
    return bound_integer(int.from_bytes(data, order, signed=is_signed))


def _zeros(count: int) -> bytes:
    check_length(to_index(count))
    return bytes(count)


def _character(number: int) -> str:
    if not -_C_INT_LIMIT <= number < _C_INT_LIMIT:
        raise refuse_character(_CODE_POINTS, "Unicode ends before it, and Pythons raise different exceptions")
    if 0xD800 <= number <= 0xDFFF:
        raise refuse_character(number, "half of a surrogate pair cannot be stored")
    return chr(number)


_ONE: Final = ("int",)
_TWO: Final = ("int", "int")
_VALUE_ERROR: Final = ("ValueError",)
_SIZE_ERRORS: Final = ("OverflowError", "ValueError")

INTEGER_BIT_OPERATORS: Final = (
    Operator("int.and", _TWO, "int", "`a & b`, in two's complement", _and),
    Operator("int.or", _TWO, "int", "`a | b`, in two's complement", _or),
    Operator("int.xor", _TWO, "int", "`a ^ b`, in two's complement", _xor),
    Operator("int.invert", _ONE, "int", "`~a`: `-a - 1`", _invert),
    Operator("int.lshift", _TWO, "int", "`a << b` for `b >= 0`", _shift_left, _VALUE_ERROR),
    Operator(
        "int.rshift",
        _TWO,
        "int",
        "`a >> b` for `b >= 0`, rounding towards minus infinity",
        _shift_right,
        _VALUE_ERROR,
    ),
    Operator("int.bit_length", _ONE, "int", "`a.bit_length()`", int.bit_length),
    Operator("int.bit_count", _ONE, "int", "`a.bit_count()`", int.bit_count),
    Operator(
        "int.to_bytes",
        ("int", "int", "str", "bool"),
        "bytes",
        "`a.to_bytes(length, order, signed=…)`; the order is `big` or `little`",
        _to_bytes,
        _SIZE_ERRORS,
    ),
    Operator(
        "bytes.int",
        ("bytes", "str", "bool"),
        "int",
        "`int.from_bytes(a, order, signed=…)`",
        _from_bytes,
        _VALUE_ERROR,
    ),
    Operator("int.bytes", _ONE, "bytes", "`bytes(a)`: so many zero bytes", _zeros, _SIZE_ERRORS),
    Operator("int.chr", _ONE, "str", "`chr(a)`; no half of a surrogate pair", _character, _VALUE_ERROR),
)
