"""Calls of Python's builtins that make numbers, characters and bytes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from opforge._frontend.arguments import Formal, bind_arguments, check_all, refuse_arguments
from opforge._frontend.coercion import apply, as_number, as_plain, fit, has_unknown, show, to_decimal
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_source
from opforge._frontend.lazy import is_lazy, refuse_lazy
from opforge._frontend.operations import combine
from opforge._frontend.tree import Expr, Literal
from opforge._frontend.tuples import list_tuple_items
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES
from opforge_ir.types import BYTES, DECIMAL, INT, NONE, STR, Type, list_of, tuple_of

__all__ = ["NUMBER_BUILTINS"]

_BASES: Final = {"hex": "#x", "bin": "#b", "oct": "#o"}
"""The format specifications that write a number as these builtins do."""


def _check_arguments(
    ctx: Context, node: ast.Call, name: str, least: int, most: int, example: str
) -> list[Expr] | None:
    """The arguments of a builtin whose parameters have no names; None where they were refused."""
    if node.keywords or not least <= len(node.args) <= most:
        check_all(ctx, node)
        counts = f"{least}" if least == most else f"{least} to {most}"
        refuse_arguments(ctx, node, name, f"it takes {counts} arguments without names", example)
        return None
    values = [as_plain(ctx.check(arg)) for arg in node.args]
    return None if any(has_unknown(value.type) for value in values) else values


def _at(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    value.span = ctx.span(node)
    return value


def _refuse_type(ctx: Context, node: ast.Call, name: str, value: Expr, instead: str) -> Expr:
    if value.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, value.span)
    return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=show(value.type), instead=instead)


def _abs(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    values = _check_arguments(ctx, node, "abs", 1, 1, "abs(n)")
    if values is None:
        return ctx.unknown(node)
    number = as_number(values[0])
    if number.type not in (INT, DECIMAL):
        return _refuse_type(ctx, node, "abs", values[0], "use an int or a Decimal")
    return _at(ctx, node, apply("int.abs" if number.type is INT else "decimal.abs", number.type, number))


def _round(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    args = bind_arguments(
        ctx, node, "round", [Formal("number", None), Formal("ndigits", None, is_required=False)]
    )
    if args is None or any(has_unknown(value.type) for value in args.values()):
        return ctx.unknown(node)
    number = as_number(args["number"])
    digits = args.get("ndigits")
    if digits is not None and digits.type is NONE:
        digits = None
    if digits is not None:
        digits = fit(ctx, node, as_number(digits), INT)
        if has_unknown(digits.type):
            return ctx.unknown(node)
    if number.type not in (INT, DECIMAL):
        return _refuse_type(ctx, node, "round", args["number"], "use an int or a Decimal")
    if digits is None:
        return number if number.type is INT else _at(ctx, node, apply("decimal.round_int", INT, number))
    op: OperatorName = "int.round" if number.type is INT else "decimal.round"
    order = (1, 0) if [*args] == ["ndigits", "number"] else None
    return _at(ctx, node, apply(op, number.type, number, digits, order=order))


def _int(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    if not node.args and not node.keywords:
        return Literal(INT, ctx.span(node), "0")
    formals = [Formal("value", None, is_positional_only=True), Formal("base", INT, is_required=False)]
    args = bind_arguments(ctx, node, "int", formals)
    if args is None or any(has_unknown(value.type) for value in args.values()):
        return ctx.unknown(node)
    value = as_number(args["value"])
    if "base" in args:
        if value.type is not STR:
            return _refuse_type(ctx, node, "int with a base", value, "give the number as a str")
        return _at(ctx, node, apply("str.int_base", INT, value, args["base"]))
    if value.type is INT:
        return value
    if value.type is DECIMAL:
        return _at(ctx, node, apply("decimal.int", INT, value))
    if value.type is STR:
        return _at(ctx, node, apply("str.int", INT, value))
    instead = 'write `int.from_bytes(data, "big")`' if value.type is BYTES else "use a number or a str"
    return _refuse_type(ctx, node, "int", value, instead)


def _divmod(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    values = _check_arguments(ctx, node, "divmod", 2, 2, "divmod(a, b)")
    if values is None:
        return ctx.unknown(node)
    first, second = map(as_number, values)
    kinds = {first.type, second.type}
    if kinds == {INT}:
        return _at(ctx, node, apply("int.divmod", tuple_of(INT, INT), first, second))
    if kinds <= {INT, DECIMAL}:
        pair = tuple_of(DECIMAL, DECIMAL)
        return _at(ctx, node, apply("decimal.divmod", pair, to_decimal(first), to_decimal(second)))
    wrong = values[0] if first.type not in (INT, DECIMAL) else values[1]
    return _refuse_type(ctx, node, "divmod", wrong, "use ints or Decimals")


def _pow(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    values = _check_arguments(ctx, node, "pow", 2, 3, "pow(base, exponent, modulus)")
    if values is None:
        return ctx.unknown(node)
    if len(values) == 2:
        return combine(ctx, node, ast.Pow(), values[0], values[1], node.args[0], node.args[1])
    numbers = [as_number(value) for value in values]
    for number in numbers:
        if number.type is not INT:
            return _refuse_type(ctx, node, "pow with a modulus", number, "use three ints")
    return _at(ctx, node, apply("int.pow_mod", INT, *numbers))


def _write_base(name: str) -> Callable[[Context, ast.Call, Type | None], Expr]:
    def run(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
        values = _check_arguments(ctx, node, name, 1, 1, f"{name}(n)")
        if values is None:
            return ctx.unknown(node)
        number = as_number(values[0])
        if number.type is not INT:
            instead = "write `data.hex()`" if number.type is BYTES else "use an int"
            return _refuse_type(ctx, node, name, number, instead)
        return _at(ctx, node, apply("int.format", STR, number, Literal(STR, ctx.span(node), _BASES[name])))

    return run


def _character(
    name: str, op: OperatorName, kind: Type, result: Type
) -> Callable[[Context, ast.Call, Type | None], Expr]:
    def run(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
        values = _check_arguments(ctx, node, name, 1, 1, f"{name}(x)")
        if values is None:
            return ctx.unknown(node)
        if values[0].type is not kind:
            instead = (
                "take an item: `data[0]`" if values[0].type is BYTES else f"use a value of the type {kind}"
            )
            return _refuse_type(ctx, node, name, values[0], instead)
        return _at(ctx, node, apply(op, result, values[0]))

    return run


def _bytes(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    if not node.args and not node.keywords:
        return Literal(BYTES, ctx.span(node), "0x")
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        reason = "it takes a list of numbers, or how many zeros"
        return refuse_arguments(ctx, node, "bytes", reason, "bytes([1, 2])` or `text.encode()")
    value = as_plain(check_source(ctx, node.args[0]))
    if has_unknown(value.type):
        return ctx.unknown(node)
    if value.type is BYTES:
        return value
    if value.type is INT:
        return _at(ctx, node, apply("int.bytes", BYTES, value))
    if value.type.is_tuple:
        value = list_tuple_items(value) or value
    if value.type is not list_of(INT):
        instead = "write `text.encode()`" if value.type is STR else "use an int or a list of int"
        return _refuse_type(ctx, node, "bytes", value, instead)
    if is_lazy(value):
        return refuse_lazy(ctx, node.args[0], "bytes")
    return _at(ctx, node, apply("list.bytes", BYTES, value))


NUMBER_BUILTINS: Final[dict[str, Callable[[Context, ast.Call, Type | None], Expr]]] = {
    "abs": _abs,
    "bin": _write_base("bin"),
    "bytes": _bytes,
    "chr": _character("chr", "int.chr", INT, STR),
    "divmod": _divmod,
    "hex": _write_base("hex"),
    "int": _int,
    "oct": _write_base("oct"),
    "ord": _character("ord", "str.ord", STR, INT),
    "pow": _pow,
    "round": _round,
}
"""The checks of these builtins by name."""
