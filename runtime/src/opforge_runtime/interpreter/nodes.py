"""Nodes compiled to steps: what computes, decides, repeats, and ends a region early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from opforge_ir.codes.execution import E_ASSERTION_FAILED, E_PROGRAM_FAIL
from opforge_ir.document import (
    Break,
    CallNode,
    Continue,
    Do,
    Effect,
    Fail,
    For,
    If,
    IfResult,
    Invoke,
    Keep,
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
from opforge_ir.ids import ELSE
from opforge_runtime.interpreter.effects import EffectCompiler
from opforge_runtime.interpreter.expressions import Evaluate, ExpressionCompiler
from opforge_runtime.interpreter.loops import Loop, build_for, build_map
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.scope import Frame, Scope
from opforge_runtime.interpreter.steps import FALL, PureRun, Region, Running, Step, build_region

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
            case Let():
                value = self._expressions.compile(node.value, scope)
                return Step(_build_let(scope.define(node.id), value, scope.place))
            case Effect():
                return self._effects.compile_effect(node, scope)
            case CallNode():
                return self._effects.compile_call(node, scope)
            case If():
                return self._compile_if(node, scope)
            case For():
                return self._compile_for(node, scope)
            case Map():
                return self._compile_map(node, scope)
            case Do():
                return self._compile_do(node, scope)
            case Require():
                test = self._expressions.compile(node.test, scope)
                message = self._expressions.compile(node.message, scope)
                return Step(_build_require(test, message, scope.place))
            case Fail():
                message = self._expressions.compile(node.message, scope)
                return Step(_build_fail(message, scope.place), may_exit=True)
            case Return() | Yield():
                value = self._expressions.compile(node.value, scope)
                return Step(_build_exit(value, scope.place), may_exit=True)
            case Invoke() | While() | Try() | Keep() | Rethrow() | Break() | Continue():
                raise NotImplementedError(node.kind)
            case _:
                assert_never(node)

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
        inits = [self._expressions.compile(carried.init, scope) for carried in node.carried]
        body_scope = scope.enter_region("/body")
        targets = _define_targets(node.targets, body_scope)
        slots = [body_scope.define(carried.id) for carried in node.carried]
        body = self.compile_region(node.body, body_scope)
        nexts = [self._expressions.compile(carried.next, body_scope) for carried in node.carried]
        results = [scope.define(carried.result) for carried in node.carried]
        loop = Loop(node.id, scope.place, items, targets, body)
        return build_for(loop, list(zip(slots, inits, nexts, results, strict=True)))

    def _compile_map(self, node: Map, scope: Scope) -> Step:
        items = self._expressions.compile_items(node.items, scope)
        body_scope = scope.enter_region("/body")
        targets = _define_targets(node.targets, body_scope)
        body = self.compile_region(node.body, body_scope)
        loop = Loop(node.id, scope.place, items, targets, body)
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
