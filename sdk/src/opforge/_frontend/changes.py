"""Changes of constants and of what other iterations of a comprehension see: both are refused.

Lists and dicts alias as in Python, so what a change reaches depends on which objects a value may be. For
each value of a function this computes a set of objects, without regard to the order of statements:

    an expression       the list or dict that it makes
    a parameter's name  what callers pass for it, with all that this holds
    CONSTANT            a constant, with all that it holds

Refused are changes of constants, and changes in a comprehension of what its iteration did not make, since
iterations may go side by side. `opforge._frontend.aliasing` refuses changes of what a loop goes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from opforge._frontend.context import Program
from opforge._frontend.symbols import FunctionDecl
from opforge._frontend.tree import (
    After,
    Apply,
    Assign,
    BooleanChain,
    CallFunction,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    Decode,
    DictNew,
    EnumPart,
    Expr,
    FieldOf,
    ForStatement,
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
    ReturnStatement,
    SetNew,
    Temporary,
    TupleNew,
    Walrus,
    Widen,
    With,
)
from opforge._frontend.undoing import get_undone_body
from opforge._frontend.walk import Part, get_parts, walk
from opforge_ir.codes.source import E_CONSTANT_CHANGED, E_FAN_OUT_CHANGE
from opforge_ir.diagnostics import Span
from opforge_ir.operators import OPERATORS
from opforge_ir.types import Type

__all__ = ["check_changes"]

CONSTANT: Final = True
Origin: TypeAlias = "Expr | str | bool"
Origins: TypeAlias = frozenset[Origin]

_NOTHING: Final[Origins] = frozenset()
_EXPRESSIONS: Final = (
    *(After, Apply, BooleanChain, CallFunction, Comprehension, Conditional, ConstantRef, Decode),
    *(DictNew, EnumPart, FieldOf, IsInstance, ListNew, Literal, Local, Narrow, Quantified, RecordNew),
    *(Request, SetNew, Temporary, TupleNew, Walrus, Widen, With),
)
_TELLING: Final = (Assign, CallFunction, Clause, ForStatement, Mutate, ReturnStatement, Walrus)
"""The parts that say which objects a value may be."""


@dataclass(slots=True)
class _Summary:
    """What a call of a function does to what it is given."""

    changed: dict[str, set[Type]] = field(default_factory=dict[str, set[Type]])
    """The types of lists and dicts that it changes, by the parameter they come from."""
    returned: Origins = _NOTHING
    """The parameters that its result may be a part of, and CONSTANT."""


def check_changes(program: Program, functions: Sequence[FunctionDecl]) -> None:
    """Check all functions; those that are called stand before those that call them."""
    summaries: dict[FunctionDecl, _Summary] = {}
    for function in functions:
        summaries[function] = _Changes(program, function, summaries).check()


def _is_container(kind: Type) -> bool:
    return kind.is_container


def _is_foreign(origin: Origin) -> bool:
    return isinstance(origin, str | bool)


class _Changes:
    """One function."""

    def __init__(
        self, program: Program, function: FunctionDecl, summaries: dict[FunctionDecl, _Summary]
    ) -> None:
        self._program = program
        self._function = function
        self._holding: dict[Type, bool] = {}
        self._summaries = summaries
        self._variables: dict[str, Origins] = {p.name: frozenset({p.name}) for p in function.parameters}
        self._held: dict[Origin, Origins] = {}
        self._is_settled = False
        self._summary = _Summary()

    def check(self) -> _Summary:
        """Report what is refused; what callers need to know."""
        body = get_undone_body(self._function)
        parts = [part for statement in body for part in walk(statement)]
        telling = [part for part in parts if isinstance(part, _TELLING)]
        while not self._is_settled:
            self._is_settled = True
            for part in telling:
                self._learn(part)
        if any(map(self._is_change, telling)):
            for statement in body:
                self._judge(statement, None)
        return self._summary

    # --- which objects values may be --------------------------------------------------------------

    def _learn(self, part: Part) -> None:
        """Follow an assignment, or what else a part of the function tells of objects."""
        match part:
            case Assign():
                self._bind(part.pattern, self._origins(part.value))
            case Walrus():
                self._bind_name(part.name, self._origins(part.value))
            case ForStatement() | Clause():
                self._bind(part.pattern, self._take_out(self._origins(part.items)))
            case Mutate():
                if any(map(self._may_hold, part.args[0].type.args)):
                    stored = self._all(part.args[1:])
                    if OPERATORS[part.op].is_spreading:
                        stored = self._take_out(stored)
                    self._store(self._origins(part.args[0]), stored)
            case ReturnStatement():
                returned = self._reach(self._origins(part.value))
                self._summary.returned |= frozenset(filter(_is_foreign, returned))
            case CallFunction():
                self._origins(part)  # a call may change what it is given, whatever its result is
            case _:
                pass

    def _is_change(self, part: Part) -> bool:
        """Whether a list or dict may be changed here."""
        if isinstance(part, CallFunction):
            summary = self._summaries.get(part.function)
            return summary is not None and bool(summary.changed)
        return isinstance(part, Mutate)

    def _bind(self, pattern: Pattern, origins: Origins) -> None:
        for name in pattern.names():
            self._bind_name(name, origins)

    def _bind_name(self, name: str, origins: Origins) -> None:
        before = self._variables.get(name, _NOTHING)
        if not origins <= before:
            self._variables[name] = before | origins
            self._is_settled = False

    def _store(self, owners: Iterable[Origin], stored: Origins) -> None:
        for owner in owners:
            before = self._held.get(owner, _NOTHING)
            if not stored <= before:
                self._held[owner] = before | stored
                self._is_settled = False

    def _take_out(self, origins: Origins) -> Origins:
        """What is in one of these; what a foreign object holds is foreign in the same way."""
        return frozenset(filter(_is_foreign, origins)).union(
            *(self._held.get(each, _NOTHING) for each in origins)
        )

    def _reach(self, origins: Origins) -> Origins:
        reached, known = origins, _NOTHING
        while reached != known:
            known = reached
            reached |= self._take_out(known)
        return reached

    def _all(self, parts: Iterable[Expr]) -> Origins:
        return _NOTHING.union(*(self._origins(part) for part in parts))

    def _make(self, node: Expr, held: Origins) -> Origins:
        """A new list or dict."""
        self._store([node], held)
        return frozenset({node})

    def _origins(self, node: Expr) -> Origins:
        """The lists and dicts that a value is, or that are in a record or tuple that it is."""
        may_hold = self._may_hold(node.type)
        if not may_hold and not isinstance(node, CallFunction):
            return _NOTHING
        found = self._find_origins(node)
        return found if may_hold else _NOTHING

    def _may_hold(self, kind: Type) -> bool:
        known = self._holding.get(kind)
        if known is None:
            self._holding[kind] = False  # for a record that holds itself, which is refused elsewhere
            inner = (*kind.args, *(self._program.fields_of(kind) or {}).values())
            known = self._holding[kind] = _is_container(kind) or any(map(self._may_hold, inner))
        return known

    def _find_origins(self, node: Expr) -> Origins:  # noqa: C901 - one case for each kind of expression
        match node:
            case Local():
                return self._variables.get(node.name, _NOTHING)
            case Temporary():
                return self._origins(node.of.value)
            case ConstantRef():
                return frozenset({CONSTANT})
            case Apply():
                return self._applied(node)
            case CallFunction():
                return self._called(node)
            case ListNew() | SetNew() | TupleNew():
                held = self._all(node.items)
                return held if isinstance(node, TupleNew) else self._make(node, held)
            case DictNew():
                return self._make(node, self._all([part for entry in node.entries for part in entry]))
            case RecordNew():
                return self._all(value for _, value in node.fields)
            case FieldOf():
                return self._origins(node.of)
            case Widen() | Narrow():
                return self._origins(node.value)
            case Conditional():
                return self._all([node.then, node.otherwise])
            case With() | After() | Walrus():
                inner = node.body if isinstance(node, With) else node.value
                return _NOTHING if inner is None else self._origins(inner)
            case Comprehension():
                return self._make(node, self._origins(node.element))
            case Decode() | Request():
                self._store([node], frozenset({node}))
                return frozenset({node})
            case _:
                return _NOTHING

    def _applied(self, node: Apply) -> Origins:
        gives = OPERATORS[node.op].gives
        if gives == "same":
            return self._all(node.args)
        if gives == "part":
            return self._take_out(self._origins(node.args[0])) | self._all(node.args[2:])
        if not self._may_hold(node.type):
            return _NOTHING
        held = self._take_out(self._all(node.args))
        # A new list or dict of what the arguments hold, or an entry of one.
        return self._make(node, held) if _is_container(node.type) else held

    def _called(self, node: CallFunction) -> Origins:
        summary = self._summaries.get(node.function, _Summary())
        given = {name: self._reach(self._origins(arg)) for name, arg in _arguments(node).items()}
        everything = _NOTHING.union(*given.values())
        for name, types in summary.changed.items():
            if any(self._may_hold(inner) for kind in types for inner in kind.args):
                self._store(given[name], everything)
        result: Origins = frozenset({node})
        for origin in summary.returned:
            result |= given.get(origin, _NOTHING) if isinstance(origin, str) else frozenset({CONSTANT})
        self._store([node], result)
        return result

    # --- which changes are refused ----------------------------------------------------------------

    def _judge(self, part: Part, own: frozenset[Expr] | None) -> None:
        """Look at every change. `own` is what one iteration of the comprehension around makes."""
        if isinstance(part, Mutate):
            target = part.args[0]
            self._change(part.span, target.type, self._origins(target), own)
        if isinstance(part, CallFunction) and part.function in self._summaries:
            given = _arguments(part)
            for name, types in self._summaries[part.function].changed.items():
                for kind in types:
                    self._change(part.span, kind, self._reach(self._origins(given[name])), own)
        if isinstance(part, Comprehension | Quantified):
            self._judge(part.clauses[0].items, own)
            made = frozenset(
                each for each in walk(part) if isinstance(each, _EXPRESSIONS) and each is not part
            )
            for inner_part in get_parts(part):
                if inner_part is not part.clauses[0]:
                    self._judge(inner_part, made)
            for condition in part.clauses[0].conditions:
                self._judge(condition, made)
            return
        for inner_part in get_parts(part):
            self._judge(inner_part, own)

    def _change(self, span: Span, kind: Type, origins: Origins, own: frozenset[Expr] | None) -> None:
        """A list or dict of this type and one of these origins is changed."""
        changed = frozenset(each for each in origins if isinstance(each, str | bool) or _may_be(each, kind))
        for each in changed:
            if isinstance(each, str):
                self._summary.changed.setdefault(each, set()).add(kind)
        report = self._function.module.report
        if CONSTANT in changed:
            report(E_CONSTANT_CHANGED, span)
        elif own is not None and not changed <= own:
            report(E_FAN_OUT_CHANGE, span)


def _arguments(node: CallFunction) -> dict[str, Expr]:
    names = [parameter.name for parameter in node.function.parameters]
    return dict(zip(names, node.args, strict=True))


def _may_be(made: Expr, kind: Type) -> bool:
    """Whether what an expression makes, or gives with other things in it, may be of this type."""
    return made.type is kind or not _is_container(made.type) or isinstance(made, CallFunction | Decode)
