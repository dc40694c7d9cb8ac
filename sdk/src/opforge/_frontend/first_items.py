"""`next(generator, default)`: the first item, or what stands for none."""

from __future__ import annotations

import ast

from opforge._frontend.arguments import refuse_arguments
from opforge._frontend.coercion import apply, fit, has_unknown
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compute_between, hides_strict, is_lazy, is_strict, refuse_lazy
from opforge._frontend.tree import Conditional, Expr, Literal, Temporary, With
from opforge_ir.types import BOOL, INT, NONE, optional_of

__all__ = ["check_next"]


def check_next(ctx: Context, node: ast.Call) -> Expr:
    """The generator's items are computed all, so no item may tell when it is computed."""
    signature = "next((item for item in items if ...), None)"
    if len(node.args) != 2 or node.keywords or not isinstance(node.args[0], ast.GeneratorExp):
        reason = "it takes a generator, and a default for when there is no item"
        return refuse_arguments(ctx, node, "next", reason, signature)
    generator, default_node = node.args
    items = check_iterable(ctx, generator)
    if has_unknown(items.type):
        ctx.check(default_node)
        return ctx.unknown(node)
    if is_lazy(items) or is_strict(items) or hides_strict(items):
        ctx.check(default_node)
        return refuse_lazy(ctx, generator, "`next`, which takes the first one only,")
    kind = items.type.args[0]
    # A default that may be None is no value of the items' type.
    default = ctx.check(default_node, kind if kind.is_list or kind.is_dict else None)
    if has_unknown(default.type):
        return ctx.unknown(node)
    result = optional_of(kind) if default.type is NONE or default.type.is_optional else kind
    span = ctx.span(node)

    def build(given: Expr, ready: dict[str, Expr]) -> Expr:
        once = With(result, span, given)
        found = Temporary(given.type, span, once)
        first: Expr = apply("list.get", kind, found, Literal(INT, span, "0"))
        has_items = apply("list.bool", BOOL, Temporary(given.type, span, once))
        once.body = Conditional(result, span, has_items, fit(ctx, node, first, result), ready["default"])
        return once

    made = compute_between(items, {"default": fit(ctx, default_node, default, result)}, build)
    made.span = span
    return made
