"""The operators on bytes."""

from __future__ import annotations

from typing import Final

from opforge_ir.operators.bounds import check_length
from opforge_ir.operators.definition import Operator

__all__ = ["BYTE_STRING_OPERATORS"]


def _concat(a: bytes, b: bytes) -> bytes:
    check_length(len(a) + len(b))
    return a + b


def _hex(data: bytes) -> str:
    check_length(2 * len(data))
    return data.hex()


_ONE: Final = ("bytes",)

BYTE_STRING_OPERATORS: Final = (
    Operator("bytes.concat", ("bytes", "bytes"), "bytes", "`a + b`", _concat),
    Operator("bytes.len", _ONE, "int", "`len(a)`", len),
    Operator("bytes.bool", _ONE, "bool", "`bool(a)`", bool),
    Operator("bytes.hex", _ONE, "str", "`a.hex()`", _hex),
)
