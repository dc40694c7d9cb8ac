"""Nodes compiled to steps: what computes, decides, repeats, and ends a region early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opforge_ir.codes.execution import E_ASSERTION_FAILED, E_PROGRAM_FAIL
from opforge_ir.document import (
    Break,
    CallNode,
    Carried,
    Continue,
    Do,
    Effect,
    Fail,
    For,
    Handler,
    If,
    IfResult,
    Invoke,
    Keep,
    Kept,
    Let,
    Map,
    Node,
    Require,
    Rethrow,
    Return,
    Target,
    Try,
    While,
    Yield,
)
from opforge_ir.ids import ELSE, EXCEPT, FINALLY, HEAD
from opforge_runtime.interpreter.effects import EffectCompiler
from opforge_runtime.interpreter.expressions import Evaluate, ExpressionCompiler
from opforge_runtime.interpreter.handlers import Attempt, Catch, Cell, build_try
from opforge_runtime.interpreter.loops import Carry, Iteration, Repetition, build_for, build_while
from opforge_runtime.interpreter.maps import build_map
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.scope import Frame, Scope
from opforge_runtime.interpreter.steps import FALL, Leave, PureRun, Region, Running, Step, build_region

__all__ = ["NodeCompiler"]

_NAMELESS = Break | Continue | Fail | Keep | Rethrow | Return | Yield
"""Nodes without an id."""


class NodeCompiler:
    """Compiles the regions of one document."""

    def __init__(self, expressions: ExpressionCompiler, effects: EffectCompiler) -> None:
        self._expressions = expressions
        self._effects = effects

    def compile_region(self, nodes: Sequence[Node], scope: Scope) -> Region:
        """The nodes of a region; their names are visible in `scope` afterwards."""
        layout = scope.layout
        layout.nesting += 2
        layout.note_nesting()
        steps = [
            self._compile(node, scope.at_node(_name(node), f"/{index}")) for index, node in enumerate(nodes)
        ]
        layout.nesting -= 2
        return build_region(steps)

    def _compile(self, node: Node, scope: Scope) -> Step:
        match node:
            case If():
                return self._compile_if(node, scope)
            case For():
                return self._compile_for(node, scope)
            case While():
                return self._compile_while(node, scope)
            case Map():
                return self._compile_map(node, scope)
            case Try():
                return self._compile_try(node, scope)
            case Effect():
                return self._effects.compile_effect(node, scope)
            case CallNode():
                return self._effects.compile_call(node, scope)
            case Invoke():
                return self._effects.compile_invoke(node, scope)
            case Let() | Keep() | Do() | Require():
                return self._compile_plain(node, scope)
            case _:
                return self._compile_end(node, scope)

    def _compile_plain(self, node: Let | Keep | Do | Require, scope: Scope) -> Step:
        """A node without regions and effects, after which control goes on."""
        match node:
            case Let():
                value = self._expressions.compile(node.value, scope)
                return Step(_build_let(scope.define(node.id), value, scope.place))
            case Keep():
                value = self._expressions.compile(node.value, scope)
                return Step(_build_let(scope.names[node.name], value, scope.place))
            case Do():
                return self._compile_do(node, scope)
            case Require():
                test = self._expressions.compile(node.test, scope)
                message = self._expressions.compile(node.message, scope)
                return Step(_build_require(test, message, scope.place))

    def _compile_end(self, node: Fail | Rethrow | Break | Continue | Return | Yield, scope: Scope) -> Step:
        """A node that ends its region."""
        match node:
            case Fail():
                message = self._expressions.compile(node.message, scope)
                return Step(_build_fail(message, scope.place), may_exit=True)
            case Rethrow():
                return Step(_build_rethrow(scope.names[node.error]), may_exit=True)
            case Break() | Continue():
                values = [self._expressions.compile(value, scope) for value in node.values]
                leave = Leave(isinstance(node, Break), values, scope.place)
                return Step(lambda _: leave, may_exit=True)
            case Return() | Yield():
                value = self._expressions.compile(node.value, scope)
                return Step(_build_exit(value, scope.place), may_exit=True)

    def _compile_do(self, node: Do, scope: Scope) -> Step:
        change = self._expressions.compile_change(node, scope)
        return Step(_build_do(change, scope.place))

    def _compile_if(self, node: If, scope: Scope) -> Step:
        test = self._expressions.compile(node.test, scope)
        then_scope = scope.enter_region("/then")
        then = self.compile_region(node.then, then_scope)
        otherwise_scope = scope.enter_region("/otherwise", ELSE)
        otherwise = self.compile_region(node.otherwise, otherwise_scope)
        slots = [scope.layout.add_slot() for _ in node.results]
        then_results = self._compile_results(node.results, slots, then_scope, is_then=True)
        otherwise_results = self._compile_results(node.results, slots, otherwise_scope, is_then=False)
        for result, slot in zip(node.results, slots, strict=True):
            scope.names[result.id] = slot
        return _build_if(test, (then, then_results), (otherwise, otherwise_results), scope.place)

    def _compile_results(
        self, results: Sequence[IfResult], slots: list[int], scope: Scope, *, is_then: bool
    ) -> list[tuple[int, Evaluate]]:
        given = [(slot, r.then if is_then else r.otherwise) for slot, r in zip(slots, results, strict=True)]
        return [
            (slot, self._expressions.compile(expression, scope))
            for slot, expressions in given
            for expression in expressions
        ]

    def _compile_for(self, node: For, scope: Scope) -> Step:
        items = self._expressions.compile_items(node.items, scope)
        inits = self._compile_inits(node.carried, scope)
        body_scope = scope.enter_region("/body")
        targets = _define_targets(node.targets, body_scope)
        slots = [body_scope.define(carried.id) for carried in node.carried]
        body = self.compile_region(node.body, body_scope)
        loop = Iteration(node.id, scope.place, items, targets, body)
        return build_for(loop, self._compile_carried(node.carried, inits, slots, body_scope, scope))

    def _compile_while(self, node: While, scope: Scope) -> Step:
        limit = self._expressions.compile(node.limit, scope)
        inits = self._compile_inits(node.carried, scope)
        body_scope = scope.enter_region("/body")
        slots = [body_scope.define(carried.id) for carried in node.carried]
        head_scope = body_scope.enter_sibling(scope.enter_region("/head", HEAD))
        head = self.compile_region(node.head, head_scope)
        test = self._expressions.compile(node.test, head_scope)
        body = self.compile_region(node.body, body_scope)
        loop = Repetition(node.id, scope.place, limit, head, test, body)
        return build_while(loop, self._compile_carried(node.carried, inits, slots, body_scope, scope))

    def _compile_inits(self, values: Sequence[Carried | Kept], scope: Scope) -> list[Evaluate]:
        return [self._expressions.compile(value.init, scope) for value in values]

    def _compile_carried(
        self, carried: Sequence[Carried], inits: list[Evaluate], slots: list[int], body: Scope, scope: Scope
    ) -> list[Carry]:
        """What a loop hands on, once its body is compiled; the results become visible."""
        nexts = [self._expressions.compile(each.next, body) for each in carried]
        results = [scope.define(each.result) for each in carried]
        return list(zip(slots, inits, nexts, results, strict=True))

    def _compile_try(self, node: Try, scope: Scope) -> Step:
        layout = scope.layout
        layout.nesting += 1  # what catches is a level of its own
        inits = self._compile_inits(node.kept, scope)
        inner = scope.enter_region("")
        slots = [inner.define(kept.id) for kept in node.kept]
        body = self.compile_region(node.body, inner.enter_region("/body"))
        catches = [
            self._compile_handler(handler, inner.enter_region(f"/handlers/{index}", EXCEPT))
            for index, handler in enumerate(node.handlers)
        ]
        otherwise = self.compile_region(node.otherwise, inner.enter_region("/otherwise", ELSE))
        always = self.compile_region(node.always, inner.enter_region("/always", FINALLY))
        layout.nesting -= 1
        cells = [
            Cell(slot, init, scope.define(kept.result))
            for slot, init, kept in zip(slots, inits, node.kept, strict=True)
        ]
        return build_try(
            Attempt(scope.place, cells, body, catches, otherwise, always, has_always=bool(node.always))
        )

    def _compile_handler(self, handler: Handler, scope: Scope) -> Catch:
        inner = scope.enter_region("/body", handler.id)
        slot = inner.define(handler.id)
        return Catch(frozenset(handler.errors), slot, self.compile_region(handler.body, inner))

    def _compile_map(self, node: Map, scope: Scope) -> Step:
        items = self._expressions.compile_items(node.items, scope)
        body_scope = scope.enter_region("/body")
        targets = _define_targets(node.targets, body_scope)
        body = self.compile_region(node.body, body_scope)
        loop = Iteration(node.id, scope.place, items, targets, body)
        return build_map(loop, scope.define(node.id))


def _name(node: Node) -> str:
    """The node's id, or what the place of a node without one is called."""
    return (
        node.kind if isinstance(node, Break | Continue | Fail | Keep | Rethrow | Return | Yield) else node.id
    )


