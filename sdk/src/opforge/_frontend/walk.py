"""Walking the typed tree: what an expression or statement consists of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, Final, TypeAlias, cast

from opforge._frontend.tree import (
    After,
    Apply,
    Assert,
    Assign,
    BooleanChain,
    Break,
    CallFunction,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    Continue,
    Decode,
    DictNew,
    EnumPart,
    Expr,
    ExprStatement,
    FailStatement,
    FieldOf,
    ForStatement,
    Handler,
    IfStatement,
    IsInstance,
    ListNew,
    Literal,
    Local,
    Mutate,
    Narrow,
    Pattern,
    Quantified,
    RecordNew,
    Request,
    Rethrow,
    ReturnStatement,
    SetNew,
    Statement,
    Temporary,
    TryStatement,
    TupleNew,
    Walrus,
    WhileStatement,
    Widen,
    With,
)

__all__ = ["Part", "get_parts", "walk"]

Part: TypeAlias = Expr | Statement | Clause | Handler | Pattern

_PARTS: Final[frozenset[type]] = frozenset(
    [
        *(After, Apply, BooleanChain, CallFunction, Comprehension, Conditional, ConstantRef, Decode, DictNew),
        *(EnumPart, FieldOf, IsInstance, ListNew, Literal, Local, Narrow, Quantified, RecordNew, Request),
        *(SetNew, Temporary, TupleNew, Walrus, Widen, With),
        *(Assert, Assign, Break, Continue, ExprStatement, FailStatement, ForStatement, IfStatement, Mutate),
        *(Rethrow, ReturnStatement, TryStatement, WhileStatement, Clause, Handler, Pattern),
    ]
)
# A temporary leads back to the expression that encloses it.
_LEAVES: Final[frozenset[type]] = frozenset([Literal, Local, Temporary, ConstantRef])
_WITHOUT_PARTS: Final = frozenset(
    [
        *("Type", "Span", "str", "bool", "str | None", "tuple[int, ...] | None"),
        *("dict[str, str]", "dict[str, Type]", "OperatorName", "MutatingOperatorName", "VerbName"),
        *("FunctionDecl", "RecordDecl", "ConstantDecl", "ContractDecl | None", "MemberPart"),
        *("list[str]", "list[ErrorName]", "tuple[str, ...]"),
    ]
)
"""Annotations of fields that hold no part. Any other field is looked through."""


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    if kind in _LEAVES:
        return ()
    return tuple(field.name for field in fields(kind) if field.type not in _WITHOUT_PARTS)


def get_parts(whole: Part) -> list[Part]:
    """The parts that stand directly in an expression, statement, clause or pattern."""
    parts: list[Part] = []
    kind: type = type(whole)
    for name in _field_names(kind):
        _collect(getattr(whole, name), parts)
    return parts


def _collect(value: object, parts: list[Any]) -> None:
    kind = type(value)
    if kind in _PARTS:
        parts.append(value)
    elif kind is list or kind is tuple:
        for item in cast("list[object]", value):
            if type(item) in _PARTS:
                parts.append(item)
            else:
                _collect(item, parts)
    elif kind is dict:
        for item in cast("dict[str, object]", value).values():
            _collect(item, parts)


def walk(whole: Part) -> Iterator[Part]:
    """The whole and everything in it."""
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += get_parts(part)
