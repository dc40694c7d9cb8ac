"""The typed form of a function's body: one function per form of statement."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, Final

from opforge._frontend.annotations import resolve_type
from opforge._frontend.assignments import (
    check_annotated,
    check_assignment,
    check_augmented,
    forget_names,
    stored_names,
)
from opforge._frontend.change_calls import check_changing_call
from opforge._frontend.coercion import fit, has_unknown, show
from opforge._frontend.context import Context, Program
from opforge._frontend.expressions import check_expression
from opforge._frontend.flow import Flow
from opforge._frontend.fstrings import to_text
from opforge._frontend.item_changes import check_deletion
from opforge._frontend.loops import check_for, check_jump, check_while
from opforge._frontend.matches import check_match
from opforge._frontend.nested_functions import declare_nested
from opforge._frontend.operations import check_test
from opforge._frontend.scope import join_states, narrowings
from opforge._frontend.source import head_of
from opforge._frontend.symbols import UNKNOWN, FunctionDecl
from opforge._frontend.tree import (
    Assert,
    Block,
    Expr,
    ExprStatement,
    IfStatement,
    Literal,
    ReturnStatement,
)
from opforge._frontend.tries import check_raise, check_try
from opforge._frontend.unsupported import refuse_statement
from opforge._frontend.wait_calls import is_signal
from opforge_ir.codes.limits import E_FUNCTION_TOO_LARGE
from opforge_ir.codes.source import E_MISSING_RETURN
from opforge_ir.types import NONE, STR

__all__ = ["check_function"]

MAX_VARIABLES: Final = 5_000
"""The most variables of one function: what is known of each is compared wherever two ways meet."""

_ALONE: Final = (ast.Call, ast.ListComp, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
"""What may stand alone, or is refused as what it is."""


def check_function(program: Program, function: FunctionDecl) -> None:
    """Check the body of a function whose parameters and result are known, and fill in `function.body`."""
    syntax = function.syntax
    has_inside = function.module.source.may_assign_inside
    names = stored_names(syntax.body, may_assign_inside=has_inside)
    names |= {parameter.name for parameter in function.parameters}
    names |= function.visible.keys()
    if len(names) > MAX_VARIABLES:
        place = head_of(syntax)
        function.module.report(E_FUNCTION_TOO_LARGE, place, name=function.name, limit=MAX_VARIABLES)
        return
    ctx = Context(program, function.module, function, check_expression, local_names=frozenset(names))
    for parameter in function.parameters:
        ctx.state.define(parameter.name, parameter.type)
        ctx.declared[parameter.name] = parameter.type
    for name, kind in function.visible.items():
        ctx.state.define(name, kind)
    for argument in _refused_parameters(syntax.args):
        ctx.state.define(argument.arg, UNKNOWN)
    assigns_inside = has_inside and any(isinstance(part, ast.NamedExpr) for part in ast.walk(syntax))
    body = _Body(ctx, assigns_inside=assigns_inside)
    function.body = body.check(syntax.body)
    body.end()
    result = function.result
    may_be_none = result is NONE or result.is_optional or has_unknown(result)
    if ctx.state.is_reachable and not may_be_none and not body.has_refused:
        ctx.report(E_MISSING_RETURN, head_of(syntax), name=syntax.name, type=show(result))


def _refused_parameters(args: ast.arguments) -> list[ast.arg]:
    return [arg for arg in (args.vararg, args.kwarg) if arg is not None]


_CONTROL: Final[dict[type[ast.stmt], Callable[[Flow, Any], Block]]] = {
    ast.Break: check_jump,
    ast.Continue: check_jump,
    ast.For: check_for,
    ast.Match: check_match,
    ast.Raise: check_raise,
    ast.Try: check_try,
    ast.While: check_while,
}


class _Body:
    """Checks the statements of one function in order."""

    def __init__(self, ctx: Context, *, assigns_inside: bool) -> None:
        """`assigns_inside` says whether the function has assignment expressions."""
        self._ctx = ctx
        self._flow = Flow(ctx, self.check, self._note_refused)
        self._assigns_inside = assigns_inside
        self.has_refused = False
        """Whether a statement was refused whose part in the flow is unknown."""

    def end(self) -> None:
        """Let go of the flow, which holds methods of this object: the cyclic collector is not needed then."""
        del self._flow

    def check(self, statements: Sequence[ast.stmt]) -> Block:
        """The typed statements, up to where the end of the block cannot be reached any more."""
        block: Block = []
        for statement in statements:
            if not self._ctx.state.is_reachable:
                break
            self._check(statement, block)
            if self._assigns_inside and block:
                block[-1].walrus = _find_walrus(statement)
        return block

    def _check(self, statement: ast.stmt, block: Block) -> None:
        if (control := _CONTROL.get(type(statement))) is not None:
            block.extend(control(self._flow, statement))
            return
        match statement:
            case ast.Assign():
                block.extend(check_assignment(self._ctx, statement))
            case ast.AnnAssign():
                kind = resolve_type(self._ctx.module, statement.annotation)
                block.extend(check_annotated(self._ctx, statement, kind))
            case ast.AugAssign():
                block.extend(check_augmented(self._ctx, statement))
            case ast.If():
                self._if(statement, block)
            case ast.Return():
                self._return(statement, block)
            case ast.Assert():
                self._assert(statement, block)
            case ast.Expr():
                self._expression(statement, block)
            case ast.Delete():
                block.extend(check_deletion(self._ctx, statement))
            case ast.Pass():
                pass
            case ast.FunctionDef():
                function = declare_nested(self._ctx, statement)
                if function is not None:
                    check_function(self._ctx.program, function)
            case _:
                self._refuse(statement)

    def _note_refused(self) -> None:
        self.has_refused = True

    def _refuse(self, statement: ast.stmt) -> None:
        refuse_statement(self._ctx.module, statement)
        self.has_refused = True
        if isinstance(statement, ast.Global | ast.Nonlocal):
            forget_names(self._ctx, statement.names)
        else:
            forget_names(self._ctx, stored_names([statement]))

    def _if(self, node: ast.If, block: Block) -> None:
        ctx = self._ctx
        test = check_test(ctx, node.test)
        yes, no = narrowings(test)
        otherwise_state = ctx.state.copy()
        ctx.state.narrow(yes)
        then = self.check(node.body)
        then_state, ctx.state = ctx.state, otherwise_state
        ctx.state.narrow(no)
        otherwise = self.check(node.orelse)
        ctx.state = join_states(then_state, ctx.state)
        block.append(IfStatement(ctx.span(node), test, then, otherwise))

    def _return(self, node: ast.Return, block: Block) -> None:
        ctx = self._ctx
        assert ctx.function is not None
        result = ctx.function.result
        value = ctx.none(node) if node.value is None else ctx.check(node.value, result)
        block.append(ReturnStatement(ctx.span(node), fit(ctx, node.value or node, value, result)))
        ctx.state.is_reachable = False

    def _assert(self, node: ast.Assert, block: Block) -> None:
        ctx = self._ctx
        test = check_test(ctx, node.test)
        yes, no = narrowings(test)
        message: Expr = Literal(STR, ctx.span(node), "")
        if node.msg is not None:
            before = ctx.state.narrowed
            ctx.state.narrow(no)
            with ctx.skippable():
                message = to_text(ctx, node.msg, ctx.check(node.msg))
            ctx.state.narrowed = before
        ctx.state.narrow(yes)
        block.append(Assert(ctx.span(node), test, message))

    def _expression(self, node: ast.Expr, block: Block) -> None:
        ctx = self._ctx
        value = node.value
        if isinstance(value, ast.Constant) and (isinstance(value.value, str) or value.value is ...):
            return
        if not isinstance(value, _ALONE):
            refuse_statement(ctx.module, node)
            return
        changes = check_changing_call(ctx, value)
        expected = NONE if is_signal(ctx, value) else None
        if changes is None:
            changes = [ExprStatement(ctx.span(node), ctx.check(value, expected))]
        block.extend(changes)


def _find_walrus(statement: ast.stmt) -> tuple[str, ...]:
    """The variables that assignment expressions in a statement give a value."""
    return tuple(part.target.id for part in ast.walk(statement) if isinstance(part, ast.NamedExpr))
