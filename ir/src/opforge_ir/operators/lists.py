"""The operators on list."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Any, Final

from opforge_ir.operators.bounds import bound_integer, check_items
from opforge_ir.operators.definition import Operator

__all__ = ["LIST_OPERATORS"]


def _concat(a: list[Any], b: list[Any]) -> list[Any]:
    check_items(len(a) + len(b))
    return a + b


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


def _zip(*lists: list[Any]) -> list[Any]:
    return list(zip(*lists, strict=False))


def _enumerate(items: list[Any], start: int) -> list[tuple[int, Any]]:
    bound_integer(start + len(items))
    return list(enumerate(items, start))


def _flatten(lists: list[list[Any]]) -> list[Any]:
    check_items(sum(map(len, lists)))
    return [item for items in lists for item in items]


def _sum_int(numbers: list[int], start: int) -> int:
    return bound_integer(sum(numbers, start))


def _sum_decimal(numbers: list[Decimal], start: Decimal) -> Decimal:
    return sum(numbers, start)


def _append(items: list[Any], item: Any) -> None:
    check_items(len(items) + 1)
    items.append(item)


_ANY: Final = ("list[A]",)
_SIGNALS: Final = ("InvalidOperation", "Overflow")
_EMPTY: Final = ("ValueError",)
_EMPTY_OR_NAN: Final = ("ValueError", "InvalidOperation")

LIST_OPERATORS: Final = (
    Operator("list.len", _ANY, "int", "`len(a)`", len),
    Operator("list.bool", _ANY, "bool", "`bool(a)`", bool),
    Operator(
        "list.get", ("list[A]", "int"), "A", "`a[i]`, also from the end", operator.getitem, ("IndexError",)
    ),
    Operator("list.contains", ("list[A]", "A"), "bool", "`x in a`", operator.contains, ("InvalidOperation",)),
    Operator("list.concat", ("list[A]", "list[A]"), "list[A]", "`a + b`, a new list", _concat),
    Operator("list.reversed", _ANY, "list[A]", "`list(reversed(a))`", _reversed),
    Operator("list.zip", ("list[A]", "list[B]"), "list[tuple[A,B]]", "`list(zip(a, b))`", _zip),
    Operator(
        "list.zip3", ("list[A]", "list[B]", "list[C]"), "list[tuple[A,B,C]]", "`list(zip(a, b, c))`", _zip
    ),
    Operator(
        "list.enumerate",
        ("list[A]", "int"),
        "list[tuple[int,A]]",
        "`list(enumerate(a, start))`",
        _enumerate,
    ),
    Operator("list.flatten", ("list[list[A]]",), "list[A]", "the items of the items, in order", _flatten),
    Operator("list.sum_int", ("list[int]", "int"), "int", "`sum(a, start)`", _sum_int),
    Operator(
        "list.sum_decimal", ("list[Decimal]", "Decimal"), "Decimal", "`sum(a, start)`", _sum_decimal, _SIGNALS
    ),
    Operator("list.min_int", ("list[int]",), "int", "`min(a)`", min, _EMPTY),
    Operator("list.max_int", ("list[int]",), "int", "`max(a)`", max, _EMPTY),
    Operator("list.min_decimal", ("list[Decimal]",), "Decimal", "`min(a)`", min, _EMPTY_OR_NAN),
    Operator("list.max_decimal", ("list[Decimal]",), "Decimal", "`max(a)`", max, _EMPTY_OR_NAN),
    Operator("list.any", ("list[bool]",), "bool", "`any(a)`", any),
    Operator("list.all", ("list[bool]",), "bool", "`all(a)`", all),
    Operator("list.sorted_int", ("list[int]",), "list[int]", "`sorted(a)`", sorted),
    Operator("list.sorted_str", ("list[str]",), "list[str]", "`sorted(a)`, by code point", sorted),
    Operator("list.append", ("list[A]", "A"), "None", "`a.append(x)`", _append, is_mutating=True),
)
