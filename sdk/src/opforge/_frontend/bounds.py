"""How many rounds a `while` may have: the bound that its condition shows.

    while i < LIMIT and …        LIMIT - i, as the two are when the loop begins
    while i >= 0                 i - 0 + 1
    while i < len(items), while pending      1 000 000, the most items that a list has

A loop that needs more rounds than that, since its counter does not move in each of them, ends with a code; an
op says `max_iterations=` then, which holds for every `while` of it and of the functions that it calls.
"""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.assignments import stored_names
from opforge._frontend.coercion import apply, has_unknown
from opforge._frontend.flow import Flow
from opforge._frontend.tree import Expr, Literal
from opforge_ir.types import INT

__all__ = ["MAX_LENGTH", "find_limit"]

MAX_LENGTH: Final = 1_000_000
"""The most items that a list or dict of a running program has."""

_GROWS: Final = (ast.Lt, ast.LtE)


def find_limit(flow: Flow, node: ast.While) -> Expr | None:
    """The bound of a loop, computed where the loop begins; None where the condition shows none."""
    ctx = flow.ctx
    function = ctx.function
    if function is not None and function.policy is not None and function.policy.max_iterations:
        return Literal(INT, ctx.span(node.test), str(function.policy.max_iterations))
    changed = stored_names(node.body)
    for test in _get_conjuncts(node.test):
        found = _limit_of(flow, test, changed)
        if found is not None:
            return found
    return None


def _get_conjuncts(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _limit_of(flow: Flow, test: ast.expr, changed: set[str]) -> Expr | None:
    match test:
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            low, high = test.left, test.comparators[0]
            if not isinstance(test.ops[0], _GROWS):
                low, high = high, low
            is_strict = isinstance(test.ops[0], ast.Lt | ast.Gt)
            return _distance(flow, test, low, high, changed, is_strict=is_strict)
        case ast.Name() | ast.Attribute():
            value = _check_quietly(flow, test)
            is_container = value is not None and (value.type.is_list or value.type.is_dict)
            return Literal(INT, flow.ctx.span(test), str(MAX_LENGTH)) if is_container else None
        case _:
            return None


def _distance(
    flow: Flow, test: ast.expr, low: ast.expr, high: ast.expr, changed: set[str], *, is_strict: bool
) -> Expr | None:
    """`high - low` where one of the two is a counter: a variable that the body changes."""
    is_counted = any(isinstance(side, ast.Name) and side.id in changed for side in (low, high))
    if not is_counted:
        return None
    span = flow.ctx.span(test)
    if any(_is_length(side) for side in (low, high)):
        return Literal(INT, span, str(MAX_LENGTH))
    first, last = _check_quietly(flow, low), _check_quietly(flow, high)
    if first is None or last is None or first.type is not INT or last.type is not INT:
        return None
    distance = last
    if not (isinstance(first, Literal) and first.value == "0"):
        distance = apply("int.sub", INT, last, first)
    if not is_strict:
        distance = apply("int.add", INT, distance, Literal(INT, span, "1"))
    distance.span = span
    return distance


def _is_length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"


def _check_quietly(flow: Flow, node: ast.expr) -> Expr | None:
    """A part of the condition as it is where the loop begins; its problems are reported elsewhere."""
    ctx = flow.ctx
    if not _is_plain(node):
        return None
    mark, state = ctx.module.problems.mark(), ctx.state
    ctx.state = state.copy()
    value = ctx.check(node)
    ctx.state = state
    ctx.module.problems.forget_since(mark)
    return None if has_unknown(value.type) else value


def _is_plain(node: ast.expr) -> bool:
    """Names, fields, numbers and sums of them: what can be evaluated once more without being noticed."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute():
            return _is_plain(node.value)
        case ast.UnaryOp(op=ast.USub()):
            return _is_plain(node.operand)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()):
            return _is_plain(node.left) and _is_plain(node.right)
        case _:
            return False
