"""Loops: `for`, `while`, their `else`, `break` and `continue`.

What is known where a round begins is found by going through the body until nothing changes any more. A
variable may have another type at a `break` than where a round begins; the loop then hands on an Optional, and
assignments after it (`is_retyping`) say what the value is on each way.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from opforge._frontend.arguments import is_stable
from opforge._frontend.assignments import forget_names, stored_names
from opforge._frontend.bounds import find_limit
from opforge._frontend.coercion import apply
from opforge._frontend.comprehensions import check_pattern, define_pattern
from opforge._frontend.flow import Flow, OpenLoop
from opforge._frontend.hidden_names import hide
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import find_zip, hides_strict, is_lazy, is_strict, refuse_lazy, unroll
from opforge._frontend.operations import check_test
from opforge._frontend.scope import State, Unset, join_states, join_types, narrowings, take_out
from opforge._frontend.symbols import UNKNOWN
from opforge._frontend.tree import (
    Apply,
    Assign,
    Block,
    Break,
    Comprehension,
    Continue,
    Expr,
    ExprStatement,
    ForStatement,
    IfStatement,
    Literal,
    Local,
    Pattern,
    WhileStatement,
)
from opforge._frontend.unpacking import is_plain_target
from opforge_ir.codes.source import E_LOOP_JUMP, E_UNSUPPORTED_SYNTAX
from opforge_ir.diagnostics import Span
from opforge_ir.types import BOOL, NONE, Type, optional_of

__all__ = ["check_for", "check_jump", "check_while"]

_NOT_RUN: Final = Unset("the loop may not run at all")
_T = TypeVar("_T")


class _Settled:
    """A loop that has been gone through: what is known before, at the head, and after it."""

    def __init__(self, entry: State, head: State, exhausted: State, loop: OpenLoop, body: Block) -> None:
        self.head = head
        self.exhausted = exhausted
        """Where there are no more rounds."""
        self.broken = _join_all(loop.breaks)
        self.end = join_states(exhausted, self.broken)
        self.body = body
        known = {name: kind for name, kind in head.variables.items() if isinstance(kind, Type)}
        self.head_types = {
            name: kind
            for name, kind in known.items()
            if name in entry.variables and entry.variables[name] is not kind
        }
        self.slot_types: dict[str, Type] = {}
        for state in (exhausted, self.broken):
            for name, kind in state.variables.items() if state.is_reachable else ():
                if isinstance(kind, Type) and kind is not known.get(name):
                    slot = join_types(self.slot_types.get(name) or known.get(name, NONE), kind)
                    self.slot_types[name] = UNKNOWN if slot is None else slot
        self.slot_types = {name: kind for name, kind in self.slot_types.items() if kind is not UNKNOWN}
        # What has no value on one way only is of the type that it has on the other one, and of no use there.
        for name in self.slot_types:
            slot = self.slot_types[name]
            if name not in known and not slot.is_optional and slot is not NONE:
                self.slot_types[name] = optional_of(slot)

    def retype(self, state: State, span: Span) -> Block:
        """The assignments that say which types the variables have in `state`."""
        made: Block = []
        for name, slot in self.slot_types.items():
            kind = state.variables.get(name)
            if not isinstance(kind, Type) or kind is slot or not state.is_reachable:
                continue
            value = take_out(Local(slot, span, name), kind)
            made.append(Assign(span, Pattern(kind, span, name), value, is_retyping=True))
        return made


def check_for(flow: Flow, node: ast.For) -> Block:
    """`for target in items: … else: …`."""
    ctx = flow.ctx
    items = check_iterable(ctx, node.iter)
    if is_lazy(items) and isinstance(items, Comprehension) and len(items.clauses) > 1:
        items = refuse_lazy(ctx, node.iter, "a loop")
    made: Block = []
    compared: Block = []
    if hides_strict(items):
        items = refuse_lazy(ctx, node.iter, "a loop")
    elif isinstance(items, Apply) and is_strict(items):
        items, compared = _compare_after(flow, node, items, made)
    kind = items.type.args[0] if items.type.is_list else UNKNOWN
    if isinstance(node.target, ast.Tuple | ast.List) and not is_plain_target(node.target, kind):
        node = flow.unpacked.setdefault(node, _unpack_inside(flow, node))

    def enter() -> tuple[Pattern, State]:
        exhausted = ctx.state.copy()
        pattern = check_pattern(ctx, node.target, kind)
        define_pattern(ctx, pattern)
        return pattern, exhausted

    completed = _open_else(flow, node, made, has_more=bool(compared))
    pattern, settled = _settle(flow, node, completed, enter)
    pattern, items, body = unroll(pattern, items, settled.body)
    made.append(
        ForStatement(
            ctx.span(node), body, settled.head_types, settled.slot_types, pattern=pattern, items=items
        )
    )
    return _close(flow, node, completed, settled, made, compared)


def _unpack_inside(flow: Flow, node: ast.For) -> ast.For:
    """A loop whose target is unpacked by an assignment at the beginning of its body."""
    target = node.target
    name = flow.hide("item", target)
    item = ast.copy_location(ast.Name(name, ast.Store()), target)
    value = ast.copy_location(ast.Name(name, ast.Load()), target)
    assignment = ast.copy_location(ast.Assign([target], value), target)
    return ast.copy_location(ast.For(item, node.iter, [assignment, *node.body], node.orelse), node)


def _compare_after(flow: Flow, node: ast.For, zipped: Apply, before: Block) -> tuple[Expr, Block]:
    """`zip(…, strict=True)` as one that stops at the shortest list, and what then finds other lengths."""
    assert isinstance(node.iter, ast.Call)
    lists: list[Expr] = []
    for arg, place in zip(zipped.args, node.iter.args, strict=True):
        is_view = isinstance(arg, Apply) and all(map(is_stable, arg.args))
        held, value = ([], arg) if is_view else hide(arg, flow.hide("zipped", place))
        before += held
        lists.append(value)
    loose = apply(find_zip(len(lists)), zipped.type, *lists)
    loose.span = zipped.span
    return loose, [ExprStatement(zipped.span, apply("list.zip_strict", zipped.type, *lists))]


def check_while(flow: Flow, node: ast.While) -> Block:
    """`while test: … else: …`, with a bound that a reader can see."""
    ctx = flow.ctx
    limit = find_limit(flow, node)
    if limit is None and ctx.function is not None:
        ctx.program.unbounded.append((ctx.function, ctx.span(node.test)))
    walrus = next((part for part in ast.walk(node.test) if isinstance(part, ast.NamedExpr)), None)
    if walrus is not None:
        if node.orelse:
            construct = "else after a while loop whose test assigns a variable"
            instead = "keep the outcome in a variable and test it after the loop"
            ctx.report(E_UNSUPPORTED_SYNTAX, walrus, construct=construct, instead=instead)
            forget_names(ctx, stored_names([node]))
            return []
        node = flow.rewritten.setdefault(node, _test_inside(node))
    is_endless = isinstance(node.test, ast.Constant) and bool(node.test.value)

    def enter() -> tuple[Expr, State]:
        test = check_test(ctx, node.test)
        yes, no = narrowings(test)
        exhausted = ctx.state.copy()
        exhausted.narrow(no)
        exhausted.is_reachable = not is_endless
        ctx.state.narrow(yes)
        return test, exhausted

    made: Block = []
    completed = _open_else(flow, node, made)
    test, settled = _settle(flow, node, completed, enter)
    made.append(
        WhileStatement(
            ctx.span(node),
            settled.body,
            settled.head_types,
            settled.slot_types,
            test=test,
            limit=limit,
            is_endless=is_endless,
        )
    )
    return _close(flow, node, completed, settled, made, [])


def _test_inside(node: ast.While) -> ast.While:
    """`while test: body` as `while True: if not test: break; body`, where the test assigns a variable."""
    leave = ast.copy_location(ast.Break(), node.test)
    negated = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
    test = ast.copy_location(ast.If(negated, [leave], []), node.test)
    always = ast.copy_location(ast.Constant(True), node.test)
    return ast.copy_location(ast.While(always, [test, *node.body], []), node)


def check_jump(flow: Flow, node: ast.Break | ast.Continue) -> Block:
    """`break` or `continue`."""
    ctx = flow.ctx
    loop = flow.loops[-1]
    word = "break" if isinstance(node, ast.Break) else "continue"
    if loop.finals:
        ctx.report(E_LOOP_JUMP, node, word=word)
        ctx.state.is_reachable = False
        return []
    made: Block = []
    span = ctx.span(node)
    state = ctx.state
    if isinstance(node, ast.Break):
        if loop.completed is not None:
            made.append(Assign(span, Pattern(BOOL, span, loop.completed), Literal(BOOL, span, "false")))
        loop.breaks.append(state.copy())
        made.append(Break(span))
    else:
        loop.continues.append(state.copy())
        made.append(Continue(span))
    state.is_reachable = False
    return made


def _open_else(flow: Flow, node: ast.For | ast.While, made: Block, *, has_more: bool = False) -> str | None:
    """The variable that tells whether the loop came to its end, where that matters."""
    if not node.orelse and not has_more:
        return None
    span = flow.ctx.span(node)
    completed = flow.hide("completed", node)
    made.append(Assign(span, Pattern(BOOL, span, completed), Literal(BOOL, span, "true")))
    flow.ctx.state.define(completed, BOOL)
    return completed


def _settle(
    flow: Flow, node: ast.For | ast.While, completed: str | None, enter: Callable[[], tuple[_T, State]]
) -> tuple[_T, _Settled]:
    """Go through a loop until what is known where a round begins does not change any more.

    `enter` checks what stands in the loop's first line, and gives what is known where there is no more round.
    """
    ctx = flow.ctx
    entry = ctx.state
    # A loop inside of another one is checked for each round of that: what was found then still holds.
    before = flow.heads.get(node)
    head = entry.copy() if before is None else _after_iteration(entry.copy(), before)
    while True:
        mark = ctx.module.problems.mark()
        loop = OpenLoop(completed=completed)
        flow.loops.append(loop)
        ctx.state = head.copy()
        made, exhausted = enter()
        body = flow.check_block(node.body)
        flow.loops.pop()
        after = head
        for state in (ctx.state, *loop.continues):
            after = _after_iteration(after, state)
        if after == head:
            break
        ctx.module.problems.forget_since(mark)
        head = after
    flow.heads[node] = head.copy()
    reported = [name for name, kind in ctx.state.variables.items() if kind is UNKNOWN]
    for state in (exhausted, *loop.breaks):
        for name in reported:
            state.define(name, UNKNOWN)
    return made, _Settled(entry, head, exhausted, loop, body)


def _close(
    flow: Flow,
    node: ast.For | ast.While,
    completed: str | None,
    settled: _Settled,
    made: Block,
    compared: Block,
) -> Block:
    """What comes after a loop: its `else`, and the types that the variables have from here on.

    `compared` comes before its `else`.
    """
    ctx = flow.ctx
    span = ctx.span(node)
    if completed is None:
        ctx.state = settled.end
        return [*made, *settled.retype(settled.end, span)]
    ctx.state = settled.exhausted
    if not settled.broken.is_reachable:
        # Nothing leaves the loop early, so that what follows its last round needs no test.
        begun = next(each for each in made if isinstance(each, Assign) and completed in each.pattern.names())
        made.remove(begun)
        return [*made, *settled.retype(ctx.state, span), *compared, *flow.check_block(node.orelse)]
    for name, kind in settled.end.variables.items():
        if isinstance(kind, Unset) and name not in settled.slot_types:
            ctx.state.variables[name] = kind
    then = [*settled.retype(ctx.state, span), *compared, *flow.check_block(node.orelse)]
    otherwise = settled.retype(settled.broken, span)
    ctx.state = join_states(ctx.state, settled.broken)
    made.append(IfStatement(span, Local(BOOL, span, completed), then, otherwise))
    return made


def _join_all(states: Iterable[State]) -> State:
    joined = State(is_reachable=False)
    for state in states:
        joined = join_states(joined, state)
    return joined


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
