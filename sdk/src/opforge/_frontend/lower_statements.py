"""From statements to nodes: variables become values with one definition each (SSA)."""

from __future__ import annotations

from collections.abc import Sequence

from opforge import _ir
from opforge._frontend.liveness import ends, find_assigned, find_live
from opforge._frontend.lower_expressions import (
    define,
    lower,
    lower_change,
    name_if,
)
from opforge._frontend.lower_loops import build_jump, lower_loop
from opforge._frontend.lower_patterns import assign, take_apart, widen
from opforge._frontend.lower_tries import lower_try
from opforge._frontend.lowering_context import Env, Lowering
from opforge._frontend.region import Region
from opforge._frontend.scope import join_types
from opforge._frontend.tree import (
    Assert,
    Assign,
    Break,
    Continue,
    Expr,
    ExprStatement,
    FailStatement,
    ForStatement,
    IfStatement,
    Mutate,
    Rethrow,
    ReturnStatement,
    Statement,
    TryStatement,
    TupleNew,
    WhileStatement,
)
from opforge_ir.types import Type

__all__ = ["lower_block"]

Names = frozenset[str]
_NONE: Names = frozenset()


def lower_block(work: Lowering, block: Sequence[Statement], region: Region, env: Env, after: Names) -> None:
    """Add the nodes of a block; `env` is what it leaves. `after` are the variables that are read after it."""
    jumps = work.loops[-1].again if work.loops else _NONE
    for statement, live in zip(block, find_live(block, after, jumps), strict=True):
        _lower_statement(work, statement, region, env, live)
        if ends([statement]):
            return


def _lower_statement(work: Lowering, statement: Statement, region: Region, env: Env, live: Names) -> None:
    match statement:
        case Assign():
            if not statement.is_retyping or not live.isdisjoint(statement.pattern.names()):
                _assign(work, statement, region, env)
        case ExprStatement():
            _evaluate(work, statement.value, region, env)
        case Mutate():
            lower_change(work, statement, region, env)
        case IfStatement():
            _if(work, statement, region, env, live)
        case ForStatement() | WhileStatement():
            lower_loop(work, statement, region, env, live, lower_block)
        case Break() | Continue():
            _add(work, region, build_jump(work, statement, env), statement)
        case TryStatement():
            lower_try(work, statement, region, env, live, lower_block)
        case Rethrow():
            error = env[statement.name][0]
            assert error["kind"] == "ref"
            _add(work, region, _ir.Rethrow(kind="rethrow", error=error["name"]), statement)
        case ReturnStatement():
            value = lower(work, statement.value, region, env, "return")
            _add(work, region, _ir.Return(kind="return", value=value), statement)
        case FailStatement():
            message = lower(work, statement.message, region, env, "fail")
            _add(work, region, _ir.Fail(kind="fail", message=message), statement)
        case Assert():
            _assert(work, statement, region, env)


def _add(work: Lowering, region: Region, node: _ir.Node, statement: Statement) -> None:
    work.places.put(node, statement.span)
    region.nodes.append(node)


def _assign(work: Lowering, statement: Assign, region: Region, env: Env) -> None:
    pattern, value = statement.pattern, statement.value
    if pattern.name is not None:
        assign(work, pattern.name, define(work, pattern.name, value, region, env), pattern.type, region, env)
        return
    if isinstance(value, TupleNew) and len(value.items) == len(pattern.items):
        # Python evaluates all of the right side before it assigns; the references stand for the old values.
        parts = list(zip(pattern.items, value.items, strict=True))
        made = [define(work, part.name or "item", item, region, env) for part, item in parts]
        for (part, _), each in zip(parts, made, strict=True):
            take_apart(work, part, each, region, env)
        return
    whole = define(work, "-".join(pattern.names())[:40] or "item", value, region, env)
    take_apart(work, pattern, whole, region, env)


def _evaluate(work: Lowering, value: Expr, region: Region, env: Env) -> None:
    """An expression whose value nobody uses: for its effects, or the error it may raise."""
    made = lower(work, value, region, env, "unused")
    if made["kind"] not in ("ref", "lit", "const"):
        node = _ir.Let(kind="let", id=region.claim("unused"), type=work.type(value.type), value=made)
        work.places.put(node, value.span)
        region.nodes.append(node)


def _assert(work: Lowering, statement: Assert, region: Region, env: Env) -> None:
    if work.emits(statement.message):
        # The message is evaluated only when the test fails.
        test = lower(work, statement.test, region, env, "assert")
        inner = Region(region)
        message = lower(work, statement.message, inner, env, "assert")
        false = _ir.LiteralValue(kind="lit", type="bool", value="false")
        failing = _ir.Require(kind="require", id=inner.claim("assert"), test=false, message=message)
        choice = _ir.If(
            kind="if",
            id=region.claim(name_if(statement.test)),
            test=test,
            then=[],
            otherwise=[*inner.nodes, failing],
            results=[],
        )
        _add(work, region, choice, statement)
        return
    test = lower(work, statement.test, region, env, "assert")
    message = lower(work, statement.message, region, env, "assert")
    name = "assert" + name_if(statement.test).removeprefix("if")
    node = _ir.Require(kind="require", id=region.claim(name), test=test, message=message)
    _add(work, region, node, statement)


def _if(work: Lowering, statement: IfStatement, region: Region, env: Env, live: Names) -> None:
    test = lower(work, statement.test, region, env, "test")
    node = _ir.If(
        kind="if",
        id=region.claim(name_if(statement.test)),
        test=test,
        then=[],
        otherwise=[],
        results=[],
    )
    sides: list[Env | None] = []
    for block, nodes in ((statement.then, node["then"]), (statement.otherwise, node["otherwise"])):
        inner, inner_env = Region(region), dict(env)
        lower_block(work, block, inner, inner_env, live)
        nodes.extend(inner.nodes)
        sides.append(None if ends(block) else inner_env)
    _add(work, region, node, statement)
    assigned = dict.fromkeys((*find_assigned(statement.then), *find_assigned(statement.otherwise)))
    for name in assigned:
        _join(work, name, node, (sides[0], sides[1]), region, env, is_live=name in live)


def _join(
    work: Lowering,
    name: str,
    node: _ir.If,
    sides: tuple[Env | None, Env | None],
    region: Region,
    env: Env,
    *,
    is_live: bool,
) -> None:
    """What a variable is after an `if`: a result of it, or nothing where it has no value on a side."""
    ways = [side for side in sides if side is not None]
    values = [side[name] for side in ways if name in side]
    before = env.pop(name, None)
    if before is not None and all(value == before for value in values):
        env[name] = before
        return
    if not is_live or not ways or len(values) != len(ways):
        return
    kind: Type | None = values[0][1]
    for _, other in values[1:]:
        kind = None if kind is None else join_types(kind, other)
    if kind is None:
        return
    result = _ir.IfResult(id=region.claim(name), type=work.type(kind), then=[], otherwise=[])
    for side, given in ((sides[0], result["then"]), (sides[1], result["otherwise"])):
        if side is not None:
            given.append(widen(work, *side[name], kind))
    node["results"].append(result)
    env[name] = (_ir.Ref(kind="ref", name=result["id"]), kind)
