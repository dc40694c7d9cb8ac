"""The operators that change a dict, and the one that gives what `popitem` takes out."""

from __future__ import annotations

import operator
from typing import Any, Final

from opforge_ir.operators.bounds import MAX_ITEMS, check_items
from opforge_ir.operators.definition import Operator

__all__ = ["DICT_CHANGES"]


def _last(entries: dict[Any, Any]) -> tuple[Any, Any]:
    for key in reversed(entries):
        return key, entries[key]
    raise KeyError("the dict is empty")


def _set(entries: dict[Any, Any], key: Any, value: Any) -> None:
    if len(entries) >= MAX_ITEMS and key not in entries:
        check_items(len(entries) + 1)
    entries[key] = value


def _clear(entries: dict[Any, Any]) -> None:
    entries.clear()


def _discard(entries: dict[Any, Any], key: Any) -> None:
    entries.pop(key, None)


def _popitem(entries: dict[Any, Any]) -> None:
    entries.popitem()


def _set_default(entries: dict[Any, Any], key: Any, value: Any) -> None:
    if key not in entries:
        _set(entries, key, value)


def _update(entries: dict[Any, Any], others: dict[Any, Any]) -> None:
    if len(entries) + len(others) > MAX_ITEMS:
        check_items(len(entries.keys() | others.keys()))
    entries.update(others)


def _update_pairs(entries: dict[Any, Any], pairs: list[tuple[Any, Any]]) -> None:
    for key, value in pairs:
        _set(entries, key, value)


_ANY: Final = ("dict[K,V]",)
_KEY: Final = ("dict[K,V]", "K")
_ENTRY: Final = ("dict[K,V]", "K", "V")
_MISSING: Final = ("KeyError",)

DICT_CHANGES: Final = (
    Operator("dict.last", _ANY, "tuple[K,V]", "the entry that `a.popitem()` gives", _last, _MISSING),
    Operator("dict.clear", _ANY, "None", "`a.clear()`", _clear, is_mutating=True),
    Operator("dict.delete", _KEY, "None", "`del a[key]`", operator.delitem, _MISSING, is_mutating=True),
    Operator("dict.discard", _KEY, "None", "`a.pop(key, None)`", _discard, is_mutating=True),
    Operator("dict.popitem", _ANY, "None", "`a.popitem()`", _popitem, _MISSING, is_mutating=True),
    Operator("dict.set", _ENTRY, "None", "`a[key] = value`", _set, is_mutating=True),
    Operator(
        "dict.set_default", _ENTRY, "None", "`a.setdefault(key, value)`", _set_default, is_mutating=True
    ),
    Operator(
        "dict.update",
        ("dict[K,V]", "dict[K,V]"),
        "None",
        "`a.update(b)`",
        _update,
        is_mutating=True,
        is_spreading=True,
    ),
    Operator(
        "dict.update_pairs",
        ("dict[K,V]", "list[tuple[K,V]]"),
        "None",
        "`a.update(pairs)`",
        _update_pairs,
        is_mutating=True,
        is_spreading=True,
    ),
)
