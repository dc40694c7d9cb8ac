"""Items of lists and dicts as targets: `d[key] = value`, `items[i] += 1`, `del d[key]`."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from opforge._frontend.change_calls import extend, update
from opforge._frontend.coercion import apply, fit, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.hidden_names import hide
from opforge._frontend.operations import combine
from opforge._frontend.sets import change_set_in_place
from opforge._frontend.tree import (
    After,
    CallFunction,
    Expr,
    Local,
    Mutate,
    Statement,
)
from opforge._frontend.unsupported import refuse_statement
from opforge._frontend.walk import walk
from opforge._ir import MutatingOperatorName, OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES, E_UNSUPPORTED_SYNTAX
from opforge_ir.types import INT, Type

__all__ = ["augment_item", "change_in_place", "check_deletion", "store_item"]


@dataclass(frozen=True, slots=True)
class _Place:
    """An item that is assigned or deleted: what holds it, the type of its index or key, and its own."""

    owner: Expr
    key_type: Type
    item_type: Type

    @property
    def get(self) -> OperatorName:
        return "list.get" if self.owner.type.is_list else "dict.item"

    @property
    def set(self) -> MutatingOperatorName:
        return "list.set" if self.owner.type.is_list else "dict.set"

    @property
    def delete(self) -> MutatingOperatorName:
        return "list.delete" if self.owner.type.is_list else "dict.delete"


def _find_place(ctx: Context, target: ast.Subscript, sign: str) -> _Place | None:
    """What an item is assigned in; None after a problem was reported."""
    owner = ctx.check(target.value)
    kind = owner.type
    if has_unknown(kind):
        return None
    if isinstance(target.slice, ast.Slice):
        construct, instead = "a change of a slice", "change the items one by one, or build a new list"
        ctx.report(E_UNSUPPORTED_SYNTAX, target, construct=construct, instead=instead)
        return None
    if kind.is_list:
        return _Place(owner, INT, kind.args[0])
    if kind.is_dict:
        return _Place(owner, *kind.args)
    if kind.is_optional:
        ctx.report(E_MAYBE_NONE, target.value)
    else:
        instead = "only items of lists and dicts can be changed"
        ctx.report(E_OPERAND_TYPES, target, operation=sign, types=show(kind), instead=instead)
    return None


def _check(ctx: Context, node: ast.expr, wanted: Type) -> Expr:
    return fit(ctx, node, ctx.check(node, wanted), wanted)


def store_item(
    ctx: Context, node: ast.stmt, target: ast.Subscript, value_node: ast.expr, value: Expr | None = None
) -> list[Statement]:
    """`target = value_node`; `value` is what that gives where it was computed before."""
    # Python evaluates the value first, then what holds the item, then the key; checking needs their types.
    place = _find_place(ctx, target, "[] =")
    if place is None:
        if value is None:
            ctx.check(value_node)
        return []
    stored = ctx.check(value_node, place.item_type) if value is None else value
    stored = fit(ctx, value_node, stored, place.item_type)
    key = _check(ctx, target.slice, place.key_type)
    return [Mutate(ctx.span(node), place.set, [place.owner, key, stored], (2, 0, 1))]


def check_deletion(ctx: Context, node: ast.Delete) -> list[Statement]:
    """`del items[i]`, also of several targets, from left to right."""
    made: list[Statement] = []
    for target in node.targets:
        if not isinstance(target, ast.Subscript):
            refuse_statement(ctx.module, node)
            return []
        place = _find_place(ctx, target, "del")
        if place is not None:
            key = _check(ctx, target.slice, place.key_type)
            made.append(Mutate(ctx.span(node), place.delete, [place.owner, key]))
    return made


def _name_root(value: Expr) -> str:
    parts = [part for part in walk(value) if isinstance(part, Local)]
    return parts[-1].name if parts else "value"


def augment_item(ctx: Context, node: ast.AugAssign, target: ast.Subscript) -> list[Statement]:
    """`items[i] += value`: what holds the item and the key are computed once, then the item and the value."""
    place = _find_place(ctx, target, "[] =")
    if place is None:
        ctx.check(node.value)
        return []
    key = _check(ctx, target.slice, place.key_type)
    if has_unknown(key.type):
        ctx.check(node.value)
        return []
    root = _name_root(place.owner)
    before, owner = hide(place.owner, f"{root}-part")
    more, key = hide(key, f"{root}-key")
    current = apply(place.get, place.item_type, owner, key)
    current.span = ctx.span(target)
    changed = change_in_place(ctx, node, current)
    if changed is not None:
        if any(map(_may_change, changed)):
            # CPython stores the list again, where the right side may have put something else.
            held, item = hide(current, f"{root}-item")
            for change in changed:
                change.args[0] = item
            back = Mutate(ctx.span(node), place.set, [owner, key, item])
            return [*before, *more, *held, *changed, back]
        return [*before, *more, *changed]
    right = ctx.check(node.value)
    value = combine(ctx, node, node.op, current, right, target, node.value)
    value = fit(ctx, node.value, value, place.item_type)
    # The operation is evaluated last, after what holds the item and the key, which are names or literals.
    return [*before, *more, Mutate(ctx.span(node), place.set, [owner, key, value])]


def change_in_place(ctx: Context, node: ast.AugAssign, current: Expr) -> list[Mutate] | None:
    """`+=` on a list and `|=` on a dict, which change it for all who hold it; None for anything else."""
    kind = current.type
    if kind.is_list and isinstance(node.op, ast.Add):
        made = extend(ctx, node, node.value, current)
    elif kind.is_dict and isinstance(node.op, ast.BitOr):
        made = update(ctx, node, node.value, current)
    elif (changed := change_set_in_place(ctx, node, current)) is not None:
        return changed
    elif kind.is_container:
        sign = "*=" if isinstance(node.op, ast.Mult) else "this operator"
        instead = (
            "write `items = items * n`, which makes a new list" if sign == "*=" else "call a method of it"
        )
        ctx.check(node.value)
        ctx.report(E_OPERAND_TYPES, node, operation=sign, types=show(kind), instead=instead)
        return []
    else:
        return None
    return made


def _may_change(change: Mutate) -> bool:
    return any(isinstance(part, After | CallFunction) for given in change.args[1:] for part in walk(given))
