"""Walking the typed tree: what an expression or statement consists of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import TypeAlias, cast

from opforge._frontend.tree import (
    Apply,
    Assert,
    Assign,
    BooleanChain,
    CallFunction,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    Decode,
    DictNew,
    Expr,
    ExprStatement,
    FailStatement,
    FieldOf,
    ForStatement,
    IfStatement,
    ListNew,
    Literal,
    Local,
    Mutate,
    Pattern,
    Quantified,
    RecordNew,
    Request,
    ReturnStatement,
    Statement,
    Temporary,
    TupleNew,
    With,
)

__all__ = ["Part", "get_parts", "walk"]

Part: TypeAlias = Expr | Statement | Clause | Pattern

_PARTS = (
    *(Apply, BooleanChain, CallFunction, Comprehension, Conditional, ConstantRef, Decode, DictNew, FieldOf),
    *(ListNew, Literal, Local, Quantified, RecordNew, Request, Temporary, TupleNew, With),
    *(Assert, Assign, ExprStatement, FailStatement, ForStatement, IfStatement, Mutate, ReturnStatement),
    *(Clause, Pattern),
)
# A temporary leads back to the expression that encloses it.
_LEAVES = (Literal, Local, Temporary, ConstantRef)


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def get_parts(whole: Part) -> Iterator[Part]:
    """The parts that stand directly in an expression, statement, clause or pattern."""
    if isinstance(whole, _LEAVES):
        return
    kind: type = type(whole)
    for name in _field_names(kind):
        yield from _parts_of(getattr(whole, name))


def _parts_of(value: object) -> Iterator[Part]:
    if isinstance(value, _PARTS):
        yield value
    elif isinstance(value, list | tuple):
        for item in cast("list[object]", value):
            yield from _parts_of(item)
    elif isinstance(value, dict):
        for item in cast("dict[str, object]", value).values():
            yield from _parts_of(item)


def walk(whole: Part) -> Iterator[Part]:
    """The whole and everything in it."""
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(get_parts(part))
