"""The operators on set. Its order is not defined, so nothing gives its items but in ascending order."""

from __future__ import annotations

import operator
from typing import Any, Final, TypeAlias

from opforge_ir.operators.bounds import MAX_ITEMS, check_items
from opforge_ir.operators.definition import Operator

__all__ = ["SET_OPERATORS"]

_Set: TypeAlias = "set[Any]"


def _union(items: _Set, others: _Set) -> _Set:
    _check_union(items, others)
    return items | others


def _intersection(items: _Set, others: _Set) -> _Set:
    return items & others


def _check_union(items: _Set, others: _Set) -> None:
    if len(items) + len(others) > MAX_ITEMS:
        check_items(len(items | others))


def _add(items: _Set, item: Any) -> None:
    if len(items) >= MAX_ITEMS:
        check_items(len(items) + (item not in items))
    items.add(item)


def _update(items: _Set, others: _Set) -> None:
    _check_union(items, others)
    items.update(others)


def _symmetric_difference(items: _Set, others: _Set) -> _Set:
    if len(items) + len(others) > MAX_ITEMS:
        check_items(len(items ^ others))
    return items ^ others


def _symmetric_update(items: _Set, others: _Set) -> None:
    if len(items) + len(others) > MAX_ITEMS:
        check_items(len(items ^ others))
    items.symmetric_difference_update(others)


_METHODS: Final[Any] = set
_ONE: Final = ("set[A]",)
_TWO: Final = ("set[A]", "set[A]")
_WITH_ITEM: Final = ("set[A]", "A")

SET_OPERATORS: Final = (
    Operator("set.len", _ONE, "int", "`len(a)`", len),
    Operator("set.bool", _ONE, "bool", "`bool(a)`", bool),
    Operator("set.contains", _WITH_ITEM, "bool", "`x in a`", operator.contains),
    Operator("set.copy", _ONE, "set[A]", "`a.copy()`", _METHODS.copy),
    Operator("set.from_list", ("list[A]",), "set[A]", "`set(items)`", set),
    Operator("set.sorted", _ONE, "list[A]", "the items in the order in which they are stored", sorted),
    Operator("set.union", _TWO, "set[A]", "`a | b`, a new set", _union),
    Operator("set.intersection", _TWO, "set[A]", "`a & b`, a new set", _intersection),
    Operator("set.difference", _TWO, "set[A]", "`a - b`, a new set", operator.sub),
    Operator("set.symmetric_difference", _TWO, "set[A]", "`a ^ b`, a new set", _symmetric_difference),
    Operator("set.le", _TWO, "bool", "`a <= b`: whether `b` has every item of `a`", operator.le),
    Operator("set.lt", _TWO, "bool", "`a < b`: the same, and they are not equal", operator.lt),
    Operator("set.is_disjoint", _TWO, "bool", "`a.isdisjoint(b)`", _METHODS.isdisjoint),
    Operator("set.add", _WITH_ITEM, "None", "`a.add(x)`", _add, is_mutating=True),
    Operator("set.discard", _WITH_ITEM, "None", "`a.discard(x)`", _METHODS.discard, is_mutating=True),
    Operator(
        "set.remove", _WITH_ITEM, "None", "`a.remove(x)`", _METHODS.remove, ("KeyError",), is_mutating=True
    ),
    Operator("set.clear", _ONE, "None", "`a.clear()`", _METHODS.clear, is_mutating=True),
    Operator("set.update", _TWO, "None", "`a |= b`", _update, is_mutating=True, is_spreading=True),
    Operator(
        "set.keep",
        _TWO,
        "None",
        "`a &= b`",
        _METHODS.intersection_update,
        is_mutating=True,
        is_spreading=True,
    ),
    Operator(
        "set.subtract",
        _TWO,
        "None",
        "`a -= b`",
        _METHODS.difference_update,
        is_mutating=True,
        is_spreading=True,
    ),
    Operator("set.toggle", _TWO, "None", "`a ^= b`", _symmetric_update, is_mutating=True, is_spreading=True),
)
