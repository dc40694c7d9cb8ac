"""`match`: each `case` as a test of the subject, the variables that it captures, and its guard.

    match shape:                          if shape.radius == 0: …
        case Circle(radius=0): …          elif shape.radius > 9:
        case Circle(radius) if radius > 9: …    radius = shape.radius; …

The subject is evaluated once. In a guard a captured variable stands for the part of the subject that it is;
the variables themselves are bound before the body. A case that fits whatever the cases above it leave over
needs no test, so a function that returns in each case needs no `return` below.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from opforge._frontend.assignments import forget_names, stored_names
from opforge._frontend.case_patterns import (
    Capture,
    Fit,
    Part,
    check_case_pattern,
    known_part,
    list_alternatives,
)
from opforge._frontend.coercion import has_unknown
from opforge._frontend.flow import Flow
from opforge._frontend.lowering_context import is_settled
from opforge._frontend.operations import check_test
from opforge._frontend.scope import State, join_states, narrowings, path_of
from opforge._frontend.tree import Assign, Block, BooleanChain, Expr, IfStatement, Local, Pattern
from opforge_ir.codes.source import E_PATTERN
from opforge_ir.types import BOOL, Type

__all__ = ["check_match"]


def check_match(flow: Flow, node: ast.Match) -> Block:
    """`match subject: case …`."""
    ctx = flow.ctx
    value = ctx.check(node.subject)
    if has_unknown(value.type):
        flow.note_refused()
        _check_bodies(flow, node.cases)
        return []
    made: Block = []
    span = ctx.span(node.subject)
    guards = [case.guard for case in node.cases if case.guard is not None]
    is_reassigned = any(isinstance(part, ast.NamedExpr) for guard in guards for part in ast.walk(guard))
    if path_of(value) is None or is_reassigned:
        name, kind = flow.hide("subject", node), value.type
        made.append(Assign(span, Pattern(kind, span, name), value))
        ctx.state.define(name, kind)
        subject: Part = known_part(ctx, lambda: Local(kind, span, name))
    else:
        subject = known_part(ctx, lambda: value)
    left = list_alternatives(ctx, value.type)
    return [*made, *_check_cases(flow, node.cases, subject, left)]


def _check_cases(flow: Flow, cases: Sequence[ast.match_case], subject: Part, left: frozenset[str]) -> Block:
    """The cases in order; `left` are the alternatives of the subject that no case above covers."""
    ctx = flow.ctx
    outermost: Block = []
    block = outermost
    ways: list[State] = []
    for case in cases:
        fit = check_case_pattern(ctx, case.pattern, subject)
        if fit is None:
            flow.note_refused()
            before = ctx.state.copy()
            _check_bodies(flow, [case])
            ways.append(ctx.state)
            ctx.state = before
            continue
        is_rest = case.guard is None and left <= fit.covers
        test = None if is_rest else _test_of(flow, case, fit)
        if test is None:
            block += _bind(flow, fit.captures)
            block += flow.check_block(case.body)
            break
        yes, no = narrowings(test)
        otherwise_state = ctx.state.copy()
        ctx.state.narrow(yes)
        then = [*_bind(flow, fit.captures), *flow.check_block(case.body)]
        ways.append(ctx.state)
        ctx.state = otherwise_state
        ctx.state.narrow(no)
        otherwise: Block = []
        place = case.pattern if case.guard is None else case.guard
        block.append(IfStatement(ctx.span(place), test, then, otherwise))
        block = otherwise
        if case.guard is None:
            left -= fit.covers
    for way in reversed(ways):
        ctx.state = join_states(way, ctx.state)
    return outermost


def _test_of(flow: Flow, case: ast.match_case, fit: Fit) -> Expr | None:
    """Pattern and guard as one test; None where every value fits."""
    ctx = flow.ctx
    tests = list(fit.tests)
    if case.guard is not None:
        before, narrowed = ctx.substitutes, ctx.state.narrowed
        for test in fit.tests:
            ctx.state.narrow(narrowings(test)[0])
        ctx.substitutes = before | {capture.name: capture.part for capture in fit.captures}
        for capture in fit.captures:
            if isinstance(ctx.state.variables.get(capture.name), Type):
                what = f"the name {capture.name}, which is a variable already, in a case with a guard"
                ctx.report(E_PATTERN, capture.node, what=what)
        guard = check_test(ctx, case.guard)
        if ctx.function is not None and not all(is_settled(capture.part()) for capture in fit.captures):
            ctx.program.guards.append((ctx.function, guard))
        tests.append(guard)
        ctx.substitutes = before
        ctx.state.narrowed = narrowed
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return BooleanChain(BOOL, ctx.span(case.pattern), True, tests)


def _bind(flow: Flow, captures: Sequence[Capture]) -> Block:
    ctx = flow.ctx
    values = [(capture, capture.part()) for capture in captures]
    made: Block = []
    for capture, value in values:
        span = ctx.span(capture.node)
        made.append(Assign(span, Pattern(value.type, span, capture.name), value))
        ctx.state.define(capture.name, value.type)
    return made


def _check_bodies(flow: Flow, cases: Sequence[ast.match_case]) -> None:
    """Find the problems within cases whose pattern was refused."""
    ctx = flow.ctx
    before = ctx.state.copy()
    after = State(is_reachable=False)
    for case in cases:
        ctx.state = before.copy()
        forget_names(ctx, _captured(case.pattern))
        flow.check_block(case.body)
        after = join_states(after, ctx.state)
    forgotten = stored_names([statement for case in cases for statement in case.body])
    ctx.state = before
    forget_names(ctx, {*forgotten, *(name for case in cases for name in _captured(case.pattern))})
    ctx.state.is_reachable = True


def _captured(pattern: ast.pattern) -> set[str]:
    names = {each.name for each in ast.walk(pattern) if isinstance(each, ast.MatchAs | ast.MatchStar)}
    return {name for name in names if name is not None}
