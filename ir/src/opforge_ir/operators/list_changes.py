"""The operators that change a list, and those that give what such a change takes out."""

from __future__ import annotations

import operator
from typing import Any, Final

from opforge_ir.operators.bounds import check_items
from opforge_ir.operators.definition import Operator

__all__ = ["LIST_CHANGES"]


def _append(items: list[Any], item: Any) -> None:
    check_items(len(items) + 1)
    items.append(item)


def _insert(items: list[Any], index: int, item: Any) -> None:
    check_items(len(items) + 1)
    items.insert(index, item)


def _extend(items: list[Any], others: list[Any]) -> None:
    check_items(len(items) + len(others))
    items.extend(others)


def _peek(items: list[Any], index: int) -> Any:
    # Outside of the list the exception is that of `pop`: for a huge index another one than of `items[index]`.
    return items[index] if -len(items) <= index < len(items) else items[:].pop(index)


def _clear(items: list[Any]) -> None:
    items.clear()


def _remove(items: list[Any], item: Any) -> None:
    items.remove(item)


def _reverse(items: list[Any]) -> None:
    items.reverse()


def _pop(items: list[Any], index: int) -> None:
    items.pop(index)


_PLACE: Final = ("list[A]", "int")
_ITEM: Final = ("list[A]", "A")
_POP_ERRORS: Final = ("IndexError", "OverflowError")
_REMOVE_ERRORS: Final = ("ValueError", "InvalidOperation")

LIST_CHANGES: Final = (
    Operator("list.peek", _PLACE, "A", "the item that `a.pop(i)` gives", _peek, _POP_ERRORS, gives="part"),
    Operator("list.append", _ITEM, "None", "`a.append(x)`", _append, is_mutating=True),
    Operator("list.clear", ("list[A]",), "None", "`a.clear()`", _clear, is_mutating=True),
    Operator(
        "list.delete", _PLACE, "None", "`del a[i]`", operator.delitem, ("IndexError",), is_mutating=True
    ),
    Operator(
        "list.extend",
        ("list[A]", "list[A]"),
        "None",
        "`a.extend(b)`",
        _extend,
        is_mutating=True,
        is_spreading=True,
    ),
    Operator(
        "list.insert",
        ("list[A]", "int", "A"),
        "None",
        "`a.insert(i, x)`",
        _insert,
        ("OverflowError",),
        is_mutating=True,
    ),
    Operator("list.pop", _PLACE, "None", "`a.pop(i)`", _pop, _POP_ERRORS, is_mutating=True),
    Operator("list.remove", _ITEM, "None", "`a.remove(x)`", _remove, _REMOVE_ERRORS, is_mutating=True),
    Operator("list.reverse", ("list[A]",), "None", "`a.reverse()`", _reverse, is_mutating=True),
    Operator(
        "list.set",
        ("list[A]", "int", "A"),
        "None",
        "`a[i] = x`",
        operator.setitem,
        ("IndexError",),
        is_mutating=True,
    ),
)
