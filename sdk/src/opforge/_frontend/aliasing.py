"""Which lists and dicts may be one object, as far as the source can tell, and who changes them.

In Python a loop sees changes of what it goes over while it goes. In the IR the views of a dict, `zip` and
the like are made before the loop, so a program in which that could matter is refused
(E_CHANGED_WHILE_ITERATED). A function that changes what it is given is a step of its own, not part of an
expression.

The analysis is that of Steensgaard ("Points-to analysis in almost linear time", POPL 1996): variables whose
values may share a list or dict are put into one class, in whatever order the statements run. Within a class
two objects of different types are different objects. Functions are gone through callees first, and a call
uses what is known of the callee.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from opforge._frontend.check import CheckedProgram
from opforge._frontend.context import Program
from opforge._frontend.counted_loops import find_counted
from opforge._frontend.symbols import FunctionDecl
from opforge._frontend.tree import (
    After,
    Apply,
    Assert,
    Assign,
    Break,
    CallFunction,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    Continue,
    Expr,
    ExprStatement,
    FailStatement,
    FieldOf,
    ForStatement,
    Handler,
    IfStatement,
    Local,
    Mutate,
    Narrow,
    Pattern,
    Quantified,
    Rethrow,
    ReturnStatement,
    Statement,
    Temporary,
    TryStatement,
    Walrus,
    WhileStatement,
    Widen,
    With,
)
from opforge._frontend.undoing import get_undone_body
from opforge._frontend.walk import Part, get_parts, walk
from opforge_ir.codes.source import E_CHANGED_WHILE_ITERATED, E_PATTERN
from opforge_ir.diagnostics import Span
from opforge_ir.operators import OPERATORS
from opforge_ir.types import Type

__all__ = ["find_changing"]

_RESULT: Final = -1
"""The result of a function among its parameters, which are counted from 0."""
_VIEWS: Final = frozenset(
    {
        *("list.zip", "list.zip3", "list.zip_all", "list.zip_strict", "list.enumerate", "list.reversed"),
        *("dict.keys", "dict.values", "dict.items"),
    }
)
"""Operators that are lazy in Python when a loop goes over them."""


@dataclass(eq=False, slots=True)
class _Class:
    """Values that may share a list or dict; united classes have one root."""

    parent: _Class | None = None
    parameters: set[int] = field(default_factory=set[int])

    def root(self) -> _Class:
        node = self
        while node.parent is not None:
            if node.parent.parent is not None:
                node.parent = node.parent.parent
            node = node.parent
        return node


@dataclass(slots=True)
class _Summary:
    """What a call of a function does with what it is given."""

    changes: set[tuple[int, Type]] = field(default_factory=set[tuple[int, Type]])
    """Parameters in which an object of a type may be changed."""
    shared: list[frozenset[int]] = field(default_factory=list[frozenset[int]])
    """Parameters, and the result, that may share an object afterwards."""
    apart: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Parameters that must not share one: a loop goes over the first and changes the second."""


_NO_VALUES: Final = (
    *(Assert, Assign, ExprStatement, FailStatement, ForStatement, IfStatement, Mutate, ReturnStatement),
    *(Break, Continue, Rethrow, TryStatement, WhileStatement, Clause, Handler, Pattern),
)

_Loop = tuple[_Class, Type, int]
"""What a loop goes over: its class, its type, and the loop's line."""


def find_changing(checked: CheckedProgram) -> frozenset[str]:
    """The keys of the functions that change what they are given.

    Loops that change what they go over are reported.
    """
    summaries: dict[str, _Summary] = {}
    for function in checked.functions:
        analysis = _Analysis(checked.program, function, summaries)
        summaries[function.key] = analysis.run()
    changing = frozenset(key for key, summary in summaries.items() if summary.changes)
    for function, guard in checked.program.guards:
        if any(_is_change(part, changing) for part in walk(guard)):
            what = "the name of an item or entry, beside a guard that changes a list or dict,"
            function.module.report(E_PATTERN, guard.span, what=what)
    return changing


def _is_change(part: Part, changing: frozenset[str]) -> bool:
    return isinstance(part, After) or (isinstance(part, CallFunction) and part.function.key in changing)


