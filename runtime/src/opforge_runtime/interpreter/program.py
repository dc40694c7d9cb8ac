"""A whole document, compiled once; what it holds may be run any number of times."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from opforge_ir.codes.execution import E_CALLS_TOO_DEEP
from opforge_ir.decimal_context import build_decimal_context
from opforge_ir.diagnostics import JsonPointer
from opforge_ir.document import Document, Function, Op
from opforge_ir.enums import build_enum_table
from opforge_ir.ids import StateId
from opforge_ir.types import parse_type
from opforge_ir.values import Value, ValueCodec
from opforge_runtime.interpreter.call_order import Callee, order_owners
from opforge_runtime.interpreter.compensation import build_compensated
from opforge_runtime.interpreter.effects import EffectCompiler
from opforge_runtime.interpreter.expressions import Evaluate, ExpressionCompiler
from opforge_runtime.interpreter.limits import MAX_NESTING
from opforge_runtime.interpreter.nodes import NodeCompiler
from opforge_runtime.interpreter.program_error import Place
from opforge_runtime.interpreter.request import Conditions, EffectSite
from opforge_runtime.interpreter.scope import (
    CONDITIONS,
    FIRST_SLOT,
    RUN,
    Frame,
    FunctionLayout,
    RunContext,
    Scope,
)
from opforge_runtime.interpreter.steps import Region, Running

__all__ = ["CompiledBody", "CompiledOp", "Program", "compile_document"]


@dataclass(frozen=True, slots=True)
class CompiledBody:
    """The body of an op or function, and the size of its frame."""

    region: Region
    size: int
    nesting: int

    def build_frame(
        self, context: RunContext, instance: str, conditions: Conditions | None, values: list[Value]
    ) -> Frame:
        """A new frame with the values of the parameters, in order. Without effects it needs no conditions."""
        padding = [None] * (self.size - FIRST_SLOT - len(values))
        return [instance, context, conditions, *values, *padding]


@dataclass(frozen=True, slots=True)
class CompiledOp:
    """One entry point."""

    op: Op
    place: Place
    body: CompiledBody
    defaults: dict[str, Evaluate]
    """The parameters that a caller may leave out, with their values."""


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled document."""

    document: Document
    codec: ValueCodec
    ops: dict[str, CompiledOp]
    constants: list[Evaluate]
    """How each constant is made; every execution has its own, since lists and dicts can be changed."""
    decimal_context: decimal.Context
    """The context that the program computes in; each execution works in a copy."""
    sites: list[EffectSite]
    """Every effect node of the document."""

    def build_conditions(self, op: str) -> Conditions:
        """Those of a run of this op. Where anything may be undone, the program hears of all failures."""
        is_guarded = any(compiled.op.compensation for compiled in self.ops.values())
        return Conditions(op, is_guarded=is_guarded)

    @property
    def waits(self) -> frozenset[StateId]:
        """The states that wait."""
        return frozenset(site.state for site in self.sites if site.verb.effect == "wait")

    def add_constants(self, context: RunContext) -> None:
        """Give a context all constants, made in the decimal context that holds now."""
        frame: Frame = ["", context, None]
        for build in self.constants:
            context.constants.append(build(frame))


def compile_document(document: Document) -> Program:
    """Compile a document that the validator has accepted.

    Raises DiagnosticError (E_CALLS_TOO_DEEP). What the validator refuses (unknown names, types that do not
    fit, functions that call themselves) leads to other exceptions here: a mistake of the caller.
    """
    return _DocumentCompiler(document).compile()


