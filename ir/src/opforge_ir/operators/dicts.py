"""The operators on dict, which keeps insertion order."""

from __future__ import annotations

import operator
from typing import Any, Final

from opforge_ir.operators.bounds import MAX_ITEMS, check_items
from opforge_ir.operators.definition import Operator

__all__ = ["DICT_OPERATORS"]


def _get(entries: dict[Any, Any], key: Any, default: Any) -> Any:
    return entries.get(key, default)


def _find(entries: dict[Any, Any], key: Any) -> Any:
    return entries.get(key)


def _values(entries: dict[Any, Any]) -> list[Any]:
    return list(entries.values())


def _items(entries: dict[Any, Any]) -> list[tuple[Any, Any]]:
    return list(entries.items())


def _merge(entries: dict[Any, Any], others: dict[Any, Any]) -> dict[Any, Any]:
    if len(entries) + len(others) > MAX_ITEMS:
        check_items(len(entries.keys() | others.keys()))
    return entries | others


_ANY: Final = ("dict[K,V]",)
_WITH_KEY: Final = ("dict[K,V]", "K")

DICT_OPERATORS: Final = (
    Operator("dict.len", _ANY, "int", "`len(a)`", len),
    Operator("dict.bool", _ANY, "bool", "`bool(a)`", bool),
    Operator("dict.item", _WITH_KEY, "V", "`a[key]`", operator.getitem, ("KeyError",), gives="part"),
    Operator("dict.get", ("dict[K,V]", "K", "V"), "V", "`a.get(key, default)`", _get, gives="part"),
    Operator("dict.find", _WITH_KEY, "Optional[V]", "`a.get(key)`", _find, gives="part"),
    Operator("dict.contains", _WITH_KEY, "bool", "`key in a`", operator.contains),
    Operator("dict.keys", _ANY, "list[K]", "`list(a)`, in insertion order", list),
    Operator("dict.values", _ANY, "list[V]", "`list(a.values())`, in insertion order", _values),
    Operator("dict.items", _ANY, "list[tuple[K,V]]", "`list(a.items())`, in insertion order", _items),
    Operator(
        "dict.from_pairs",
        ("list[tuple[K,V]]",),
        "dict[K,V]",
        "`dict(pairs)`: a later pair replaces an earlier one in its place",
        dict,
    ),
    Operator("dict.merge", ("dict[K,V]", "dict[K,V]"), "dict[K,V]", "`a | b`, a new dict", _merge),
)
