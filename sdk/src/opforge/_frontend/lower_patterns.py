"""What assignments and iterations define, from values that are at hand."""

from __future__ import annotations

from opforge import _ir
from opforge._frontend.lowering_context import Env, Lowering
from opforge._frontend.region import Region
from opforge._frontend.tree import Pattern
from opforge_ir.types import NONE, Type

__all__ = ["assign", "bind_targets", "build_none", "narrow", "take_apart", "widen"]


def assign(work: Lowering, name: str, value: _ir.Expression, kind: Type, region: Region, env: Env) -> None:
    """Give a variable a value that is at hand, and every `try` around it that keeps the variable."""
    env[name] = (value, kind)
    for each in work.tries:
        slot = each.slots.get(name)
        if slot is not None:
            wide = widen(work, value, kind, slot.type)
            region.nodes.append(_ir.Keep(kind="keep", name=slot.id, value=wide))


def widen(work: Lowering, value: _ir.Expression, actual: Type, wanted: Type) -> _ir.Expression:
    """A value that is at hand as one of the Optional or Union that its type was joined to."""
    if actual is wanted:
        return value.copy()
    if actual is NONE:
        return build_none(work.type(wanted))
    if actual.is_optional:
        known = _ir.Apply(kind="apply", op="optional.value", args=[value.copy()])
        return _choose_some(work, value, wanted, widen(work, known, actual.args[0], wanted))
    if wanted.is_optional:
        inner = widen(work, value, actual, wanted.args[0])
        return _ir.Apply(kind="apply", op="optional.some", args=[inner])
    return _ir.Widen(kind="widen", type=work.type(wanted), value=value.copy())


def narrow(work: Lowering, value: _ir.Expression, actual: Type, wanted: Type) -> _ir.Expression:
    """The other way round: a value of an Optional or Union whose type is known better."""
    if actual is wanted:
        return value.copy()
    if wanted is NONE:
        return build_none()
    if not actual.is_optional:
        return _ir.Narrow(kind="narrow", type=work.type(wanted), value=value.copy())
    known = _ir.Apply(kind="apply", op="optional.value", args=[value.copy()])
    if not wanted.is_optional:
        return narrow(work, known, actual.args[0], wanted)
    some = _ir.Apply(
        kind="apply", op="optional.some", args=[narrow(work, known, actual.args[0], wanted.args[0])]
    )
    return _choose_some(work, value, wanted, some)


def _choose_some(
    work: Lowering, value: _ir.Expression, wanted: Type, some: _ir.Expression
) -> _ir.Conditional:
    """None where the value is None, and else what is made of the value that it has."""
    return _ir.Conditional(
        kind="cond",
        test=_ir.Apply(kind="apply", op="optional.is_none", args=[value.copy()]),
        then=build_none(work.type(wanted)),
        otherwise=some,
    )


def build_none(kind: str = "None") -> _ir.LiteralValue:
    """None, as the literal of a type."""
    return _ir.LiteralValue(kind="lit", type=kind, value="None")


def bind_targets(work: Lowering, pattern: Pattern, region: Region, env: Env) -> list[_ir.Target]:
    """The targets of an iteration; what they define goes into `env`, nested tuples through nodes."""
    parts = pattern.items if pattern.name is None and len(pattern.items) > 1 else [pattern]
    targets = [_ir.Target(id=region.claim(part.name or "item"), type=work.type(part.type)) for part in parts]
    for part, target in zip(parts, targets, strict=True):
        work.places.put(target, part.span)
        take_apart(work, part, _ir.Ref(kind="ref", name=target["id"]), region, env)
    return targets


def take_apart(work: Lowering, pattern: Pattern, value: _ir.Expression, region: Region, env: Env) -> None:
    """Give the variables of a pattern their values from one that is at hand; nested ones through nodes."""
    if pattern.name is not None:
        assign(work, pattern.name, value, pattern.type, region, env)
        return
    for index, part in enumerate(pattern.items):
        item = _ir.FieldOf(kind="field", of=value.copy(), name=str(index))
        node = _ir.Let(
            kind="let", id=region.claim(part.name or "item"), type=work.type(part.type), value=item
        )
        work.places.put(node, part.span)
        region.nodes.append(node)
        take_apart(work, part, _ir.Ref(kind="ref", name=node["id"]), region, env)
