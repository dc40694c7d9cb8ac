"""The operators on list."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from typing import Any, Final

from opforge_ir.operators.bounds import bound_integer, check_items
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.sequences import SLICE_BOUNDS, repeat_size, slice_of

__all__ = ["LIST_OPERATORS"]


def _concat(a: list[Any], b: list[Any]) -> list[Any]:
    check_items(len(a) + len(b))
    return a + b


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


def _zip(*lists: list[Any]) -> list[Any]:
    return list(zip(*lists, strict=False))


def _zip_strict(*lists: list[Any]) -> list[Any]:
    return list(zip(*lists, strict=True))


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


def _sum_bool(flags: list[bool], start: int) -> int:
    return bound_integer(sum(flags, start))


def _product_int(numbers: list[int], start: int) -> int:
    product = start
    for number in numbers:
        product = bound_integer(product * number)
    return product


def _product_decimal(numbers: list[Decimal], start: Decimal) -> Decimal:
    return math.prod(numbers, start=start)


def _bytes(numbers: list[int]) -> bytes:
    return bytes(numbers)


def _index(items: list[Any], item: Any) -> int:
    return items.index(item)


def _count(items: list[Any], item: Any) -> int:
    return items.count(item)


def _repeat(items: list[Any], times: int) -> list[Any]:
    check_items(repeat_size(len(items), times))
    return items * times


def _exact(items: list[Any], count: int) -> list[Any]:
    if len(items) != count:
        raise ValueError(f"{count} values to unpack are needed")
    return items[:]


def _rest(items: list[Any], before: int, after: int) -> list[Any]:
    if len(items) < before + after:
        raise ValueError(f"{before + after} values to unpack are needed")
    return items[before : len(items) - after]


_ANY: Final = ("list[A]",)
_ITEM: Final = ("list[A]", "A")
_SIGNALS: Final = ("InvalidOperation", "Overflow")
_NAN: Final = ("InvalidOperation",)

LIST_OPERATORS: Final = (
    Operator("list.len", _ANY, "int", "`len(a)`", len),
    Operator("list.bool", _ANY, "bool", "`bool(a)`", bool),
    Operator(
        "list.get",
        ("list[A]", "int"),
        "A",
        "`a[i]`, also from the end",
        operator.getitem,
        ("IndexError",),
        gives="part",
    ),
    Operator("list.contains", _ITEM, "bool", "`x in a`", operator.contains, _NAN),
    Operator("list.concat", ("list[A]", "list[A]"), "list[A]", "`a + b`, a new list", _concat),
    Operator(
        "list.slice", ("list[A]", *SLICE_BOUNDS), "list[A]", "`a[start:stop:step]`", slice_of, ("ValueError",)
    ),
    Operator("list.bytes", ("list[int]",), "bytes", "`bytes(a)`", _bytes, ("ValueError",)),
    Operator("list.reversed", _ANY, "list[A]", "`list(reversed(a))`", _reversed),
    Operator("list.zip", ("list[A]", "list[B]"), "list[tuple[A,B]]", "`list(zip(a, b))`", _zip),
    Operator(
        "list.zip3", ("list[A]", "list[B]", "list[C]"), "list[tuple[A,B,C]]", "`list(zip(a, b, c))`", _zip
    ),
    Operator(
        "list.zip_all",
        ("list[Each]",),
        "list[tuple[Each]]",
        "`list(zip(a, b, …))`",
        _zip,
        is_variadic=True,
    ),
    Operator(
        "list.zip_strict",
        ("list[Each]",),
        "list[tuple[Each]]",
        "`list(zip(a, b, …, strict=True))`",
        _zip_strict,
        ("ValueError",),
        is_variadic=True,
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
    Operator("list.sum_bool", ("list[bool]", "int"), "int", "`sum(a, start)`", _sum_bool),
    Operator("list.prod_int", ("list[int]", "int"), "int", "`math.prod(a, start=…)`", _product_int),
    Operator(
        "list.prod_decimal",
        ("list[Decimal]", "Decimal"),
        "Decimal",
        "`math.prod(a, start=…)`",
        _product_decimal,
        _SIGNALS,
    ),
    Operator("list.any", ("list[bool]",), "bool", "`any(a)`", any),
    Operator("list.all", ("list[bool]",), "bool", "`all(a)`", all),
    Operator("list.index", _ITEM, "int", "`a.index(x)`", _index, ("ValueError", *_NAN)),
    Operator("list.count", _ITEM, "int", "`a.count(x)`", _count, _NAN),
    Operator(
        "list.repeat", ("list[A]", "int"), "list[A]", "`a * n`, a new list", _repeat, ("OverflowError",)
    ),
    Operator(
        "list.exact",
        ("list[A]", "int"),
        "list[A]",
        "the items of a list that has `n` of them, as unpacking asks",
        _exact,
        ("ValueError",),
    ),
    Operator(
        "list.rest",
        ("list[A]", "int", "int"),
        "list[A]",
        "the items but for the first `i` and the last `j`, as a star in unpacking takes them",
        _rest,
        ("ValueError",),
    ),
)
