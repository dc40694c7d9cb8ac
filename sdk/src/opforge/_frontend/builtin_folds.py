"""Builtins that make one value of many: sum, any and all."""

from __future__ import annotations

import ast

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import apply, as_number, fit, has_unknown, show, truth
from opforge._frontend.comprehensions import check_clauses
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compute_between, fuse, hides_strict, is_lazy, is_strict, refuse_lazy
from opforge._frontend.operations import check_test
from opforge._frontend.tree import Comprehension, Expr, ListNew, Literal, Local, Pattern, Quantified
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_OPERAND_TYPES
from opforge_ir.types import BOOL, DECIMAL, INT, list_of

__all__ = ["check_any", "check_sum"]


def check_sum(ctx: Context, node: ast.Call, name: str) -> Expr:
    """`sum(items, start)` of ints or Decimals."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    starts = [*node.args[1:], *([named["start"]] if "start" in named else [])]
    if not node.args or len(starts) > 1 or set(named) - {"start"}:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, name, "it takes a list and perhaps a start", "sum(items)")
    items = _as_ints(check_iterable(ctx, node.args[0], is_order_free=True))
    item = items.type.args[0] if items.type.is_list else items.type
    start = ctx.check(starts[0], item if item.is_list else None) if starts else None
    if has_unknown(items.type) or (start is not None and has_unknown(start.type)):
        return ctx.unknown(node)
    kind = items.type.args[0]
    span = ctx.span(node)
    if kind in (INT, BOOL):
        op: OperatorName = "list.sum_int" if kind is INT else "list.sum_bool"
        first = Literal(INT, span, "0") if start is None else fit(ctx, starts[0], as_number(start), INT)
    elif kind is DECIMAL:
        if start is None:
            reason = "without a start, the sum of no Decimals is an int"
            return refuse_arguments(ctx, node, name, reason, "sum(items, Decimal(0))")
        op = "list.sum_decimal"
        first = fit(ctx, starts[0], start, DECIMAL)
    elif kind.is_list and isinstance(start, ListNew):
        return _sum_lists(ctx, node, items, fit(ctx, starts[0], start, kind))
    else:
        instead = "sum up a list of int or Decimal, or lists: `sum(rows, [])`"
        return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=show(items.type), instead=instead)
    made = compute_between(
        items, {"start": first}, lambda given, ready: apply(op, first.type, given, ready["start"])
    )
    made.span = span
    return made


def _sum_lists(ctx: Context, node: ast.Call, items: Expr, start: Expr) -> Expr:
    """`sum(rows, [])`; the start is a display, so that the sum of no lists is a new one too."""
    kind = start.type
    is_empty = isinstance(start, ListNew) and not start.items

    def build(given: Expr, ready: dict[str, Expr]) -> Expr:
        flat = apply("list.flatten", kind, given)
        return flat if is_empty else apply("list.concat", kind, ready["start"], flat)

    made = compute_between(items, {} if is_empty else {"start": start}, build)
    made.span = ctx.span(node)
    return made


def _as_ints(items: Expr) -> Expr:
    """A comprehension of bools as one of the ints that Python computes with."""
    if isinstance(items, Comprehension) and items.element.type is BOOL:
        items.element = as_number(items.element)
        items.type = list_of(INT)
    return items


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
        if is_strict(clauses[0].items):
            return refuse_lazy(ctx, argument.generators[0].iter, f"`{name}`, which may stop before,")
        return Quantified(BOOL, ctx.span(node), name == "all", clauses, element)
    items = check_iterable(ctx, argument)
    if has_unknown(items.type):
        return ctx.unknown(node)
    if items.type is list_of(BOOL) and not is_lazy(items):
        made = apply("list.all" if name == "all" else "list.any", BOOL, items)
        made.span = ctx.span(node)
        return made
    if is_strict(items) or hides_strict(items):
        return refuse_lazy(ctx, argument, f"`{name}`, which may stop before,")
    pattern = Pattern(items.type.args[0], items.span, "item")
    test = truth(ctx, argument, Local(pattern.type, items.span, "item"))
    if has_unknown(test.type):
        return ctx.unknown(node)
    return Quantified(BOOL, ctx.span(node), name == "all", fuse(pattern, items, []), test)
