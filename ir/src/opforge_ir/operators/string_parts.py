"""The operators that take a str apart, look into it, or make a larger one of it."""

from __future__ import annotations

from typing import Final

from opforge_ir.operators.bounds import MAX_ITEMS, check_items, check_length
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.sequences import INDEX, SLICE_BOUNDS, repeat_size, slice_of, to_index

__all__ = ["STRING_PART_OPERATORS"]

_C_INT_LIMIT: Final = 2**31
_LINE_ENDS: Final = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What `str.splitlines` splits at; a carriage return and a line feed are one end."""


def _get(text: str, index: int) -> str:
    return text[index]


def _characters(text: str) -> list[str]:
    check_items(len(text))
    return list(text)


def _repeat(text: str, times: int) -> str:
    check_length(repeat_size(len(text), times))
    return text * times


def _strip(text: str, characters: str | None) -> str:
    return text.strip(characters)


def _strip_left(text: str, characters: str | None) -> str:
    return text.lstrip(characters)


def _strip_right(text: str, characters: str | None) -> str:
    return text.rstrip(characters)


def _starts_with(text: str, prefixes: list[str], start: int | None, stop: int | None) -> bool:
    return text.startswith(tuple(prefixes), start, stop)


def _ends_with(text: str, suffixes: list[str], start: int | None, stop: int | None) -> bool:
    return text.endswith(tuple(suffixes), start, stop)


def _most_splits(limit: int) -> int:
    """As many splits as may be made: one more than the bound shows that there are too many."""
    limit = to_index(limit)
    return MAX_ITEMS if limit < 0 else min(limit, MAX_ITEMS)


def _split(text: str, separator: str | None, limit: int) -> list[str]:
    parts = text.split(separator, _most_splits(limit))
    check_items(len(parts))
    return parts


def _split_right(text: str, separator: str | None, limit: int) -> list[str]:
    parts = text.rsplit(separator, _most_splits(limit))
    check_items(len(parts))
    return parts


def _split_lines(text: str, keeps_ends: bool) -> list[str]:
    if len(text) > MAX_ITEMS:
        ends = sum(map(text.count, _LINE_ENDS)) - text.count("\r\n")
        check_items(ends + (text[-1] not in _LINE_ENDS))
    return text.splitlines(keeps_ends)


def _replace(text: str, old: str, new: str, count: int) -> str:
    most = to_index(count)
    if len(new) > len(old):
        found = text.count(old)
        check_length(len(text) + (len(new) - len(old)) * (found if most < 0 else min(found, most)))
    return text.replace(old, new, count)


def _find(text: str, part: str, start: int | None, stop: int | None) -> int:
    return text.find(part, start, stop)


def _find_right(text: str, part: str, start: int | None, stop: int | None) -> int:
    return text.rfind(part, start, stop)


def _index(text: str, part: str, start: int | None, stop: int | None) -> int:
    return text.index(part, start, stop)


def _index_right(text: str, part: str, start: int | None, stop: int | None) -> int:
    return text.rindex(part, start, stop)


def _count(text: str, part: str, start: int | None, stop: int | None) -> int:
    return text.count(part, start, stop)


def _fill_zeros(text: str, width: int) -> str:
    check_length(to_index(width))
    return text.zfill(width)


def _justify_left(text: str, width: int, fill: str) -> str:
    check_length(to_index(width))
    return text.ljust(width, fill)


def _justify_right(text: str, width: int, fill: str) -> str:
    check_length(to_index(width))
    return text.rjust(width, fill)


def _center(text: str, width: int, fill: str) -> str:
    check_length(to_index(width))
    return text.center(width, fill)


def _expand_tabs(text: str, size: int) -> str:
    if not -_C_INT_LIMIT <= size < _C_INT_LIMIT:
        raise OverflowError("the tab size does not fit into a C int")
    check_length(_measure_tabs(text, size))
    return text.expandtabs(size)


def _measure_tabs(text: str, size: int) -> int:
    """How long the text is with its tabs expanded; lines end with a line feed or a carriage return."""
    length = 0
    for line in text.replace("\r", "\n").split("\n"):
        *before, last = line.split("\t")
        length += sum(len(part) // size * size + size if size > 0 else len(part) for part in before)
        length += len(last) + 1
    return length - 1


_ONE: Final = ("str",)
_TWO: Final = ("str", "str")
_ANY_OF: Final = ("str", "list[str]", INDEX, INDEX)
_WITHIN: Final = ("str", "str", INDEX, INDEX)
_SPLIT: Final = ("str", "Optional[str]", "int")
_STRIP: Final = ("str", "Optional[str]")
_FILL: Final = ("str", "int", "str")
_VALUE_ERROR: Final = ("ValueError",)
_TOO_FAR: Final = ("OverflowError",)
_SPLIT_ERRORS: Final = ("ValueError", "OverflowError")
_FILL_ERRORS: Final = ("TypeError", "OverflowError")

STRING_PART_OPERATORS: Final = (
    Operator("str.get", ("str", "int"), "str", "`a[i]`, also from the end", _get, ("IndexError",)),
    Operator("str.slice", ("str", *SLICE_BOUNDS), "str", "`a[start:stop:step]`", slice_of, _VALUE_ERROR),
    Operator("str.list", _ONE, "list[str]", "`list(a)`: its characters", _characters),
    Operator("str.repeat", ("str", "int"), "str", "`a * times`", _repeat, _TOO_FAR),
    Operator("str.strip_chars", _STRIP, "str", "`a.strip(characters)`", _strip),
    Operator("str.lstrip", _STRIP, "str", "`a.lstrip(characters)`", _strip_left),
    Operator("str.rstrip", _STRIP, "str", "`a.rstrip(characters)`", _strip_right),
    Operator("str.removeprefix", _TWO, "str", "`a.removeprefix(b)`", str.removeprefix),
    Operator("str.removesuffix", _TWO, "str", "`a.removesuffix(b)`", str.removesuffix),
    Operator(
        "str.startswith_any", _ANY_OF, "bool", "`a.startswith(tuple(prefixes), start, stop)`", _starts_with
    ),
    Operator("str.endswith_any", _ANY_OF, "bool", "`a.endswith(tuple(suffixes), start, stop)`", _ends_with),
    Operator("str.split_most", _SPLIT, "list[str]", "`a.split(sep, maxsplit)`", _split, _SPLIT_ERRORS),
    Operator("str.rsplit", _SPLIT, "list[str]", "`a.rsplit(sep, maxsplit)`", _split_right, _SPLIT_ERRORS),
    Operator("str.splitlines", ("str", "bool"), "list[str]", "`a.splitlines(keepends)`", _split_lines),
    Operator("str.partition", _TWO, "tuple[str,str,str]", "`a.partition(sep)`", str.partition, _VALUE_ERROR),
    Operator(
        "str.rpartition", _TWO, "tuple[str,str,str]", "`a.rpartition(sep)`", str.rpartition, _VALUE_ERROR
    ),
    Operator(
        "str.replace", ("str", "str", "str", "int"), "str", "`a.replace(old, new, count)`", _replace, _TOO_FAR
    ),
    Operator("str.find", _WITHIN, "int", "`a.find(b, start, stop)`", _find),
    Operator("str.rfind", _WITHIN, "int", "`a.rfind(b, start, stop)`", _find_right),
    Operator("str.index", _WITHIN, "int", "`a.index(b, start, stop)`", _index, _VALUE_ERROR),
    Operator("str.rindex", _WITHIN, "int", "`a.rindex(b, start, stop)`", _index_right, _VALUE_ERROR),
    Operator("str.count", _WITHIN, "int", "`a.count(b, start, stop)`", _count),
    Operator("str.zfill", ("str", "int"), "str", "`a.zfill(width)`", _fill_zeros, _TOO_FAR),
    Operator("str.ljust", _FILL, "str", "`a.ljust(width, fill)`", _justify_left, _FILL_ERRORS),
    Operator("str.rjust", _FILL, "str", "`a.rjust(width, fill)`", _justify_right, _FILL_ERRORS),
    Operator("str.center", _FILL, "str", "`a.center(width, fill)`", _center, _FILL_ERRORS),
    Operator("str.expandtabs", ("str", "int"), "str", "`a.expandtabs(size)`", _expand_tabs, _TOO_FAR),
)
