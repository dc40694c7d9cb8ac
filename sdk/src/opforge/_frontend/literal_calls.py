"""Calls that make values from their written form: addresses, Decimals and amounts in units."""

from __future__ import annotations

import ast
from decimal import Context as DecimalContext
from decimal import Decimal, Inexact, InvalidOperation, Overflow

from opforge._frontend.arguments import Formal, bind_arguments, refuse_arguments
from opforge._frontend.coercion import apply, as_number, has_unknown, show, to_decimal
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.tree import Expr, Literal
from opforge._frontend.vocabulary import UNITS
from opforge._ir import OperatorName
from opforge_ir.address import checksum_address, is_address, is_checksum_valid
from opforge_ir.codes.source import (
    E_ADDRESS,
    E_ADDRESS_CHECKSUM,
    E_CONSTANT_FAILS,
    E_MAYBE_NONE,
    E_TYPE_MISMATCH,
    E_UNIT,
)
from opforge_ir.excerpt import excerpt
from opforge_ir.types import ADDRESS, DECIMAL, INT, STR

__all__ = ["check_address", "check_decimal", "check_unit"]

_MAX_UNIT_DIGITS = 100


def check_address(ctx: Context, node: ast.Call) -> Expr:
    """`Address("0x…")`: the address in lower case, with its checksum looked at (EIP-55)."""
    args = bind_arguments(ctx, node, "Address", [Formal("text", STR)])
    if args is None or has_unknown(args["text"].type):
        return ctx.unknown(node)
    literal = literal_of(args["text"])
    place = args["text"].span
    if literal is None:
        made = apply("str.address", ADDRESS, args["text"])
        made.span = ctx.span(node)
        return made
    text = literal.value
    if not is_address(text):
        return ctx.refuse(E_ADDRESS, place, text=excerpt(text))
    if not is_checksum_valid(text):
        return ctx.refuse(E_ADDRESS_CHECKSUM, place, text=text, expected=checksum_address(text.lower()))
    return Literal(ADDRESS, ctx.span(node), text.lower())


def check_decimal(ctx: Context, node: ast.Call) -> Expr:
    """`Decimal(value)` of an int, a str or a Decimal: exact, whatever the precision is."""
    if not node.args and not node.keywords:
        return Literal(DECIMAL, ctx.span(node), "0")
    args = bind_arguments(ctx, node, "Decimal", [Formal("value", None)])
    if args is None or has_unknown(args["value"].type):
        return ctx.unknown(node)
    value = as_number(args["value"])
    span = ctx.span(node)
    if value.type is STR:
        literal = literal_of(value)
        if literal is not None:
            return _decimal_literal(ctx, node, literal.value)
        made = apply("str.decimal", DECIMAL, value)
    elif value.type is INT:
        made = to_decimal(value)
    elif value.type is DECIMAL:
        return value
    elif value.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, value.span)
    else:
        return ctx.refuse(
            E_TYPE_MISMATCH, value.span, actual=show(value.type), expected="int, str or Decimal", hint=""
        )
    made.span = span
    return made


def _decimal_literal(ctx: Context, node: ast.Call, text: str) -> Expr:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ctx.refuse(E_CONSTANT_FAILS, node, error="InvalidOperation: this is not a number")
    if not number.is_nan():
        return Literal(DECIMAL, ctx.span(node), str(number))
    return apply("str.decimal", DECIMAL, Literal(STR, ctx.span(node), text))


def check_unit(ctx: Context, node: ast.Call, unit: str) -> Expr:
    """`ether("0.5")`: an amount in the smallest unit, as an int."""
    args = bind_arguments(ctx, node, unit, [Formal("amount", None)])
    if args is None or has_unknown(args["amount"].type):
        return ctx.unknown(node)
    amount = args["amount"]
    factor = UNITS[unit]
    literal = literal_of(amount)
    if amount.type is INT:
        span = ctx.span(node)
        if literal is not None:
            return Literal(INT, span, str(int(literal.value) * factor))
        made = apply("int.mul", INT, amount, Literal(INT, span, str(factor)))
        made.span = span
        return made
    if amount.type not in (STR, DECIMAL):
        return refuse_arguments(ctx, node, unit, f"{show(amount.type)} is not an amount", f'{unit}("0.5")')
    if literal is None:
        operator: OperatorName = "str.amount" if amount.type is STR else "decimal.amount"
        made = apply(operator, INT, amount, Literal(INT, ctx.span(node), str(factor)))
        made.span = ctx.span(node)
        return made
    whole = _in_smallest_unit(literal.value, factor)
    if whole is None:
        return ctx.refuse(E_UNIT, amount.span, text=excerpt(literal.value), unit=unit)
    return Literal(INT, ctx.span(node), str(whole))


def _in_smallest_unit(text: str, factor: int) -> int | None:
    """The exact product, or None where it is not a whole number of a size that amounts have."""
    exact = DecimalContext(prec=_MAX_UNIT_DIGITS, traps=[Inexact, InvalidOperation, Overflow])
    try:
        product = exact.multiply(Decimal(text), Decimal(factor))
        if not product.is_finite() or product.adjusted() > _MAX_UNIT_DIGITS:
            return None
        return int(product) if product == product.to_integral_value(context=exact) else None
    except (Inexact, InvalidOperation, Overflow):
        return None
