"""Stars before tuples: in displays of tuples, and among the arguments of calls."""

from __future__ import annotations

import ast

from opforge._frontend.coercion import has_unknown, is_stable, show
from opforge._frontend.context import Context
from opforge._frontend.tree import Expr, TupleNew
from opforge._frontend.tuples import concat_tuples
from opforge_ir.codes.source import E_TYPE_MISMATCH
from opforge_ir.types import tuple_of

__all__ = ["expand_stars", "join_tuples"]


def join_tuples(ctx: Context, node: ast.Tuple) -> Expr:
    """`(*pair, x)`: what a star stands for is a tuple, so that the length is known."""
    span = ctx.span(node)
    made: Expr | None = None
    for item in node.elts:
        if isinstance(item, ast.Starred):
            part = ctx.check(item.value)
            if has_unknown(part.type):
                return ctx.unknown(node)
            if not part.type.is_tuple:
                wanted = "a tuple, whose length is known"
                return ctx.refuse(E_TYPE_MISMATCH, item, actual=show(part.type), expected=wanted, hint="")
        else:
            value = ctx.check(item)
            if has_unknown(value.type):
                return ctx.unknown(node)
            part = TupleNew(tuple_of(value.type), value.span, [value])
        made = part if made is None else concat_tuples(made, part, span)
    assert made is not None
    return made


def expand_stars(ctx: Context, node: ast.Call) -> ast.Call:
    """The call with the items of starred tuples and displays as arguments of their own.

    Other stars stay: how many arguments they stand for is not known.
    """
    if not any(isinstance(arg, ast.Starred) for arg in node.args):
        return node
    args: list[ast.expr] = []
    for arg in node.args:
        args += _expand(ctx, arg) if isinstance(arg, ast.Starred) else [arg]
    return ast.copy_location(ast.Call(node.func, args, node.keywords), node)


def _expand(ctx: Context, star: ast.Starred) -> list[ast.expr]:
    inner = star.value
    if isinstance(inner, ast.Tuple | ast.List):
        nested = [_expand(ctx, item) if isinstance(item, ast.Starred) else [item] for item in inner.elts]
        return [item for items in nested for item in items]
    mark = ctx.module.problems.mark()
    value = ctx.check(inner)
    ctx.module.problems.forget_since(mark)
    if not value.type.is_tuple or not is_stable(value):
        return [star]
    return [
        ast.copy_location(
            ast.Subscript(inner, ast.copy_location(ast.Constant(place), star), ast.Load()), star
        )
        for place in range(len(value.type.args))
    ]
