"""The typed form of a function's body: one function per form of statement."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

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
from opforge._frontend.comprehensions import check_items, check_pattern, define_pattern
from opforge._frontend.context import Context, Program
from opforge._frontend.expressions import check_expression
from opforge._frontend.fstrings import to_text
from opforge._frontend.item_changes import check_deletion
from opforge._frontend.operations import check_test
from opforge._frontend.scope import State, Unset, join_states, narrowings
from opforge._frontend.symbols import UNKNOWN, FunctionDecl, VocabularySymbol
from opforge._frontend.tree import (
    Assert,
    Block,
    Expr,
    ExprStatement,
    FailStatement,
    ForStatement,
    IfStatement,
    Literal,
    ReturnStatement,
)
from opforge._frontend.unsupported import refuse_statement
from opforge_ir.codes.source import E_MISSING_RETURN
from opforge_ir.types import NONE, STR, Type

__all__ = ["check_function"]

_NOT_RUN: Final = Unset("the loop may not run at all")


def check_function(program: Program, function: FunctionDecl) -> None:
    """Check the body of a function whose parameters and result are known, and fill in `function.body`."""
    syntax = function.syntax
    names = {parameter.name for parameter in function.parameters} | stored_names(syntax.body)
    ctx = Context(program, function.module, function, check_expression, local_names=frozenset(names))
    for parameter in function.parameters:
        ctx.state.define(parameter.name, parameter.type)
        ctx.declared[parameter.name] = parameter.type
    for argument in _refused_parameters(syntax.args):
        ctx.state.define(argument.arg, UNKNOWN)
    body = _Body(ctx)
    function.body = body.check(syntax.body)
    result = function.result
    may_be_none = result is NONE or result.is_optional or has_unknown(result)
    if ctx.state.is_reachable and not may_be_none and not body.has_refused:
        ctx.report(E_MISSING_RETURN, _name_of(function), name=function.name, type=show(result))


def _refused_parameters(args: ast.arguments) -> list[ast.arg]:
    return [arg for arg in (args.vararg, args.kwarg) if arg is not None]


def _name_of(function: FunctionDecl) -> ast.stmt:
    """The first line of a definition up to its name, as a place."""
    syntax = function.syntax
    place = ast.Pass()
    place.lineno = place.end_lineno = syntax.lineno
    place.col_offset = syntax.col_offset
    place.end_col_offset = syntax.col_offset + len("def ") + len(syntax.name)
    return place


class _Body:
    """Checks the statements of one function in order."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.has_refused = False
        """Whether a statement was refused whose part in the flow is unknown."""
        self._heads: dict[ast.For, State] = {}
        """For each loop, what is known where a round begins."""

    def check(self, statements: Sequence[ast.stmt]) -> Block:
        """The typed statements, up to where the end of the block cannot be reached any more."""
        block: Block = []
        for statement in statements:
            if not self._ctx.state.is_reachable:
                break
            self._check(statement, block)
        return block

    def _check(self, statement: ast.stmt, block: Block) -> None:
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
            case ast.For():
                self._for(statement, block)
            case ast.Return():
                self._return(statement, block)
            case ast.Assert():
                self._assert(statement, block)
            case ast.Raise():
                self._raise(statement, block)
            case ast.Expr():
                self._expression(statement, block)
            case ast.Delete():
                block.extend(check_deletion(self._ctx, statement))
            case ast.Pass():
                pass
            case _:
                self._refuse(statement)

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

    def _for(self, node: ast.For, block: Block) -> None:
        ctx = self._ctx
        if node.orelse:
            self._refuse(node)
            return
        items = check_items(ctx, node.iter)
        entry = ctx.state
        # A loop inside of another one is checked for each round of that: what was found then still holds.
        before = self._heads.get(node)
        head = entry.copy() if before is None else _after_iteration(entry.copy(), before)
        while True:
            # What one iteration leaves is what the next one finds, until nothing changes any more.
            mark = ctx.module.problems.mark()
            ctx.state = head.copy()
            pattern = check_pattern(ctx, node.target, items.type.args[0] if items.type.is_list else UNKNOWN)
            define_pattern(ctx, pattern)
            body = self.check(node.body)
            after = _after_iteration(head, ctx.state)
            if after == head:
                break
            ctx.module.problems.forget_since(mark)
            head = after
        self._heads[node] = head.copy()
        reported = [name for name, kind in ctx.state.variables.items() if kind is UNKNOWN]
        ctx.state = head
        forget_names(ctx, reported)
        widened = {
            name: kind
            for name, kind in head.variables.items()
            if isinstance(kind, Type) and name in entry.variables and entry.variables[name] is not kind
        }
        block.append(ForStatement(ctx.span(node), pattern, items, body, widened))

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
            message = to_text(ctx, node.msg, ctx.check(node.msg))
            ctx.state.narrowed = before
        ctx.state.narrow(yes)
        block.append(Assert(ctx.span(node), test, message))

    def _raise(self, node: ast.Raise, block: Block) -> None:
        ctx = self._ctx
        error = node.exc
        if not (
            isinstance(error, ast.Call)
            and node.cause is None
            and ctx.resolve(error.func) == VocabularySymbol("opforge.Fail")
            and len(error.args) == 1
            and not error.keywords
            and not isinstance(error.args[0], ast.Starred)
        ):
            refuse_statement(ctx.module, node)
            ctx.state.is_reachable = False
            return
        message = fit(ctx, error.args[0], ctx.check(error.args[0], STR), STR)
        block.append(FailStatement(ctx.span(node), message))
        ctx.state.is_reachable = False

    def _expression(self, node: ast.Expr, block: Block) -> None:
        ctx = self._ctx
        value = node.value
        if isinstance(value, ast.Constant) and (isinstance(value.value, str) or value.value is ...):
            return
        if not isinstance(value, ast.Call | ast.ListComp | ast.Yield | ast.YieldFrom | ast.Await):
            refuse_statement(ctx.module, node)
            return
        changes = check_changing_call(ctx, value)
        block.extend([ExprStatement(ctx.span(node), ctx.check(value))] if changes is None else changes)


def _after_iteration(head: State, after: State) -> State:
    """What is known where the body has run any number of times, none included."""
    joined = join_states(head, after)
    if joined is head:
        return head
    for name, kind in joined.variables.items():
        if name not in head.variables and isinstance(kind, Unset):
            joined.variables[name] = _NOT_RUN
    joined.is_reachable = True
    return joined
