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


def _set(entries: dict[Any, Any], key: Any, value: Any) -> None:
    if len(entries) >= MAX_ITEMS and key not in entries:
        check_items(len(entries) + 1)
    entries[key] = value


_ANY: Final = ("dict[K,V]",)
_WITH_KEY: Final = ("dict[K,V]", "K")

DICT_OPERATORS: Final = (
    Operator("dict.len", _ANY, "int", "`len(a)`", len),
    Operator("dict.bool", _ANY, "bool", "`bool(a)`", bool),
    Operator("dict.item", _WITH_KEY, "V", "`a[key]`", operator.getitem, ("KeyError",)),
    Operator("dict.get", ("dict[K,V]", "K", "V"), "V", "`a.get(key, default)`", _get),
    Operator("dict.find", _WITH_KEY, "Optional[V]", "`a.get(key)`", _find),
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
    Operator("dict.set", ("dict[K,V]", "K", "V"), "None", "`a[key] = value`", _set, is_mutating=True),
)
