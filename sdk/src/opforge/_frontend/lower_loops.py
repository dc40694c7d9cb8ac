"""Loops in single assignment: which variables they carry from round to round, and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from opforge import _ir
from opforge._frontend.liveness import ends, find_assigned, find_needed
from opforge._frontend.lower_expressions import lower, name_test
from opforge._frontend.lower_patterns import bind_targets, build_none, narrow, widen
from opforge._frontend.lowering_context import Env, Lowering, OpenLoop, Slot
from opforge._frontend.region import Region
from opforge._frontend.tree import Break, Continue, Expr, ForStatement, Literal, Statement, WhileStatement
from opforge_ir.types import INT

__all__ = ["LowerBlock", "build_jump", "lower_loop"]

LowerBlock: TypeAlias = Callable[[Lowering, Sequence[Statement], Region, Env, frozenset[str]], None]
"""Adds the nodes of a block: `lower_block` of `opforge._frontend.lower_statements`."""


def lower_loop(
    work: Lowering,
    statement: ForStatement | WhileStatement,
    region: Region,
    env: Env,
    live: frozenset[str],
    lower_block: LowerBlock,
) -> None:
    """Add a loop. `live` are the variables that are read after it."""
    if isinstance(statement, ForStatement):
        names = statement.pattern.names()
        word, hint = "for", next(iter(names), "item")
    else:
        names = []
        word, hint = "while", name_test(statement.test)
    first = _first_line(work, statement, region, env, hint)
    node_id = region.claim(f"{word}-{hint}")
    # What the loop reads of the round before, or what is read after it.
    again = live | find_needed(statement)
    body, inner = Region(region), dict(env)
    assigned = dict.fromkeys((*statement.walrus, *names, *find_assigned(statement.body)))
    carried: list[_ir.Carried] = []
    slots: list[Slot] = []
    for variable in assigned:
        slot = _choose_slot(statement, variable, env, again, live)
        if slot is not None:
            slot.id = body.claim(variable)
            carried.append(_carry(work, statement, slot, env, inner))
            slots.append(slot)
    work.loops.append(OpenLoop(slots, again))
    node: _ir.For | _ir.While
    if isinstance(statement, ForStatement):
        targets = bind_targets(work, statement.pattern, body, inner)
        node = _ir.For(kind="for", id=node_id, items=first, targets=targets, carried=carried, body=body.nodes)
    else:
        head = Region(body)
        test = lower(work, statement.test, head, inner, "test")
        node = _ir.While(
            kind="while",
            id=node_id,
            limit=first,
            carried=carried,
            head=head.nodes,
            test=test,
            body=body.nodes,
        )
    lower_block(work, statement.body, body, inner, again)
    work.loops.pop()
    following = _values(work, slots, None if ends(statement.body) else inner)
    for variable in assigned:
        env.pop(variable, None)
    for entry, slot, value in zip(carried, slots, following, strict=True):
        entry["next"] = value
        entry["result"] = region.claim(slot.variable)
        env[slot.variable] = (_ir.Ref(kind="ref", name=entry["result"]), slot.type)
    work.places.put(node, statement.span)
    region.nodes.append(node)


def _first_line(
    work: Lowering, statement: ForStatement | WhileStatement, region: Region, env: Env, hint: str
) -> _ir.Expression:
    """What a loop goes over, or the most rounds that it may have."""
    if isinstance(statement, ForStatement):
        return lower(work, statement.items, region, env, hint)
    limit: Expr = statement.limit or Literal(INT, statement.span, str(work.max_iterations))
    return lower(work, limit, region, env, hint)


def _choose_slot(
    statement: ForStatement | WhileStatement,
    variable: str,
    env: Env,
    again: frozenset[str],
    live: frozenset[str],
) -> Slot | None:
    """What a loop carries of a variable: one with a value before the loop, or one that is read after it."""
    if variable not in again:
        return None
    if variable in env:
        head_type = statement.head_types.get(variable, env[variable][1])
        return Slot(variable, "", statement.slot_types.get(variable, head_type))
    if variable in statement.slot_types and variable in live:
        return Slot(variable, "", statement.slot_types[variable])
    return None


def _carry(
    work: Lowering, statement: ForStatement | WhileStatement, slot: Slot, env: Env, inner: Env
) -> _ir.Carried:
    """Let a loop carry a variable; `inner` is what the variables are where a round begins."""
    variable, kind = slot.variable, slot.type
    init: _ir.Expression = build_none(work.type(kind))
    if variable in env:
        value, actual = env[variable]
        init = widen(work, value, actual, kind)
        head_type = statement.head_types.get(variable, actual)
        inner[variable] = (narrow(work, _ir.Ref(kind="ref", name=slot.id), kind, head_type), head_type)
    return _ir.Carried(id=slot.id, type=work.type(kind), init=init, next=build_none(), result="")


def build_jump(work: Lowering, statement: Break | Continue, env: Env) -> _ir.Node:
    """Leave the innermost loop, or go on with its next round, with what the variables are here."""
    values = _values(work, work.loops[-1].slots, env)
    if isinstance(statement, Break):
        return _ir.Break(kind="break", values=values)
    return _ir.Continue(kind="continue", values=values)


def _values(work: Lowering, slots: Sequence[Slot], env: Env | None) -> list[_ir.Expression]:
    """What a loop carries on; `env` is None where control does not come to."""
    values: list[_ir.Expression] = []
    for slot in slots:
        found = None if env is None else env.get(slot.variable)
        if found is None:
            # Nothing reads it: the variable has no value here.
            values.append(_ir.Ref(kind="ref", name=slot.id))
        else:
            values.append(widen(work, *found, slot.type))
    return values
