"""Methods of str and bytes whose arguments say more than a value: encodings, and one affix or several."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import Formal, bind_arguments, check_all, refuse_arguments
from opforge._frontend.coercion import apply, as_plain, fit, has_unknown
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.tree import Expr, ListNew, Literal
from opforge._frontend.tuples import list_tuple_items
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_FIXED_ARGUMENT
from opforge_ir.types import BOOL, BYTES, INT, STR, Type, list_of, optional_of

__all__ = ["TEXT_METHODS", "check_text_method"]

TEXT_METHODS: Final = {
    "str": ("encode", "endswith", "join", "startswith"),
    "bytes": ("decode", "endswith", "join", "startswith"),
}
_UTF_8: Final = {"utf-8", "utf8", "utf_8", "u8"}
_ASCII: Final = {"ascii", "us-ascii", "us_ascii"}
_BOUND: Final = optional_of(INT)


def check_text_method(ctx: Context, node: ast.Call, name: str, value: Expr) -> Expr:
    """A call of one of `TEXT_METHODS`."""
    match name:
        case "join":
            return _join(ctx, node, value)
        case "encode" | "decode":
            return _code(ctx, node, name, value)
        case _:
            return _affix(ctx, node, name, value)


def _join(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    kind = value.type
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        reason = f"it takes one list of {kind}"
        return refuse_arguments(ctx, node, f"{kind}.join", reason, '", ".join(names)')
    parts = fit(ctx, node.args[0], check_iterable(ctx, node.args[0]), list_of(kind))
    if has_unknown(parts.type):
        return ctx.unknown(node)
    return _at(ctx, node, apply("str.join" if kind is STR else "bytes.join", kind, value, parts))


def _code(ctx: Context, node: ast.Call, name: str, value: Expr) -> Expr:
    """`text.encode(encoding)` and `data.decode(encoding)`, strictly."""
    formals = [Formal("encoding", STR, is_required=False), Formal("errors", STR, is_required=False)]
    shown = f"{value.type}.{name}"
    args = bind_arguments(ctx, node, shown, formals)
    if args is None or any(has_unknown(arg.type) for arg in args.values()):
        return ctx.unknown(node)
    encoding, errors = (literal_of(args[each]) if each in args else None for each in ("encoding", "errors"))
    if "encoding" in args and encoding is None:
        reason = "which encoding it is decides what the program does"
        return ctx.refuse(E_FIXED_ARGUMENT, node, argument="the encoding", reason=reason)
    if "errors" in args and (errors is None or errors.value != "strict"):
        reason = "what does not fit the encoding is an error"
        return refuse_arguments(ctx, node, shown, reason, f"x.{name}()")
    text = "utf-8" if encoding is None else encoding.value.lower()
    if text not in _UTF_8 | _ASCII:
        reason = "the encodings are utf-8 and ascii"
        return refuse_arguments(ctx, node, shown, reason, f'x.{name}("utf-8")')
    operators: dict[tuple[str, bool], OperatorName] = {
        ("encode", True): "str.encode_utf8",
        ("encode", False): "str.encode_ascii",
        ("decode", True): "bytes.decode_utf8",
        ("decode", False): "bytes.decode_ascii",
    }
    result = BYTES if name == "encode" else STR
    return _at(ctx, node, apply(operators[name, text in _UTF_8], result, value))


def _affix(ctx: Context, node: ast.Call, name: str, value: Expr) -> Expr:
    """`text.startswith(prefix, start, stop)`, where the prefix may be a tuple of several."""
    kind = value.type
    shown = f"{kind}.{name}"
    if node.keywords or not 1 <= len(node.args) <= 3:
        check_all(ctx, node)
        reason = "it takes a part, or a tuple of them, and perhaps where to begin and end"
        return refuse_arguments(ctx, node, shown, reason, f"text.{name}(part)")
    given, bounds = _parts(ctx, node.args[0], kind), [ctx.check(arg, _BOUND) for arg in node.args[1:]]
    if has_unknown(given.type) or any(has_unknown(bound.type) for bound in bounds):
        return ctx.unknown(node)
    if given.type is STR and not bounds:
        return _at(
            ctx, node, apply("str.startswith" if name == "startswith" else "str.endswith", BOOL, value, given)
        )
    parts = given if given.type.is_list else ListNew(list_of(kind), given.span, [given])
    span = ctx.span(node)
    fitted = [fit(ctx, arg, bound, _BOUND) for arg, bound in zip(node.args[1:], bounds, strict=True)]
    while len(fitted) < 2:
        fitted.append(Literal(_BOUND, span, "None"))
    operators: dict[str, OperatorName] = {
        "str.startswith": "str.startswith_any",
        "str.endswith": "str.endswith_any",
        "bytes.startswith": "bytes.startswith_any",
        "bytes.endswith": "bytes.endswith_any",
    }
    if any(has_unknown(bound.type) for bound in fitted):
        return ctx.unknown(node)
    return _at(ctx, node, apply(operators[shown], BOOL, value, parts, *fitted))


def _parts(ctx: Context, node: ast.expr, kind: Type) -> Expr:
    """One part, or the list of those in a tuple."""
    given = as_plain(ctx.check(node))
    if not given.type.is_tuple:
        return fit(ctx, node, given, kind)
    items = list_tuple_items(given)
    return fit(ctx, node, given if items is None else items, list_of(kind))


def _at(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    value.span = ctx.span(node)
    return value
