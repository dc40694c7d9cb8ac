"""Displays with stars: `[first, *rest]` and `{**amounts, "total": 1}`, put together from left to right.

Each part is added to a new list or dict before the next one is computed, so that a later part changes nothing
of what is there already, as in CPython.
"""

from __future__ import annotations

import ast
from itertools import groupby
from typing import Final

from opforge._frontend.coercion import apply, fit, has_unknown, is_key_type, show
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.scope import join_types
from opforge._frontend.tree import DictNew, Expr, ListNew
from opforge_ir.codes.source import E_KEY_TYPE, E_OPERAND_TYPES
from opforge_ir.types import Type, dict_of, list_of

__all__ = ["check_star_dict", "check_star_list"]

_ONE_TYPE: Final = "give parts of one type"


def check_star_list(ctx: Context, node: ast.List, wanted: Type | None) -> Expr:
    """A list display in which stars stand; `wanted` is the type of its items, where that is known."""
    parts: list[tuple[ast.expr, Expr, bool]] = []
    for item in node.elts:
        if isinstance(item, ast.Starred):
            parts.append((item, check_iterable(ctx, item.value), True))
        else:
            parts.append((item, ctx.check(item, wanted), False))
    if any(has_unknown(value.type) for _, value, _ in parts):
        return ctx.unknown(node)
    kinds = [value.type.args[0] if is_star else value.type for _, value, is_star in parts]
    kind = wanted if wanted is not None else _join(kinds)
    if kind is None:
        return _refuse(ctx, node, kinds)
    for (place, value, is_star), own in zip(parts, kinds, strict=True):
        if is_star and own is not kind:
            return fit(ctx, place, value, list_of(kind))
    whole = list_of(kind)
    made: Expr = ListNew(whole, ctx.span(node), [])
    for is_star, group in groupby(parts, key=lambda part: part[2]):
        if is_star:
            for _, value, _ in group:
                made = apply("list.concat", whole, made, value)
        else:
            own_items = ListNew(whole, ctx.span(node), [fit(ctx, p, value, kind) for p, value, _ in group])
            is_first = isinstance(made, ListNew)
            made = own_items if is_first else apply("list.concat", whole, made, own_items)
    made.span = ctx.span(node)
    return made


def check_star_dict(ctx: Context, node: ast.Dict, wanted: Type | None) -> Expr:
    """A dict display in which double stars stand."""
    parts: list[tuple[ast.expr, Expr | None, ast.expr, Expr]] = []
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if key_node is None:
            parts.append((value_node, None, value_node, ctx.check(value_node, wanted)))
            continue
        named = ctx.check(key_node, wanted.args[0] if wanted else None)
        parts.append((key_node, named, value_node, ctx.check(value_node, wanted.args[1] if wanted else None)))
    if any(
        has_unknown(value.type) or (key is not None and has_unknown(key.type)) for _, key, _, value in parts
    ):
        return ctx.unknown(node)
    for place, key, _, value in parts:
        if key is None and not value.type.is_dict:
            return ctx.refuse(
                E_OPERAND_TYPES, place, operation="**", types=show(value.type), instead="unpack a dict"
            )
    kinds = [(v.type.args[0], v.type.args[1]) if k is None else (k.type, v.type) for _, k, _, v in parts]
    key_type = wanted.args[0] if wanted else _join([each for each, _ in kinds])
    value_type = wanted.args[1] if wanted else _join([each for _, each in kinds])
    if key_type is None or value_type is None:
        return _refuse(ctx, node, [dict_of(*each) for each in kinds])
    if not is_key_type(key_type):
        return ctx.refuse(E_KEY_TYPE, parts[0][0], type=show(key_type))
    whole = dict_of(key_type, value_type)
    made: Expr = DictNew(whole, ctx.span(node), [])
    for key_node, key, value_node, value in parts:
        if key is None:
            made = apply("dict.merge", whole, made, fit(ctx, value_node, value, whole))
            continue
        entry = fit(ctx, key_node, key, key_type), fit(ctx, value_node, value, value_type)
        made = apply("dict.merge", whole, made, DictNew(whole, ctx.span(node), [entry]))
    made.span = ctx.span(node)
    return made


def _join(kinds: list[Type]) -> Type | None:
    joined: Type | None = kinds[0]
    for kind in kinds[1:]:
        joined = join_types(joined, kind) if joined is not None else None
    return joined


def _refuse(ctx: Context, node: ast.expr, kinds: list[Type]) -> Expr:
    types = " and ".join(dict.fromkeys(map(show, kinds)))
    return ctx.refuse(E_OPERAND_TYPES, node, operation="a display", types=types, instead=_ONE_TYPE)
