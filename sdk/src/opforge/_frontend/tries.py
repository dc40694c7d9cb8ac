"""`try` with its handlers, `else` and `finally`, and `raise`.

An error may come from anywhere in the body, so a handler finds each variable with any of the values that the
body gives it, and not at all those that it gives their first one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Final, cast

from opforge._frontend.assignments import stored_names
from opforge._frontend.coercion import fit
from opforge._frontend.context import Context
from opforge._frontend.flow import Flow
from opforge._frontend.liveness import find_assigned, find_given
from opforge._frontend.names import hint_for
from opforge._frontend.scope import State, Unset, join_states, join_types
from opforge._frontend.source import beginning_of
from opforge._frontend.symbols import CAUGHT, UNKNOWN, Broken, VocabularySymbol
from opforge._frontend.tree import (
    Block,
    Expr,
    FailStatement,
    Handler,
    Rethrow,
    Statement,
    TryStatement,
)
from opforge._frontend.vocabulary import BUILTIN_ERRORS
from opforge._ir import ErrorName
from opforge_ir.codes.source import E_ARGUMENTS, E_CAUGHT_ERROR, E_RAISE, E_TRY
from opforge_ir.errors import ERRORS
from opforge_ir.types import STR, Type

__all__ = ["check_raise", "check_try"]

_UNSET_BY_ERROR: Final = Unset("an error may come before it is given one")
_UNSET_AFTER_HANDLER: Final = Unset("the name of a caught error ends with its handler")


def check_try(flow: Flow, node: ast.Try) -> Block:
    """`try: … except …: … else: … finally: …`."""
    ctx = flow.ctx
    entry = ctx.state.copy()
    final_names = stored_names(node.finalbody)
    loop = flow.loops[-1] if flow.loops and final_names else None
    if loop is not None:
        loop.finals += 1
    body = flow.check_block(node.body)
    end = ctx.state
    inside = _anywhere(entry, [body])
    handlers: list[Handler] = []
    ways: list[State] = []
    for handler in node.handlers:
        ctx.state = inside.copy()
        made = _check_handler(flow, handler)
        if made is not None:
            handlers.append(made)
        ways.append(ctx.state)
    ctx.state = end
    otherwise = flow.check_block(node.orelse)
    if loop is not None:
        loop.finals -= 1
    after = ctx.state
    for way in ways:
        after = join_states(after, way)
    always: Block = []
    if node.finalbody:
        ctx.state = _anywhere(entry, [body, *(each.body for each in handlers), otherwise])
        always = flow.check_block(node.finalbody)
        after = _after_final(after, ctx.state, find_assigned(always))
    ctx.state = after
    if not handlers and not always:
        # What was wrong with the handlers is reported; a `finally` that does nothing changes nothing.
        return [*body, *otherwise]
    return [TryStatement(ctx.span(node), body, handlers, otherwise, always)]


def _anywhere(entry: State, blocks: Iterable[Sequence[Statement]]) -> State:
    """What is known where control may have left the blocks at any point."""
    state = entry.copy()
    given: dict[str, Type | Unset] = {}
    for block in blocks:
        for name, kind in find_given(block):
            before = given.get(name, entry.variables.get(name, _UNSET_BY_ERROR))
            if isinstance(before, Unset):
                given[name] = before
            else:
                both = join_types(before, kind)
                given[name] = both or Unset(f"it is {before} on one path and {kind} on the other")
    state.variables |= given
    state.narrowed = frozenset(each for each in entry.narrowed if each.path.partition(".")[0] not in given)
    return state


def _after_final(normal: State, final: State, assigned: Iterable[str]) -> State:
    """What is known after `finally`, where control came to it without an error and goes on."""
    if not final.is_reachable or not normal.is_reachable:
        return State(is_reachable=False)
    state = normal.copy()
    for name in assigned:
        kind = final.variables.get(name)
        if isinstance(kind, Type):
            state.define(name, kind)
            state.narrow(each for each in final.narrowed if each.path.partition(".")[0] == name)
        elif kind is not None:
            state.variables[name] = kind
    return state


# --- handlers -----------------------------------------------------------------------------------------


def _check_handler(flow: Flow, node: ast.ExceptHandler) -> Handler | None:
    ctx = flow.ctx
    errors = _errors_of(ctx, node)
    name = node.name or flow.hide("error", node)
    outer = ctx.caught.get(name)
    ctx.caught[name] = tuple(errors or ())
    ctx.state.define(name, CAUGHT if errors is not None else UNKNOWN)
    flow.handlers.append(name)
    body = flow.check_block(node.body)
    flow.handlers.pop()
    if outer is None:
        del ctx.caught[name]
    else:
        ctx.caught[name] = outer
    if node.name is not None:
        ctx.state.variables[name] = _UNSET_AFTER_HANDLER
    else:
        ctx.state.variables.pop(name, None)
    if errors is None:
        flow.note_refused()
    return None if errors is None else Handler(ctx.span(node), errors, name, body)


def _errors_of(ctx: Context, node: ast.ExceptHandler) -> list[ErrorName] | None:
    """The names of the errors that a handler catches; None, with a problem reported, where one is refused."""
    if node.type is None:
        ctx.report(E_TRY, beginning_of(node, "except"), form="except without a class")
        return None
    nodes = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    found: list[ErrorName | None] = [_error_name(ctx, each) for each in nodes]
    if not found:
        ctx.report(E_TRY, node.type, form="an empty tuple of errors")
        return None
    known: list[ErrorName] = []
    for each in found:
        if each is None:
            return None
        if each not in known:
            known.append(each)
    return known


def _error_name(ctx: Context, node: ast.expr) -> ErrorName | None:
    symbol = ctx.resolve(node)
    if isinstance(symbol, Broken):
        return None
    text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
    name = symbol.full.rpartition(".")[2] if isinstance(symbol, VocabularySymbol) else text
    if isinstance(symbol, VocabularySymbol) and name in ERRORS:
        return cast("ErrorName", name)
    if symbol is None and name in BUILTIN_ERRORS and not ctx.is_variable(name):
        return cast("ErrorName", name)
    if name in ("Exception", "BaseException"):
        ctx.report(E_TRY, node, form=f"except {name}")
    else:
        ctx.report(E_CAUGHT_ERROR, node, name=text or "this", hint=hint_for(name, ERRORS))
    return None


# --- raise --------------------------------------------------------------------------------------------


def check_raise(flow: Flow, node: ast.Raise) -> Block:
    """`raise Fail(message)`, `raise` alone, and `raise error` of a caught one; `from` says nothing more."""
    ctx = flow.ctx
    made = _raised(flow, node)
    ctx.state.is_reachable = False
    return [] if made is None else [made]


def _raised(flow: Flow, node: ast.Raise) -> Statement | None:
    ctx = flow.ctx
    error = node.exc
    if node.cause is not None and not _is_cause(ctx, node.cause):
        ctx.report(E_RAISE, node.cause, what="this cause")
        return None
    if error is None:
        if flow.handlers:
            return Rethrow(ctx.span(node), flow.handlers[-1])
        ctx.report(E_RAISE, node, what="raise without an error, outside of a handler")
        return None
    if isinstance(error, ast.Name) and error.id in ctx.caught and ctx.is_variable(error.id):
        kind = ctx.state.variables.get(error.id)
        if kind is CAUGHT:
            return Rethrow(ctx.span(node), error.id)
        if kind is UNKNOWN:
            return None
    if not isinstance(error, ast.Call) or ctx.resolve(error.func) != VocabularySymbol("opforge.Fail"):
        if isinstance(error, ast.Call) and isinstance(ctx.resolve(error.func), Broken):
            return None
        ctx.report(E_RAISE, error, what="this error")
        return None
    if len(error.args) != 1 or error.keywords or isinstance(error.args[0], ast.Starred):
        ctx.report(
            E_ARGUMENTS,
            error,
            callee="Fail",
            reason="it takes the message, without a name",
            signature='write `raise Fail("what went wrong")`',
        )
        return None
    message: Expr = fit(ctx, error.args[0], ctx.check(error.args[0], STR), STR)
    return FailStatement(ctx.span(node), message)


def _is_cause(ctx: Context, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and node.value is None:
        return True
    return isinstance(node, ast.Name) and ctx.state.variables.get(node.id) in (CAUGHT, UNKNOWN)
