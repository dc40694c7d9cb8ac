"""The functions of `math` that are exact on ints."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import apply, as_number, fit, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compute_between
from opforge._frontend.tree import Comprehension, Expr, Literal
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES
from opforge_ir.types import BOOL, DECIMAL, INT, list_of

__all__ = ["check_math"]

_OPERATORS: Final[dict[str, tuple[OperatorName, int]]] = {
    "comb": ("int.comb", 2),
    "factorial": ("int.factorial", 1),
    "isqrt": ("int.isqrt", 1),
    "perm": ("int.perm", 2),
}
"""Functions of so many numbers."""
_OF_ANY: Final[dict[str, tuple[OperatorName, str]]] = {"gcd": ("int.gcd", "0"), "lcm": ("int.lcm", "1")}
"""Functions of any number of numbers, and what they give for none."""


def check_math(ctx: Context, node: ast.Call, name: str) -> Expr:
    """A call of one of the functions that the vocabulary has of `math`."""
    if name == "prod":
        return _product(ctx, node)
    if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        check_all(ctx, node)
        return refuse_arguments(ctx, node, f"math.{name}", "its arguments have no names", f"math.{name}(n)")
    numbers = [as_number(ctx.check(arg)) for arg in node.args]
    if any(has_unknown(number.type) for number in numbers):
        return ctx.unknown(node)
    for number in numbers:
        if number.type is not INT:
            return _refuse(ctx, node, name, number)
    span = ctx.span(node)
    if name in _OF_ANY:
        op, empty = _OF_ANY[name]
        if not numbers:
            return Literal(INT, span, empty)
    else:
        op, count = ("int.factorial", 1) if (name, len(numbers)) == ("perm", 1) else _OPERATORS[name]
        if len(numbers) != count:
            reason, example = ("one number", "n") if count == 1 else ("two numbers", "n, k")
            return refuse_arguments(
                ctx, node, f"math.{name}", f"it takes {reason}", f"math.{name}({example})"
            )
    made = apply(op, INT, *numbers)
    made.span = span
    return made


def _refuse(ctx: Context, node: ast.Call, name: str, value: Expr) -> Expr:
    if value.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, value.span)
    return ctx.refuse(
        E_OPERAND_TYPES, node, operation=f"math.{name}", types=show(value.type), instead="use ints"
    )


def _product(ctx: Context, node: ast.Call) -> Expr:
    """`math.prod(items, start=1)` of ints or Decimals."""
    starts = [keyword.value for keyword in node.keywords if keyword.arg == "start"]
    if len(node.args) != 1 or len(starts) != len(node.keywords):
        check_all(ctx, node)
        reason = "it takes a list, and perhaps `start=`"
        return refuse_arguments(ctx, node, "math.prod", reason, "math.prod(items)")
    items = check_iterable(ctx, node.args[0])
    start = as_number(ctx.check(starts[0])) if starts else Literal(INT, ctx.span(node), "1")
    if has_unknown(items.type) or has_unknown(start.type):
        return ctx.unknown(node)
    kind = items.type.args[0]
    if kind is BOOL and isinstance(items, Comprehension):
        items.element, items.type, kind = as_number(items.element), list_of(INT), INT
    if kind is DECIMAL and not starts:
        reason = "without a start, the product of no Decimals is an int"
        return refuse_arguments(ctx, node, "math.prod", reason, "math.prod(items, start=Decimal(1))")
    if kind not in (INT, DECIMAL):
        return _refuse(ctx, node, "prod", items)
    first = fit(ctx, starts[0] if starts else node, start, kind)
    if has_unknown(first.type):
        return ctx.unknown(node)
    op: OperatorName = "list.prod_int" if kind is INT else "list.prod_decimal"
    made = compute_between(
        items, {"start": first}, lambda given, ready: apply(op, kind, given, ready["start"])
    )
    made.span = ctx.span(node)
    return made
