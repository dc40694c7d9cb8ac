"""The operators on bytes."""

from __future__ import annotations

import operator
from typing import Final

from opforge_ir.operators.bounds import check_items, check_length
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.sequences import INDEX, SLICE_BOUNDS, repeat_size, slice_of, to_index

__all__ = ["BYTE_STRING_OPERATORS"]


def _concat(a: bytes, b: bytes) -> bytes:
    check_length(len(a) + len(b))
    return a + b


def _hex(data: bytes) -> str:
    check_length(2 * len(data))
    return data.hex()


def _get(data: bytes, index: int) -> int:
    return data[index]


def _numbers(data: bytes) -> list[int]:
    check_items(len(data))
    return list(data)


def _repeat(data: bytes, times: int) -> bytes:
    check_length(repeat_size(len(data), times))
    return data * times


def _has_byte(data: bytes, number: int) -> bool:
    return number in data


def _join(separator: bytes, parts: list[bytes]) -> bytes:
    check_length(sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1))
    return separator.join(parts)


def _strip(data: bytes, which: bytes | None) -> bytes:
    return data.strip(which)


def _strip_left(data: bytes, which: bytes | None) -> bytes:
    return data.lstrip(which)


def _strip_right(data: bytes, which: bytes | None) -> bytes:
    return data.rstrip(which)


def _starts_with(data: bytes, prefixes: list[bytes], start: int | None, stop: int | None) -> bool:
    return data.startswith(tuple(prefixes), start, stop)


def _ends_with(data: bytes, suffixes: list[bytes], start: int | None, stop: int | None) -> bool:
    return data.endswith(tuple(suffixes), start, stop)


def _replace(data: bytes, old: bytes, new: bytes, count: int) -> bytes:
    most = to_index(count)
    if len(new) > len(old):
        found = data.count(old)
        check_length(len(data) + (len(new) - len(old)) * (found if most < 0 else min(found, most)))
    return data.replace(old, new, count)


def _find(data: bytes, part: bytes, start: int | None, stop: int | None) -> int:
    return data.find(part, start, stop)


def _find_right(data: bytes, part: bytes, start: int | None, stop: int | None) -> int:
    return data.rfind(part, start, stop)


def _index(data: bytes, part: bytes, start: int | None, stop: int | None) -> int:
    return data.index(part, start, stop)


def _index_right(data: bytes, part: bytes, start: int | None, stop: int | None) -> int:
    return data.rindex(part, start, stop)


def _count(data: bytes, part: bytes, start: int | None, stop: int | None) -> int:
    return data.count(part, start, stop)


def _justify_left(data: bytes, width: int, fill: bytes) -> bytes:
    check_length(to_index(width))
    return data.ljust(width, fill)


def _justify_right(data: bytes, width: int, fill: bytes) -> bytes:
    check_length(to_index(width))
    return data.rjust(width, fill)


def _decode(data: bytes) -> str:
    return data.decode("utf-8")


def _decode_ascii(data: bytes) -> str:
    return data.decode("ascii")


_ONE: Final = ("bytes",)
_TWO: Final = ("bytes", "bytes")
_STRIP: Final = ("bytes", "Optional[bytes]")
_ANY_OF: Final = ("bytes", "list[bytes]", INDEX, INDEX)
_WITHIN: Final = ("bytes", "bytes", INDEX, INDEX)
_FILL: Final = ("bytes", "int", "bytes")
_VALUE_ERROR: Final = ("ValueError",)
_TOO_FAR: Final = ("OverflowError",)
_FILL_ERRORS: Final = ("TypeError", "OverflowError")

BYTE_STRING_OPERATORS: Final = (
    Operator("bytes.concat", _TWO, "bytes", "`a + b`", _concat),
    Operator("bytes.len", _ONE, "int", "`len(a)`", len),
    Operator("bytes.bool", _ONE, "bool", "`bool(a)`", bool),
    Operator("bytes.hex", _ONE, "str", "`a.hex()`", _hex),
    Operator("bytes.get", ("bytes", "int"), "int", "`a[i]`, also from the end", _get, ("IndexError",)),
    Operator(
        "bytes.slice", ("bytes", *SLICE_BOUNDS), "bytes", "`a[start:stop:step]`", slice_of, _VALUE_ERROR
    ),
    Operator("bytes.list", _ONE, "list[int]", "`list(a)`", _numbers),
    Operator("bytes.repeat", ("bytes", "int"), "bytes", "`a * times`", _repeat, _TOO_FAR),
    Operator("bytes.contains", _TWO, "bool", "`b in a`", operator.contains),
    Operator("bytes.contains_byte", ("bytes", "int"), "bool", "`b in a`", _has_byte, _VALUE_ERROR),
    Operator("bytes.join", ("bytes", "list[bytes]"), "bytes", "`a.join(parts)`", _join),
    Operator("bytes.strip", _STRIP, "bytes", "`a.strip(which)`", _strip),
    Operator("bytes.lstrip", _STRIP, "bytes", "`a.lstrip(which)`", _strip_left),
    Operator("bytes.rstrip", _STRIP, "bytes", "`a.rstrip(which)`", _strip_right),
    Operator("bytes.removeprefix", _TWO, "bytes", "`a.removeprefix(b)`", bytes.removeprefix),
    Operator("bytes.removesuffix", _TWO, "bytes", "`a.removesuffix(b)`", bytes.removesuffix),
    Operator(
        "bytes.startswith_any", _ANY_OF, "bool", "`a.startswith(tuple(prefixes), start, stop)`", _starts_with
    ),
    Operator("bytes.endswith_any", _ANY_OF, "bool", "`a.endswith(tuple(suffixes), start, stop)`", _ends_with),
    Operator(
        "bytes.replace",
        ("bytes", "bytes", "bytes", "int"),
        "bytes",
        "`a.replace(old, new, count)`",
        _replace,
        _TOO_FAR,
    ),
    Operator("bytes.find", _WITHIN, "int", "`a.find(b, start, stop)`", _find),
    Operator("bytes.rfind", _WITHIN, "int", "`a.rfind(b, start, stop)`", _find_right),
    Operator("bytes.index", _WITHIN, "int", "`a.index(b, start, stop)`", _index, _VALUE_ERROR),
    Operator("bytes.rindex", _WITHIN, "int", "`a.rindex(b, start, stop)`", _index_right, _VALUE_ERROR),
    Operator("bytes.count", _WITHIN, "int", "`a.count(b, start, stop)`", _count),
    Operator("bytes.ljust", _FILL, "bytes", "`a.ljust(width, fill)`", _justify_left, _FILL_ERRORS),
    Operator("bytes.rjust", _FILL, "bytes", "`a.rjust(width, fill)`", _justify_right, _FILL_ERRORS),
    Operator("bytes.decode_utf8", _ONE, "str", "`a.decode()`", _decode, _VALUE_ERROR),
    Operator("bytes.decode_ascii", _ONE, "str", '`a.decode("ascii")`', _decode_ascii, _VALUE_ERROR),
)