def _define_targets(targets: Sequence[Target], scope: Scope) -> list[int]:
    return [scope.define(target.id) for target in targets]


def _build_let(slot: int, value: Evaluate, place: Place) -> PureRun:
    def let(f: Frame) -> Any:
        try:
            f[slot] = value(f)
        except ProgramError as error:
            error.locate(place)
            raise
        return FALL

    return let


def _build_do(change: Evaluate, place: Place) -> PureRun:
    def do(f: Frame) -> Any:
        try:
            change(f)
        except ProgramError as error:
            error.locate(place)
            raise
        return FALL

    return do


def _build_require(test: Evaluate, message: Evaluate, place: Place) -> PureRun:
    def require(f: Frame) -> Any:
        try:
            if not test(f):
                raise ProgramError(E_ASSERTION_FAILED, message=message(f))
        except ProgramError as error:
            error.locate(place)
            raise
        return FALL

    return require


def _build_fail(message: Evaluate, place: Place) -> PureRun:
    def fail(f: Frame) -> Any:
        try:
            raise ProgramError(E_PROGRAM_FAIL, message=message(f))
        except ProgramError as error:
            error.locate(place)
            raise

    return fail


def _build_rethrow(slot: int) -> PureRun:
    def rethrow(f: Frame) -> Any:
        raise f[slot].error

    return rethrow


