"""Tuples as Python joins, repeats and goes through them: each is written out, since its length is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from opforge._frontend.arguments import evaluate_first
from opforge._frontend.coercion import is_stable
from opforge._frontend.tree import Expr, FieldOf, ListNew, TupleNew
from opforge_ir.diagnostics import Span
from opforge_ir.types import list_of, tuple_of

__all__ = ["MAX_TUPLE_ITEMS", "concat_tuples", "list_tuple_items", "repeat_tuple"]

MAX_TUPLE_ITEMS: Final = 64
"""As many items a tuple may get by joining and repeating."""


def concat_tuples(left: Expr, right: Expr, span: Span) -> Expr:
    """`left + right`."""
    return _build([left, right], lambda parts: [item for part in parts for item in part], span)


def repeat_tuple(value: Expr, times: int, span: Span) -> Expr:
    """`value * times`, for one or more times."""
    return _build([value], lambda parts: parts[0] * times, span)


def list_tuple_items(value: Expr) -> Expr | None:
    """The items as a list; None where they are of different types."""
    kinds = set(value.type.args)
    if len(kinds) != 1:
        return None
    kind = list_of(value.type.args[0])
    if isinstance(value, TupleNew):
        return ListNew(kind, value.span, value.items)
    return evaluate_first(
        {"whole": value}, lambda ready: ListNew(kind, value.span, _items(ready["whole"], value.span))
    )


def _build(values: list[Expr], combine: Callable[[list[list[Expr]]], list[Expr]], span: Span) -> Expr:
    """The tuple of what `combine` makes of the items; what has to be computed is computed once, in order."""
    computed = {str(index): value for index, value in enumerate(values) if not _is_written_out(value)}

    def build(ready: dict[str, Expr]) -> Expr:
        wholes = [ready.get(str(index), value) for index, value in enumerate(values)]
        items = combine([_items(each, span) for each in wholes])
        return TupleNew(tuple_of(*(item.type for item in items)), span, items)

    return evaluate_first(computed, build)


def _is_written_out(value: Expr) -> bool:
    return isinstance(value, TupleNew) and all(map(is_stable, value.items))


def _items(value: Expr, span: Span) -> list[Expr]:
    if isinstance(value, TupleNew):
        return value.items
    return [FieldOf(kind, span, value, str(index)) for index, kind in enumerate(value.type.args)]
