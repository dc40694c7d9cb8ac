"""Calls that wait, that run an op beside this one, or that tell what has happened."""

from __future__ import annotations

import ast
from typing import Final

from opforge._durations import read_duration_ms
from opforge._frontend.arguments import Formal, bind_arguments, check_all, evaluate_first
from opforge._frontend.coercion import fit, has_unknown, holds_error, refuse_errors, show
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.effect_calls import holds_frozenset, is_in_function
from opforge._frontend.symbols import FunctionDecl
from opforge._frontend.tree import Expr, Literal, Request, TupleNew
from opforge._ir import VerbName
from opforge_ir.codes.source import E_FIXED_ARGUMENT, E_NOT_A_VALUE, E_TYPE_NEEDED
from opforge_ir.codes.waits import E_CHILD_OF_NO_OP
from opforge_ir.ids import is_segment
from opforge_ir.types import INT, NONE, STR, Type, optional_of, tuple_of

__all__ = ["WAIT_VERBS", "check_wait_call", "is_signal"]

WAIT_VERBS: Final[dict[str, VerbName]] = {
    "opforge.event.emit": "event.emit",
    "opforge.run.child": "run.child",
    "opforge.signal.wait": "signal.wait",
    "opforge.time.sleep": "time.sleep",
    "opforge.time.until": "time.until",
}
"""The verbs whose calls are checked here, by the names of the vocabulary."""

_SECONDS: Final = optional_of(INT)


def check_wait_call(ctx: Context, node: ast.Call, full: str, expected: Type | None) -> Expr:
    """A call of one of WAIT_VERBS."""
    if not is_in_function(ctx, node):
        return ctx.unknown(node)
    match WAIT_VERBS[full]:
        case "time.sleep":
            return _sleep(ctx, node)
        case "time.until":
            return _until(ctx, node)
        case "signal.wait":
            return _signal(ctx, node, expected)
        case "run.child":
            return _child(ctx, node)
        case _:
            return _event(ctx, node)


def is_signal(ctx: Context, node: ast.expr) -> bool:
    """Whether it is a call of `signal.wait`, which as a statement waits for a signal without a value."""
    symbol = ctx.resolve(node.func) if isinstance(node, ast.Call) else None
    return getattr(symbol, "full", None) == "opforge.signal.wait"


def _sleep(ctx: Context, node: ast.Call) -> Expr:
    args = bind_arguments(ctx, node, "time.sleep", [Formal("seconds", None)])
    if args is None:
        return ctx.unknown(node)
    place = node.args[0] if node.args else node.keywords[0].value
    seconds = _count_seconds(ctx, place, args["seconds"], INT)
    if seconds is None:
        return ctx.unknown(node)
    return Request(NONE, ctx.span(node), "time.sleep", {}, {"seconds": seconds})


def _until(ctx: Context, node: ast.Call) -> Expr:
    args = bind_arguments(ctx, node, "time.until", [Formal("epoch_seconds", INT)])
    if args is None:
        return ctx.unknown(node)
    return Request(NONE, ctx.span(node), "time.until", {}, args)


def _count_seconds(ctx: Context, place: ast.expr, given: Expr, wanted: Type) -> Expr | None:
    """A number of seconds as it is, and a duration as its number; None for what was refused."""
    if given.type is not STR:
        fitted = fit(ctx, place, given, wanted)
        return None if has_unknown(fitted.type) else fitted
    literal = literal_of(given)
    milliseconds = None if literal is None else read_duration_ms(literal.value)
    if milliseconds is None or milliseconds % 1000:
        reason = 'it is a number of seconds, or a text of whole ones such as "30s", "2h" or "1d"'
        ctx.report(E_FIXED_ARGUMENT, place, argument="a duration", reason=reason)
        return None
    return fit(ctx, place, Literal(INT, given.span, str(milliseconds // 1000)), wanted)


def _read_name(ctx: Context, given: Expr, what: str) -> str | None:
    """A name that stands in the source; None for what was refused."""
    literal = literal_of(given)
    if has_unknown(given.type):
        return None
    if literal is None or literal.type is not STR or not is_segment(literal.value):
        reason = "it is a name of letters, digits, - and _"
        ctx.report(E_FIXED_ARGUMENT, given.span, argument=f"the name of {what}", reason=reason)
        return None
    return literal.value


def _signal(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
    formals = [Formal("name", None), Formal("timeout", None, is_required=False, is_keyword_only=True)]
    args = bind_arguments(ctx, node, "signal.wait", formals)
    if args is None:
        return ctx.unknown(node)
    name = _read_name(ctx, args["name"], "a signal")
    places = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
    seconds: Expr | None = Literal(_SECONDS, ctx.span(node), "None")
    for place in places:
        seconds = _count_seconds(ctx, place, args["timeout"], _SECONDS)
    if name is None or seconds is None:
        return ctx.unknown(node)
    if expected is None:
        example = f'approved: bool = signal.wait("{name}")'
        return ctx.refuse(E_TYPE_NEEDED, node, what="signal.wait(...)", example=example)
    if holds_frozenset(expected):
        instead = "wait for a set, and make one of that: `frozenset(items)`"
        return ctx.refuse(E_NOT_A_VALUE, node, what=f"a signal of the type {show(expected)}", instead=instead)
    return Request(expected, ctx.span(node), "signal.wait", {"name": name}, {"timeout_seconds": seconds})


def _child(ctx: Context, node: ast.Call) -> Expr:
    op = ctx.resolve(node.args[0]) if node.args else None
    if ctx.function is None or not isinstance(op, FunctionDecl) or not op.is_op:
        check_all(ctx, ast.copy_location(ast.Call(node.func, node.args[1:], node.keywords), node))
        return ctx.refuse(E_CHILD_OF_NO_OP, node.args[0] if node.args else node)
    ctx.program.calls.append((ctx.function, op, ctx.span(node)))
    call = ast.copy_location(ast.Call(node.args[0], node.args[1:], node.keywords), node)
    if not op.is_complete:
        check_all(ctx, call)
        return ctx.unknown(node)
    formals = [
        Formal(each.name, each.type, each.default is None, each.is_keyword_only, each.is_positional_only)
        for each in op.parameters
    ]
    given = bind_arguments(ctx, call, f"run.child({op.name}, ...)", formals)
    if given is None or any(has_unknown(each.type) for each in given.values()):
        return ctx.unknown(node)

    def build(ready: dict[str, Expr]) -> Expr:
        items = [ready.get(each.name, each.default) for each in op.parameters]
        present = [item for item in items if item is not None]  # required ones are given
        arguments = TupleNew(tuple_of(*(each.type for each in op.parameters)), ctx.span(node), present)
        return Request(op.result, ctx.span(node), "run.child", {}, {"arguments": arguments}, op=op)

    names = [each.name for each in op.parameters if each.name in given]
    return build(given) if names == list(given) else evaluate_first(given, build)


def _event(ctx: Context, node: ast.Call) -> Expr:
    formals = [Formal("name", None), Formal("value", None, is_required=False)]
    args = bind_arguments(ctx, node, "event.emit", formals)
    if args is None:
        return ctx.unknown(node)
    name, value = _read_name(ctx, args["name"], "an event"), args.get("value", ctx.none(node))
    if name is None or has_unknown(value.type):
        return ctx.unknown(node)
    if holds_error(value.type):
        return refuse_errors(ctx, node)
    return Request(NONE, ctx.span(node), "event.emit", {"name": name}, {"value": value})