def _build_exit(value: Evaluate, place: Place) -> PureRun:
    def leave(f: Frame) -> Any:
        try:
            return value(f)
        except ProgramError as error:
            error.locate(place)
            raise

    return leave


_Branch = tuple[Region, list[tuple[int, Evaluate]]]


def _build_if(test: Evaluate, then: _Branch, otherwise: _Branch, place: Place) -> Step:
    then_region, then_results = then
    otherwise_region, otherwise_results = otherwise
    then_run, otherwise_run = then_region.run, otherwise_region.run

    def decide(f: Frame) -> bool:
        try:
            return bool(test(f))
        except ProgramError as error:
            error.locate(place)
            raise

    def join(f: Frame, results: list[tuple[int, Evaluate]]) -> None:
        try:
            for slot, value in results:
                f[slot] = value(f)
        except ProgramError as error:
            error.locate(place)
            raise

    if then_run is not None and otherwise_run is not None:

        def branch(f: Frame) -> Any:
            is_then = decide(f)
            ended = then_run(f) if is_then else otherwise_run(f)
            if ended is FALL:
                join(f, then_results if is_then else otherwise_results)
            return ended

        return Step(branch, may_exit=then_region.may_exit or otherwise_region.may_exit)

    def generate(f: Frame) -> Running:
        is_then = decide(f)
        region = then_region if is_then else otherwise_region
        if region.run is not None:
            ended = region.run(f)
        else:
            assert region.generate is not None
            ended = yield from region.generate(f)
        if ended is FALL:
            join(f, then_results if is_then else otherwise_results)
        return ended

    return Step(generate=generate)
