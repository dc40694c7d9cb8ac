"""Builtins that make one value of many: sum, min, max, any and all."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import check_all, evaluate_first, is_stable, refuse_arguments
from opforge._frontend.coercion import apply, as_number, fit, has_unknown, show
from opforge._frontend.comprehensions import check_clauses, check_iterable
from opforge._frontend.context import Context
from opforge._frontend.operations import check_test
from opforge._frontend.tree import Comprehension, Conditional, Expr, Literal, Quantified, Temporary, With
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES
from opforge_ir.types import BOOL, DECIMAL, INT, Type, list_of

__all__ = ["check_any", "check_extreme", "check_sum"]

_OF_LIST: Final[dict[tuple[str, Type], OperatorName]] = {
    ("min", INT): "list.min_int",
    ("max", INT): "list.max_int",
    ("min", DECIMAL): "list.min_decimal",
    ("max", DECIMAL): "list.max_decimal",
}
_OF_SEVERAL: Final[dict[tuple[str, Type], OperatorName]] = {
    ("min", INT): "int.min",
    ("max", INT): "int.max",
    ("min", DECIMAL): "decimal.min",
    ("max", DECIMAL): "decimal.max",
}


def check_sum(ctx: Context, node: ast.Call, name: str) -> Expr:
    """`sum(items, start)` of ints or Decimals."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    starts = [*node.args[1:], *([named["start"]] if "start" in named else [])]
    if not node.args or len(starts) > 1 or set(named) - {"start"}:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, name, "it takes a list and perhaps a start", "sum(items)")
    items = _as_ints(check_iterable(ctx, node.args[0]))
    start = ctx.check(starts[0]) if starts else None
    if has_unknown(items.type) or (start is not None and has_unknown(start.type)):
        return ctx.unknown(node)
    kind = items.type.args[0]
    span = ctx.span(node)
    if kind is INT:
        op: OperatorName = "list.sum_int"
        first = Literal(INT, span, "0") if start is None else fit(ctx, starts[0], as_number(start), INT)
    elif kind is DECIMAL:
        if start is None:
            reason = "without a start, the sum of no Decimals is an int"
            return refuse_arguments(ctx, node, name, reason, "sum(items, Decimal(0))")
        op = "list.sum_decimal"
        first = fit(ctx, starts[0], start, DECIMAL)
    else:
        instead = "sum up a list of int or Decimal"
        return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=show(items.type), instead=instead)
    is_lazy = isinstance(node.args[0], ast.GeneratorExp)
    made = _sum_lazily(op, items, first) if is_lazy else apply(op, kind, items, first)
    made.span = span
    return made


def _sum_lazily(op: OperatorName, items: Expr, start: Expr) -> Expr:
    """The sum of a generator: what its first `for` goes over is computed, then the start, then the items."""
    assert isinstance(items, Comprehension)
    clause = items.clauses[0]

    def build(ready: dict[str, Expr]) -> Expr:
        clause.items = ready["iterated"]
        return apply(op, start.type, items, ready["start"])

    return evaluate_first({"iterated": clause.items, "start": start}, build)


def _as_ints(items: Expr) -> Expr:
    """A comprehension of bools as one of the ints that Python computes with."""
    if isinstance(items, Comprehension) and items.element.type is BOOL:
        items.element = as_number(items.element)
        items.type = list_of(INT)
    return items


def check_extreme(ctx: Context, node: ast.Call, name: str) -> Expr:
    """`min` or `max` of a list, or of several values."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    if not node.args or set(named) - {"default"} or (named and len(node.args) > 1):
        check_all(ctx, node)
        reason = "it takes a list, or several values; there is no `key=`"
        return refuse_arguments(ctx, node, name, reason, f"{name}(a, b)")
    if len(node.args) > 1:
        return _of_several(ctx, node, name)
    items = check_iterable(ctx, node.args[0])
    if has_unknown(items.type):
        check_all_of(ctx, named.get("default"))
        return ctx.unknown(node)
    kind = items.type.args[0]
    op = _OF_LIST.get((name, kind))
    if op is None:
        instead = "use a list of int or Decimal"
        return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=show(items.type), instead=instead)
    span = ctx.span(node)
    if not named:
        made = apply(op, kind, items)
        made.span = span
        return made
    default = fit(ctx, named["default"], ctx.check(named["default"], kind), kind)
    if has_unknown(default.type):
        return ctx.unknown(node)
    if not is_stable(default):
        reason = "the default is computed even where it is not used"
        return refuse_arguments(ctx, named["default"], name, reason, f"{name}(items, default=fallback)")
    once = With(kind, span, items)
    has_items = apply("list.bool", BOOL, Temporary(items.type, items.span, once))
    extreme = apply(op, kind, Temporary(items.type, items.span, once))
    once.body = Conditional(kind, span, has_items, extreme, default)
    return once


def check_all_of(ctx: Context, node: ast.expr | None) -> None:
    """Find the problems within an expression that is not used."""
    if node is not None:
        ctx.check(node)


def _of_several(ctx: Context, node: ast.Call, name: str) -> Expr:
    if any(isinstance(arg, ast.Starred) for arg in node.args):
        check_all(ctx, node)
        return ctx.unknown(node)
    values = [ctx.check(arg) for arg in node.args]
    if any(has_unknown(value.type) for value in values):
        return ctx.unknown(node)
    for arg, value in zip(node.args, values, strict=True):
        if value.type.is_optional:
            return ctx.refuse(E_MAYBE_NONE, arg)
    kinds = {value.type for value in values}
    op = _OF_SEVERAL.get((name, values[0].type))
    if len(kinds) > 1 or op is None:
        shown = " and ".join(dict.fromkeys(show(value.type) for value in values))
        instead = "give values that are all int or all Decimal, since the result is one of them"
        return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=shown, instead=instead)
    made = apply(op, values[0].type, *values)
    made.span = ctx.span(node)
    return made


def check_any(ctx: Context, node: ast.Call, name: str) -> Expr:
    """`any` or `all` of a generator, which stops at the first element that decides, or of a list of bool."""
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, name, "it takes one iterable", f"{name}(x > 0 for x in items)")
    argument = node.args[0]
    if isinstance(argument, ast.GeneratorExp):
        inner = argument.elt
        clauses, element = check_clauses(ctx, argument.generators, lambda: check_test(ctx, inner))
        if clauses is None or has_unknown(element.type):
            return ctx.unknown(node)
        return Quantified(BOOL, ctx.span(node), name == "all", clauses, element)
    items = check_iterable(ctx, argument)
    items = fit(ctx, argument, items, list_of(BOOL))
    if has_unknown(items.type):
        return ctx.unknown(node)
    made = apply("list.all" if name == "all" else "list.any", BOOL, items)
    made.span = ctx.span(node)
    return made
