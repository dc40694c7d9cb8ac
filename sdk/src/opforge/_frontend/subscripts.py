"""`value[index]` and `value[start:stop:step]`."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import evaluate_first
from opforge._frontend.coercion import apply, as_plain, fit, has_unknown, show
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.enum_values import check_by_name, find_enum
from opforge._frontend.iterables import check_iterable
from opforge._frontend.tree import Expr, FieldOf, Literal, TupleNew
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES, E_TYPE_NEEDED
from opforge_ir.types import BYTES, INT, STR, Type, optional_of, tuple_of

__all__ = ["check_subscript"]

_ITEMS: Final[dict[Type, tuple[OperatorName, Type]]] = {STR: ("str.get", STR), BYTES: ("bytes.get", INT)}
_SLICES: Final[dict[str, OperatorName]] = {"list": "list.slice", "str": "str.slice", "bytes": "bytes.slice"}
_BOUND: Final = optional_of(INT)


def check_subscript(ctx: Context, node: ast.Subscript, _expected: Type | None) -> Expr:
    """An item of a list, dict, tuple, str or bytes, or a slice of one that has an order."""
    if (enum := find_enum(ctx, node.value)) is not None:
        return check_by_name(ctx, node, enum)
    base = as_plain(_check_base(ctx, node))
    kind = base.type
    if isinstance(node.slice, ast.Slice):
        return _slice(ctx, node, node.slice, base)
    if kind.is_tuple:
        return _tuple_item(ctx, node, base)
    index = ctx.check(node.slice)
    if has_unknown(kind) or has_unknown(index.type):
        return ctx.unknown(node)
    if kind.is_list:
        return apply("list.get", kind.args[0], base, fit(ctx, node.slice, index, INT))
    if kind.is_dict:
        return apply("dict.item", kind.args[1], base, fit(ctx, node.slice, index, kind.args[0]))
    if kind in _ITEMS:
        op, result = _ITEMS[kind]
        return apply(op, result, base, fit(ctx, node.slice, index, INT))
    if kind.is_optional:
        return ctx.refuse(E_MAYBE_NONE, node.value)
    instead = "index a list, a dict, a str, bytes, or a tuple by a literal"
    return ctx.refuse(E_OPERAND_TYPES, node, operation="[]", types=show(kind), instead=instead)


def _check_base(ctx: Context, node: ast.Subscript) -> Expr:
    """What is indexed; a range is one too, but a slice of a range is no list."""
    base = node.value
    is_range = isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id == "range"
    if is_range and not isinstance(node.slice, ast.Slice) and ctx.symbol("range") is None:
        return check_iterable(ctx, base)
    return ctx.check(base)


def _tuple_item(ctx: Context, node: ast.Subscript, base: Expr) -> Expr:
    index = literal_of(ctx.check(node.slice))
    size = len(base.type.args)
    if index is None or index.type is not INT or not -size <= int(index.value) < size:
        instead = f"write a number from {-size} to {size - 1}"
        return ctx.refuse(
            E_OPERAND_TYPES, node, operation="[]", types="a tuple and this index", instead=instead
        )
    position = int(index.value) % size
    return FieldOf(base.type.args[position], ctx.span(node), base, str(position))


def _slice(ctx: Context, node: ast.Subscript, bounds: ast.Slice, base: Expr) -> Expr:
    nodes = [bounds.lower, bounds.upper, bounds.step]
    values = [None if each is None else ctx.check(each, _BOUND) for each in nodes]
    if has_unknown(base.type) or any(value is not None and has_unknown(value.type) for value in values):
        return ctx.unknown(node)
    if base.type.is_tuple:
        return _tuple_slice(ctx, node, base, values)
    op = _SLICES.get(base.type.head)
    if base.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, node.value)
    if op is None:
        instead = "slice a list, a str, bytes or a tuple"
        return ctx.refuse(E_OPERAND_TYPES, node, operation="[:]", types=show(base.type), instead=instead)
    span = ctx.span(node)
    args = [
        Literal(_BOUND, span, "None") if value is None or each is None else fit(ctx, each, value, _BOUND)
        for each, value in zip(nodes, values, strict=True)
    ]
    made = apply(op, base.type, base, *args)
    made.span = span
    return made if not any(has_unknown(arg.type) for arg in args) else ctx.unknown(node)


def _tuple_slice(ctx: Context, node: ast.Subscript, base: Expr, values: list[Expr | None]) -> Expr:
    """A slice of a tuple is a tuple of items that are known when the program is compiled."""
    literals = [None if value is None else literal_of(value) for value in values]
    is_known = all(
        value is None or (literal is not None and literal.type is INT)
        for value, literal in zip(values, literals, strict=True)
    )
    start, stop, step = (None if each is None or not is_known else int(each.value) for each in literals)
    if not is_known or step == 0:
        instead = "write the bounds as numbers, and no step of 0"
        return ctx.refuse(
            E_OPERAND_TYPES, node, operation="[:]", types="a tuple and these bounds", instead=instead
        )
    span = ctx.span(node)
    positions = range(len(base.type.args))[start:stop:step]
    if not positions:
        return ctx.refuse(E_TYPE_NEEDED, node, what="an empty tuple", example="items: list[int] = []")
    kinds = [base.type.args[position] for position in positions]

    def build(ready: dict[str, Expr]) -> Expr:
        items: list[Expr] = [
            FieldOf(kind, span, ready["whole"], str(position))
            for kind, position in zip(kinds, positions, strict=True)
        ]
        return TupleNew(tuple_of(*kinds), span, items)

    return evaluate_first({"whole": base}, build)
