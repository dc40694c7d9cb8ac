"""What the lowering of one function shares: spelling, effects, places, and temporaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from opforge import _ir
from opforge._frontend.spelling import Spelling
from opforge._frontend.symbols import FunctionDecl, split_enum
from opforge._frontend.tree import (
    After,
    Apply,
    BooleanChain,
    CallFunction,
    Comprehension,
    ConstantRef,
    EnumPart,
    Expr,
    FieldOf,
    IsInstance,
    ListNew,
    Literal,
    Local,
    Quantified,
    RecordNew,
    Request,
    Temporary,
    TupleNew,
    Walrus,
    Widen,
    With,
)
from opforge._frontend.walk import Part, get_parts, walk
from opforge_ir.diagnostics import Span
from opforge_ir.operators import OPERATORS
from opforge_ir.types import DECIMAL, Type

__all__ = [
    "Env",
    "Lowering",
    "OpenLoop",
    "OpenTry",
    "Places",
    "Slot",
    "find_effectful",
    "is_order_kept_by_nodes",
    "is_settled",
]

Env: TypeAlias = "dict[str, tuple[_ir.Expression, Type]]"
"""For each variable of the author: the value that it has at this point, and its type."""


class Places:
    """Where in the source each dictionary of a document came from."""

    def __init__(self) -> None:
        # The dictionary is kept beside its place, so that its identity is not given to another one.
        self._spans: dict[int, tuple[object, Span]] = {}

    def put(self, made: object, span: Span) -> None:
        """Remember the place of a dictionary; the first one stays."""
        self._spans.setdefault(id(made), (made, span))

    def get(self, made: object) -> Span | None:
        """The place of a dictionary."""
        found = self._spans.get(id(made))
        return None if found is None else found[1]


def find_effectful(functions: Iterable[FunctionDecl]) -> frozenset[str]:
    """The keys of the functions that have effects, also through those they call; callees come first.

    Calling an op is an effect, whatever it does: a step of the run.
    """
    effectful: set[str] = set()
    for function in functions:
        parts = (part for statement in function.body for part in walk(statement))
        if function.is_op or any(_has_effect(part, effectful) for part in parts):
            effectful.add(function.key)
    return frozenset(effectful)


def _has_effect(part: Part, effectful: set[str] | frozenset[str]) -> bool:
    match part:
        case Request():
            return True
        case CallFunction():
            return part.function.key in effectful
        case _:
            return False


def is_order_kept_by_nodes(operands: Sequence[Expr], order: Sequence[int] | None) -> bool:
    """Whether Python's order of evaluation is another one than the IR's, and can be told from it.

    Of operands in another order at most one may be left in its place; the others are named before it.
    """
    if order is None or list(order) == sorted(order):
        return False
    return sum(not is_settled(operand) for operand in operands) > 1


def is_settled(expression: Expr) -> bool:
    """Whether an expression gives the same value, and no error, wherever it is evaluated from here on."""
    match expression:
        case Literal() | Local() | Temporary() | ConstantRef():
            return True
        case FieldOf():
            return is_settled(expression.of)
        case Widen() | IsInstance():
            return is_settled(expression.value)
        case EnumPart(part="value" | "name"):
            return is_settled(expression.of)
        case BooleanChain():
            return all(map(is_settled, expression.args))
        case ListNew() | TupleNew():
            return all(is_settled(item) for item in expression.items)
        case RecordNew():
            return all(is_settled(value) for _, value in expression.fields)
        case Apply():
            return not _may_raise(expression) and all(
                _is_plain(arg.type) and is_settled(arg) for arg in expression.args
            )
        case _:
            return False


def _may_raise(expression: Apply) -> bool:
    if expression.op in ("value.eq", "value.ne"):
        return any(_holds_decimal(arg.type) for arg in expression.args)  # a signalling NaN equals nothing
    return bool(OPERATORS[expression.op].raises)


def _holds_decimal(kind: Type) -> bool:
    return kind is DECIMAL or any(map(_holds_decimal, kind.args))


def _is_plain(kind: Type) -> bool:
    """Whether values of the type never change."""
    if kind.is_optional:
        return _is_plain(kind.args[0])
    return kind.is_scalar or split_enum(kind) is not None


@dataclass(slots=True)
class Slot:
    """A value that a loop carries, or that a `try` keeps: the variable, its id, and its type in the IR."""

    variable: str
    id: str
    type: Type


@dataclass(slots=True)
class OpenLoop:
    """A loop whose body is being lowered."""

    slots: list[Slot]
    again: frozenset[str]
    """The variables that are read after the loop or by a later round."""


@dataclass(slots=True)
class OpenTry:
    """A `try` whose regions are being lowered."""

    slots: dict[str, Slot]
    """What it keeps, by variable."""


@dataclass(slots=True)
class Lowering:
    """One function or op that is being lowered."""

    spelling: Spelling
    effectful: frozenset[str]
    """The keys of functions with effects."""
    places: Places
    pins: dict[str, _ir.Expression] = field(default_factory=dict[str, "_ir.Expression"])
    """For a network: the block at which reads without a block are made."""
    temporaries: dict[int, _ir.Expression] = field(default_factory=dict[int, "_ir.Expression"])
    """For a `With`, by identity: what its value was lowered to."""
    max_iterations: int = 0
    """The most rounds of a `while` whose condition shows no bound."""
    loops: list[OpenLoop] = field(default_factory=list["OpenLoop"])
    """The loops around the present node, innermost last."""
    tries: list[OpenTry] = field(default_factory=list["OpenTry"])
    """The `try`s around it."""
    _emitting: dict[Expr, bool] = field(default_factory=dict[Expr, bool])
    """By the expression itself: some are made here and dropped, and others may get their identity."""

    def emits(self, expression: Expr) -> bool:
        """Whether lowering the expression adds nodes."""
        known = self._emitting.get(expression)
        if known is None:
            known = self._emits_itself(expression) or any(
                # Clauses and patterns are parts of comprehensions only.
                self.emits(cast("Expr", part))
                for part in get_parts(expression)
            )
            self._emitting[expression] = known
        return known

    def _emits_itself(self, expression: Expr) -> bool:
        match expression:
            case Comprehension() | Quantified() | Walrus() | With() | After():
                return True
            case Apply() | CallFunction() if is_order_kept_by_nodes(expression.args, expression.order):
                return True
            case _:
                return _has_effect(expression, self.effectful)

    def type(self, kind: Type) -> str:
        """The IR's spelling of a type."""
        return self.spelling.type(kind)
