"""Effect nodes, and calls of functions and ops by nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from opforge_ir.capabilities import VERBS
from opforge_ir.capabilities.definition import Parameter
from opforge_ir.codes.execution import E_PROGRAM_EXCEPTION
from opforge_ir.document import CallNode, ContractFunction, Document, Effect, Invoke
from opforge_ir.ids import StateId
from opforge_ir.types import Type, parse_type
from opforge_runtime.interpreter.call_order import Callee
from opforge_runtime.interpreter.expressions import Evaluate, ExpressionCompiler
from opforge_runtime.interpreter.loops import extend_instance
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.request import EffectRequest, EffectSite
from opforge_runtime.interpreter.scope import CONDITIONS, INSTANCE, Frame, Scope
from opforge_runtime.interpreter.steps import FALL, Running, Step

__all__ = ["EffectCompiler", "EffectFunctions"]


class EffectFunctions(Protocol):
    """Where nodes find the functions and ops that they call."""

    def has_effects(self, callee: Callee) -> bool:
        """Whether the function or op has effects, also through those that it calls."""
        ...

    def get_without_effects(self, callee: Callee) -> tuple[Callable[[Frame, list[Any]], Any], int]:
        """One without effects, called with the caller's frame; and how deep it is nested."""
        ...

    def get_with_effects(self, callee: Callee) -> tuple[Callable[[Frame, str, list[Any]], Running], int]:
        """One with effects, called with the caller's frame and an instance; and how deep it is nested."""
        ...


class EffectCompiler:
    """Compiles the effect nodes and calls of one document."""

    def __init__(
        self, expressions: ExpressionCompiler, document: Document, functions: EffectFunctions
    ) -> None:
        self._expressions = expressions
        self._document = document
        self._functions = functions
        self.sites: list[EffectSite] = []
        """Every effect node compiled so far."""

    def compile_effect(self, node: Effect, scope: Scope) -> Step:
        """An effect node: its arguments are computed in the order of the verb's parameters."""
        site = self._build_site(node, scope.place)
        self.sites.append(site)
        names = [parameter.name for parameter in site.verb.parameters]
        arguments = [(name, self._expressions.compile(node.args[name], scope)) for name in names]
        return Step(request=(scope.define(node.id), _build_request(site, arguments, scope.place)))

    def compile_call(self, node: CallNode, scope: Scope) -> Step:
        """A call node: the called function's effects are those of the caller, in a frame of their own.

        A function may be called by a node without having effects: where it changes its arguments, or is to
        be called before what follows.
        """
        return self._compile_callee(node, ("functions", node.function), scope)

    def compile_invoke(self, node: Invoke, scope: Scope) -> Step:
        """Another op: called like a function, and its effects are made under its own policy."""
        return self._compile_callee(node, ("ops", node.op), scope)

    def _compile_callee(self, node: CallNode | Invoke, callee: Callee, scope: Scope) -> Step:
        if not self._functions.has_effects(callee):
            return self._compile_pure_call(node, callee, scope)
        function, nesting = self._functions.get_with_effects(callee)
        scope.layout.note_nesting(nesting)
        arguments = [self._expressions.compile(argument, scope) for argument in node.args]
        slot, place, frame = scope.define(node.id), scope.place, scope.path

        def call(f: Frame) -> Running:
            try:
                values = [argument(f) for argument in arguments]
            except ProgramError as error:
                error.locate(place)
                raise
            f[slot] = yield from function(f, extend_instance(f[INSTANCE], frame), values)
            return FALL

        return Step(generate=call)

    def _compile_pure_call(self, node: CallNode | Invoke, callee: Callee, scope: Scope) -> Step:
        function, nesting = self._functions.get_without_effects(callee)
        scope.layout.note_nesting(nesting)
        arguments = [self._expressions.compile(argument, scope) for argument in node.args]
        slot, place, frame = scope.define(node.id), scope.place, node.id

        def call(f: Frame) -> Any:
            try:
                values = [argument(f) for argument in arguments]
            except ProgramError as error:
                error.locate(place)
                raise
            try:
                f[slot] = function(f, values)
            except ProgramError as error:
                error.enter(frame)
                raise
            return FALL

        return Step(run=call)

    def _build_site(self, node: Effect, place: Place) -> EffectSite:
        verb, static = VERBS[node.verb], node.static
        function: ContractFunction | None = None
        argument_types: dict[str, Type | tuple[Type, ...]] = {
            p.name: parse_type(p.type) for p in verb.parameters if p.type != "*"
        }
        match node.verb:
            case "chain.call":
                function = self._document.contracts[static["contract"]].functions[static["function"]]
                argument_types["arguments"] = tuple(parse_type(p.type) for p in function.inputs)
            case "run.child":
                parameters = self._document.ops[static["op"]].parameters
                argument_types["arguments"] = tuple(parse_type(p.type) for p in parameters)
            case "event.emit":
                argument_types["value"] = parse_type(static["type"])
            case _:
                pass
        return EffectSite(
            state=StateId(place.at),
            verb=verb,
            static=dict(static),
            type=parse_type(node.type),
            argument_types=argument_types,
            function=function,
            pointer=place.pointer,
        )


def _build_request(
    site: EffectSite, arguments: list[tuple[str, Evaluate]], place: Place
) -> Callable[[Frame], EffectRequest]:
    bounded = [p for p in site.verb.parameters if p.least is not None or p.most is not None]

    def build(f: Frame) -> EffectRequest:
        try:
            values = {name: argument(f) for name, argument in arguments}
            for parameter in bounded:
                _check_bounds(parameter, values[parameter.name])
        except ProgramError as error:
            error.locate(place)
            raise
        return EffectRequest(site, f[INSTANCE], values, f[CONDITIONS])

    return build


def _check_bounds(parameter: Parameter, value: int | None) -> None:
    """Raise for an integer outside of the bounds what CPython's own function raises."""
    if value is None:
        return
    if parameter.least is not None and value < parameter.least:
        raise ProgramError(E_PROGRAM_EXCEPTION, exception="ValueError")
    if parameter.most is not None and value > parameter.most:
        raise ProgramError(E_PROGRAM_EXCEPTION, exception="OverflowError")