class _DocumentCompiler:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._codec = ValueCodec(
            {
                name: tuple((field.name, parse_type(field.type)) for field in record.fields)
                for name, record in document.records.items()
            },
            {
                name: build_enum_table(enum.type, [(each.name, each.value) for each in enum.members])
                for name, enum in document.enums.items()
            },
        )
        # Constants do not refer to each other, so the order of their names is as good as any.
        constants = {name: index for index, name in enumerate(sorted(document.constants))}
        self._expressions = ExpressionCompiler(self._codec, constants, self)
        self._effects = EffectCompiler(self._expressions, document, self)
        self._nodes = NodeCompiler(self._expressions, self._effects)
        self._bodies: dict[Callee, CompiledBody] = {}

    def compile(self) -> Program:
        document = self._document
        ops: dict[str, CompiledOp] = {}
        for table, name in order_owners(document):
            scope = self._build_scope(name, f"/{table}/{name}")
            if table == "functions":
                self._bodies[table, name] = self._compile_body(document.functions[name], scope)
            else:
                ops[name] = self._compile_op(document.ops[name], scope)
                self._bodies[table, name] = ops[name].body
        constants = [
            self._expressions.compile(constant.value, self._build_scope(name, f"/constants/{name}/value"))
            for name, constant in sorted(document.constants.items())
        ]
        context = build_decimal_context(document.settings.decimal_precision)
        return Program(
            document, self._codec, dict(sorted(ops.items())), constants, context, self._effects.sites
        )

    def get_pure(self, name: str) -> tuple[Callable[[Frame, list[Any]], Any], int]:
        """Part of PureFunctions."""
        return self.get_without_effects(("functions", name))

    def has_effects(self, callee: Callee) -> bool:
        """Part of EffectFunctions."""
        return self._bodies[callee].region.generate is not None

    def get_without_effects(self, callee: Callee) -> tuple[Callable[[Frame, list[Any]], Any], int]:
        """Part of EffectFunctions."""
        body = self._bodies[callee]
        run, build_frame = body.region.run, body.build_frame
        assert run is not None, f"{callee} has effects and is called in an expression"

        def call(f: Frame, values: list[Any]) -> Any:
            return run(build_frame(f[RUN], "", None, values))

        return call, body.nesting

    def get_with_effects(self, callee: Callee) -> tuple[Callable[[Frame, str, list[Any]], Running], int]:
        """Part of EffectFunctions."""
        body = self._bodies[callee]
        generate, build_frame = body.region.generate, body.build_frame
        assert generate is not None, f"{callee} has no effects"
        if callee[0] == "functions":

            def call(f: Frame, instance: str, values: list[Any]) -> Running:
                return generate(build_frame(f[RUN], instance, f[CONDITIONS], values))

            return call, body.nesting

        def invoke(f: Frame, instance: str, values: list[Any]) -> Running:
            return generate(build_frame(f[RUN], instance, f[CONDITIONS].enter(callee[1]), values))

        return invoke, body.nesting

    def _compile_op(self, op: Op, scope: Scope) -> CompiledOp:
        defaults = {
            parameter.name: self._expressions.compile(value, scope)
            for parameter in op.parameters
            for value in parameter.default
        }
        body = self._compile_body(op, scope)
        for undoing in op.compensation:
            body = self._add_compensation(body, op, undoing, scope)
        return CompiledOp(op, scope.place, body, defaults)

    def _add_compensation(self, body: CompiledBody, op: Op, undoing: str, scope: Scope) -> CompiledBody:
        """The body with what undoes it; that is called from one level further in."""
        undo = self._bodies["ops", undoing]
        deepest = max(body.nesting, undo.nesting + 1) + 1
        self._check_nesting(scope, deepest)
        region = build_compensated(body.region, undo.region, undo.build_frame, undoing, len(op.parameters))
        return replace(body, region=region, nesting=deepest)

    def _compile_body(self, owner: Op | Function, scope: Scope) -> CompiledBody:
        layout = scope.layout
        for parameter in owner.parameters:
            scope.define(parameter.name)
        region = self._nodes.compile_region(owner.body, scope.enter_region("/body"))
        self._check_nesting(scope, layout.deepest)
        # The function that builds the frame and runs the body is one level itself.
        return CompiledBody(region, layout.size, layout.deepest + 1)

    def _check_nesting(self, scope: Scope, deepest: int) -> None:
        if deepest > MAX_NESTING:
            owner = scope.layout.owner
            raise E_CALLS_TOO_DEEP.error(scope.place.pointer, owner=owner, depth=deepest, limit=MAX_NESTING)

    def _build_scope(self, owner: str, pointer: str) -> Scope:
        place = Place(f"{self._document.workload.id}.{owner}", JsonPointer(pointer))
        return Scope(FunctionLayout(owner), place)
