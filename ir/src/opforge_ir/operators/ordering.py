"""The operators that order the items of a list, or find the first and the last of them.

The order is CPython's own: stable, also where it is turned round. With a key the keys are computed before, in
the order of the items, as CPython does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from opforge_ir.operators.definition import Operator

__all__ = ["ORDERING_OPERATORS"]


def _get_key(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _min_by(pairs: Sequence[tuple[Any, Any]]) -> Any:
    return min(pairs, key=_get_key)[1]


def _max_by(pairs: Sequence[tuple[Any, Any]]) -> Any:
    return max(pairs, key=_get_key)[1]


def _sorted(items: list[Any], is_reverse: bool) -> list[Any]:
    return sorted(items, reverse=is_reverse)


def _sorted_by(pairs: list[tuple[Any, Any]], is_reverse: bool) -> list[Any]:
    return [item for _, item in sorted(pairs, key=_get_key, reverse=is_reverse)]


def _sort(items: list[Any], is_reverse: bool) -> None:
    items.sort(reverse=is_reverse)


def _sort_by(items: list[Any], keys: list[Any], is_reverse: bool) -> None:
    if len(keys) != len(items):
        raise ValueError("each item needs a key")
    # CPython asks for the key of each item once, in order, before it compares any.
    following = iter(keys)
    items.sort(key=lambda _: next(following), reverse=is_reverse)


_ITEMS: Final = ("list[O]",)
_PAIRS: Final = ("list[tuple[O,A]]",)
_NAN: Final = ("InvalidOperation",)
_EMPTY_OR_NAN: Final = ("ValueError", "InvalidOperation")

ORDERING_OPERATORS: Final = (
    Operator("list.min_int", ("list[int]",), "int", "`min(a)`", min, ("ValueError",)),
    Operator("list.max_int", ("list[int]",), "int", "`max(a)`", max, ("ValueError",)),
    Operator("list.min_decimal", ("list[Decimal]",), "Decimal", "`min(a)`", min, _EMPTY_OR_NAN),
    Operator("list.max_decimal", ("list[Decimal]",), "Decimal", "`max(a)`", max, _EMPTY_OR_NAN),
    Operator("list.min", _ITEMS, "O", "`min(a)`", min, _EMPTY_OR_NAN, gives="part"),
    Operator("list.max", _ITEMS, "O", "`max(a)`", max, _EMPTY_OR_NAN, gives="part"),
    Operator(
        "list.min_by",
        _PAIRS,
        "A",
        "`min(items, key=f)`, of pairs of a key and its item",
        _min_by,
        _EMPTY_OR_NAN,
        gives="part",
    ),
    Operator(
        "list.max_by",
        _PAIRS,
        "A",
        "`max(items, key=f)`, of pairs of a key and its item",
        _max_by,
        _EMPTY_OR_NAN,
        gives="part",
    ),
    Operator("list.sorted_int", ("list[int]",), "list[int]", "`sorted(a)`", sorted),
    Operator("list.sorted_str", ("list[str]",), "list[str]", "`sorted(a)`, by code point", sorted),
    Operator("list.sorted", (*_ITEMS, "bool"), "list[O]", "`sorted(a, reverse=flag)`", _sorted, _NAN),
    Operator(
        "list.sorted_by",
        (*_PAIRS, "bool"),
        "list[A]",
        "`sorted(items, key=f, reverse=flag)`, of pairs of a key and its item",
        _sorted_by,
        _NAN,
    ),
    Operator("list.sort", (*_ITEMS, "bool"), "None", "`a.sort(reverse=flag)`", _sort, _NAN, is_mutating=True),
    Operator(
        "list.sort_by",
        ("list[A]", "list[O]", "bool"),
        "None",
        "`a.sort(key=f, reverse=flag)`, of the items and their keys; as many of both",
        _sort_by,
        _EMPTY_OR_NAN,
        is_mutating=True,
    ),
)