class _Analysis:
    """The analysis of one function."""

    def __init__(self, program: Program, function: FunctionDecl, summaries: dict[str, _Summary]) -> None:
        self._program = program
        self._function = function
        self._summaries = summaries
        self._variables: dict[str, _Class] = {}
        self._constants: dict[str, _Class] = {}
        self._once: dict[int, _Class | None] = {}
        self._values: dict[int, tuple[_Class | None]] = {}
        """By the identity of an expression; each is evaluated once, also where a loop looks at it again."""
        self._loops: list[_Loop] = []
        self._counted: list[tuple[str, str, int, int]] = []
        """For loops over a variable with its places: both names, and where it stands among the open loops."""
        self._changes: list[tuple[_Class, Type, Span, tuple[_Loop, ...]]] = []
        self._apart: list[tuple[_Class, _Class, Span]] = []
        self._result = _Class(parameters={_RESULT})
        self._holding: dict[Type, bool] = {}

    def run(self) -> _Summary:
        """Go through the body, report, and say what a call does."""
        for index, parameter in enumerate(self._function.parameters):
            self._variables[parameter.name] = _Class(parameters={index})
        self._block(get_undone_body(self._function))
        summary = _Summary()
        for changed, kind, span, loops in self._changes:
            summary.changes |= {(i, kind) for i in changed.root().parameters if i != _RESULT}
            for looped, looped_kind, line in loops:
                if kind is looped_kind:
                    self._keep_apart(summary, looped, changed, span, line)
        for first, second, span in self._apart:
            self._keep_apart(summary, first, second, span, span.line)
        roots = {c.root() for c in (*self._variables.values(), self._result)}
        summary.shared = [frozenset(root.parameters) for root in roots if len(root.parameters) > 1]
        return summary

    def _keep_apart(self, summary: _Summary, first: _Class, second: _Class, span: Span, line: int) -> None:
        one, other = first.root(), second.root()
        if one is other:
            self._function.module.report(E_CHANGED_WHILE_ITERATED, span, line=line)
            return
        summary.apart |= {(i, j) for i in one.parameters for j in other.parameters if _RESULT not in (i, j)}

    # --- classes ----------------------------------------------------------------------------------

    def _holds(self, kind: Type) -> bool:
        """Whether a value of this type is or holds a list or dict."""
        known = self._holding.get(kind)
        if known is None:
            self._holding[kind] = False
            fields = self._program.fields_of(kind) or {}
            inner = (*kind.args, *fields.values())
            known = self._holding[kind] = kind.is_container or any(map(self._holds, inner))
        return known

    def _unite(self, classes: Iterable[_Class | None]) -> _Class | None:
        united: _Class | None = None
        for each in classes:
            if each is None:
                continue
            root = each.root()
            if united is None:
                united = root
            elif root is not united:
                root.parent = united
                united.parameters |= root.parameters
        return united

    def _variable(self, name: str) -> _Class:
        return self._variables.setdefault(name, _Class())

    # --- statements -------------------------------------------------------------------------------

    def _block(self, block: Sequence[Statement]) -> None:
        for statement in block:
            match statement:
                case Assign():
                    self._bind(statement.pattern, self._value(statement.value))
                case Mutate():
                    self._mutate(statement)
                case IfStatement():
                    self._value(statement.test)
                    self._block(statement.then)
                    self._block(statement.otherwise)
                case ForStatement():
                    self._bind(statement.pattern, self._value(statement.items))
                    opened = self._open(statement.items, statement.span.line)
                    counted = find_counted(statement)
                    if counted is not None:
                        self._counted.append((*counted, len(self._loops) - opened, len(self._loops)))
                    self._block(statement.body)
                    if counted is not None:
                        self._counted.pop()
                    self._close(opened)
                case WhileStatement():
                    self._value(statement.test)
                    self._block(statement.body)
                case TryStatement():
                    handlers = [handler.body for handler in statement.handlers]
                    for inner in (statement.body, *handlers, statement.otherwise, statement.always):
                        self._block(inner)
                case ReturnStatement():
                    self._unite([self._result, self._value(statement.value)])
                case _:
                    self._parts(statement)

    def _mutate(self, statement: Mutate) -> None:
        target, *given = [self._value(arg) for arg in statement.args]
        if target is not None:
            opened = sum(map(self._open_lazy, statement.args[1:]))
            self._change(target, statement.args[0].type, statement.span, self._find_unaffected(statement))
            self._close(opened)
            if statement.op == "list.sort_by":
                self._sort(statement, target)
            if OPERATORS[statement.op].is_spreading:
                others = statement.args[1:]
                given = [v for arg, v in zip(others, given, strict=True) if self._holds_holders(arg.type)]
            self._unite([target, *given])

    def _sort(self, statement: Mutate, target: _Class) -> None:
        """While keys are computed the list is empty in CPython, so they may not depend on it."""
        owner, keys, *_ = statement.args
        assert isinstance(keys, Comprehension)
        own = set(keys.clauses[0].pattern.names())
        for part in walk(keys.element):
            if isinstance(part, Local) and part.name not in own and self._leads_to(part.type, owner.type):
                self._apart.append((target, self._variable(part.name), keys.span))

    def _leads_to(self, kind: Type, wanted: Type) -> bool:
        inner = (*kind.args, *(self._program.fields_of(kind) or {}).values())
        return kind is wanted or any(self._leads_to(each, wanted) for each in inner)

    def _find_unaffected(self, change: Mutate) -> range:
        """The places among the open loops of one that goes on as if this change had not been made."""
        if change.op in ("list.set", "dict.set"):
            owner, place = change.args[:2]
            for name, counter, first, last in self._counted:
                if (
                    isinstance(owner, Local)
                    and isinstance(place, Local)
                    and (owner.name, place.name) == (name, counter)
                ):
                    return range(first, last)
        return range(0)

    def _change(self, changed: _Class, kind: Type, span: Span, unaffected: range = range(0)) -> None:
        loops = tuple(loop for place, loop in enumerate(self._loops) if place not in unaffected)
        self._changes.append((changed, kind, span, loops))

    def _bind(self, pattern: Pattern, value: _Class | None) -> None:
        if pattern.name is not None and value is not None and self._holds(pattern.type):
            self._unite([self._variable(pattern.name), value])
        for item in pattern.items:
            self._bind(item, value)

    def _open(self, items: Expr, line: int) -> int:
        opened = [(c, kind, line) for c, kind in self._gone_over(items)]
        self._loops += opened
        return len(opened)

    def _close(self, opened: int) -> None:
        del self._loops[len(self._loops) - opened :]

    def _gone_over(self, items: Expr) -> list[tuple[_Class, Type]]:
        """The lists and dicts that a loop over this reads while it runs."""
        if isinstance(items, Comprehension) and items.is_lazy:
            return [found for clause in items.clauses for found in self._gone_over(clause.items)]
        if isinstance(items, Apply):
            if items.is_copy:
                return []
            if items.op in _VIEWS:
                return [found for arg in items.args for found in self._gone_over(arg)]
            if OPERATORS[items.op].gives == "new":
                return []
        value = self._value(items)
        return [] if value is None or not items.type.is_container else [(value, items.type)]

    # --- expressions ------------------------------------------------------------------------------

    def _value(self, expression: Expr) -> _Class | None:
        """The class of a value; None where it neither is nor holds a list or dict."""
        known = self._values.get(id(expression))
        if known is None:
            made = self._evaluate(expression)
            known = self._values[id(expression)] = (made if self._holds(expression.type) else None,)
        return known[0]

    def _evaluate(self, expression: Expr) -> _Class | None:
        match expression:
            case Local():
                return self._variable(expression.name)
            case Temporary():
                return self._once.get(id(expression.of))
            case ConstantRef():
                return self._constants.setdefault(expression.constant.key, _Class())
            case CallFunction():
                return self._call(expression)
            case FieldOf():
                return self._value(expression.of)
            case Widen() | Narrow():
                return self._value(expression.value)
            case Conditional():
                self._value(expression.test)
                return self._unite([self._value(expression.then), self._value(expression.otherwise)])
            case With():
                self._once[id(expression)] = self._value(expression.value)
                opened = self._open_lazy(expression.value)
                made = None if expression.body is None else self._value(expression.body)
                self._close(opened)
                return made
            case Walrus():
                value = self._value(expression.value)
                return None if value is None else self._unite([self._variable(expression.name), value])
            case Comprehension() | Quantified():
                return self._iterate(expression.clauses, expression.element)
            case After():
                for change in expression.changes:
                    self._mutate(change)
                return self._value(expression.value)
            case Apply() if OPERATORS[expression.op].gives == "new":
                # The result is a new object that holds what the operands hold.
                self._evaluate_operands(expression)
                given = [(arg, self._value(arg)) for arg in expression.args]
                inner = [value for arg, value in given if self._holds_holders(arg.type)]
                return self._unite([_Class(), *inner])
            case _:
                return self._unite([_Class(), *self._parts(expression)])

    def _evaluate_operands(self, applied: Apply) -> None:
        """What an iterator reads may not change either while the operands after it are computed."""
        opened = 0
        for position in applied.order or range(len(applied.args)):
            self._value(applied.args[position])
            opened += self._open_lazy(applied.args[position])
        self._close(opened)

    def _open_lazy(self, items: Expr) -> int:
        is_view = isinstance(items, Apply) and items.op in _VIEWS
        is_generator = isinstance(items, Comprehension) and items.is_lazy
        return self._open(items, items.span.line) if is_view or is_generator else 0

    def _holds_holders(self, kind: Type) -> bool:
        return any(map(self._holds, kind.args)) or not kind.is_container

    def _parts(self, whole: Part) -> list[_Class | None]:
        return [self._value(part) for part in get_parts(whole) if not isinstance(part, _NO_VALUES)]

    def _iterate(self, clauses: Sequence[Clause], element: Expr) -> _Class | None:
        """The list of what a comprehension makes: a new object that holds its elements."""
        opened = 0
        for clause in clauses:
            self._bind(clause.pattern, self._value(clause.items))
            opened += self._open(clause.items, clause.pattern.span.line)
            for condition in clause.conditions:
                self._value(condition)
        made = self._unite([_Class(), self._value(element)])
        self._close(opened)
        return made

    def _call(self, call: CallFunction) -> _Class | None:
        given = [self._value(arg) for arg in call.args]
        summary = self._summaries.get(call.function.key, _Summary())
        result = _Class()
        for shared in summary.shared:
            self._unite([result if index == _RESULT else given[index] for index in sorted(shared)])
        for index, kind in sorted(summary.changes, key=lambda change: (change[0], change[1].text)):
            if (changed := given[index]) is not None:
                self._change(changed, kind, call.span)
        for first, second in sorted(summary.apart):
            one, other = given[first], given[second]
            if one is not None and other is not None:
                self._apart.append((one, other, call.span))
        return result
