"""`dict.fromkeys(keys)` and `dict.fromkeys(keys, value)`."""

from __future__ import annotations

import ast

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import apply, has_unknown, is_key_type, show
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compute_between
from opforge._frontend.tree import Clause, Comprehension, Expr, Literal, Local, Pattern, TupleNew
from opforge_ir.codes.source import E_KEY_TYPE
from opforge_ir.types import NONE, dict_of, list_of, tuple_of

__all__ = ["check_from_keys"]


def check_from_keys(ctx: Context, node: ast.Call) -> Expr:
    """A dict with each key once, in the order of their first occurrence."""
    if node.keywords or not 1 <= len(node.args) <= 2:
        check_all(ctx, node)
        reason = "it takes keys, and perhaps one value for all of them"
        return refuse_arguments(ctx, node, "dict.fromkeys", reason, "dict.fromkeys(keys)")
    span = ctx.span(node)
    keys = check_iterable(ctx, node.args[0])
    value = ctx.check(node.args[1]) if len(node.args) == 2 else Literal(NONE, span, "None")
    if has_unknown(keys.type) or has_unknown(value.type):
        return ctx.unknown(node)
    kind = keys.type.args[0]
    if not is_key_type(kind):
        return ctx.refuse(E_KEY_TYPE, node.args[0], type=show(kind))
    if not value.type.is_scalar and ctx.program.enum_of(value.type) is None:
        reason = f"all keys would share one {show(value.type)}"
        return refuse_arguments(ctx, node.args[1], "dict.fromkeys", reason, "{key: value for key in keys}")
    pair = tuple_of(kind, value.type)

    def build(given: Expr, ready: dict[str, Expr]) -> Expr:
        element = TupleNew(pair, span, [Local(kind, span, "key"), ready["value"]])
        pairs = Comprehension(list_of(pair), span, [Clause(Pattern(kind, span, "key"), given, [])], element)
        made = apply("dict.from_pairs", dict_of(kind, value.type), pairs)
        made.span = span
        return made

    return compute_between(keys, {"value": value}, build)
