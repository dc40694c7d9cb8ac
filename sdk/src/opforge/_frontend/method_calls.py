"""Methods of values: str, bytes, Decimal, list and dict."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import Formal, bind_arguments, check_all, refuse_arguments
from opforge._frontend.change_calls import TAKING_METHODS, check_taking_call, refuse_value
from opforge._frontend.coercion import apply, as_plain, fit, has_unknown, show, to_decimal
from opforge._frontend.context import Context
from opforge._frontend.effect_calls import check_contract_function, check_json
from opforge._frontend.iterables import check_iterable
from opforge._frontend.names import hint_for
from opforge._frontend.sets import SET_METHODS, check_set_method
from opforge._frontend.symbols import is_set, split_contract
from opforge._frontend.tree import DictNew, Expr, ListNew
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_NOT_A_VALUE, E_UNKNOWN_ATTRIBUTE
from opforge_ir.types import BOOL, BYTES, DECIMAL, INT, NONE, STR, Type, list_of, named, optional_of

__all__ = ["check_method"]

_SIMPLE: Final[dict[tuple[Type, str], tuple[OperatorName, list[Formal], Type]]] = {
    (STR, "upper"): ("str.upper", [], STR),
    (STR, "lower"): ("str.lower", [], STR),
    (STR, "strip"): ("str.strip", [], STR),
    (STR, "startswith"): ("str.startswith", [Formal("prefix", STR)], BOOL),
    (STR, "endswith"): ("str.endswith", [Formal("suffix", STR)], BOOL),
    (STR, "split"): ("str.split", [Formal("sep", STR)], list_of(STR)),
    (BYTES, "hex"): ("bytes.hex", [], STR),
}
"""Methods that are one operator over the value and the arguments."""
_POSITIONAL: Final = {"startswith", "endswith"}
"""Methods whose parameter has no name for callers."""
_METHODS: Final = {
    "str": ("upper", "lower", "strip", "startswith", "endswith", "split", "join"),
    "bytes": ("hex",),
    "Decimal": ("quantize",),
    "list": (
        *(
            "append",
            "clear",
            "copy",
            "count",
            "extend",
            "index",
            "insert",
            "pop",
            "remove",
            "reverse",
            "sort",
        ),
    ),
    "dict": (*("clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"),),
    **SET_METHODS,
    "Response": ("json",),
}
_INSTEAD: Final = {
    ("str", "format"): "write an f-string",
    ("dict", "fromkeys"): "write `{key: value for key in keys}`",
}


def check_method(ctx: Context, node: ast.Call, callee: ast.Attribute, expected: Type | None) -> Expr:
    """A call of a method of a value."""
    value = ctx.check(callee.value)
    if has_unknown(value.type):
        check_all(ctx, node)
        return ctx.unknown(node)
    contract = split_contract(value.type)
    if contract is not None:
        return check_contract_function(ctx, node, callee, value, *contract)
    value = as_plain(value)
    kind, name = value.type, callee.attr
    if kind.is_optional and name in _METHODS.get(kind.args[0].head, ()):
        check_all(ctx, node)
        return ctx.refuse(E_MAYBE_NONE, callee.value)
    if is_set(kind) and (made := check_set_method(ctx, node, name, value)) is not None:
        return made
    simple = _SIMPLE.get((kind, name))
    if simple is not None:
        return _apply_simple(ctx, node, name, value, simple)
    return _check_by_name(ctx, node, callee, value, expected)


def _check_by_name(
    ctx: Context, node: ast.Call, callee: ast.Attribute, value: Expr, expected: Type | None
) -> Expr:
    kind, name = value.type, callee.attr
    match kind.head, name:
        case "str", "join":
            return _join(ctx, node, value)
        case "Decimal", "quantize":
            return _quantize(ctx, node, value)
        case "dict", "get":
            return _get(ctx, node, value)
        case "dict", ("items" | "keys" | "values"):
            what, instead = f"a view of a dict's {name}", f"make a list: `list(d.{name}())`"
            return ctx.refuse(E_NOT_A_VALUE, node, what=what, instead=instead)
        case (("list" | "dict"), _) if (kind.head, name) in TAKING_METHODS:
            return check_taking_call(ctx, node, name, value)
        case "list", ("index" | "count"):
            return _look_up(ctx, node, name, value)
        case (("list" | "dict"), "copy"):
            return _copy(ctx, node, value)
        case (("list" | "dict"), _) if name in _METHODS[kind.head]:
            return refuse_value(ctx, node, name)
        case "Response", "json" if kind is named("Response"):
            return check_json(ctx, node, value, expected)
        case _:
            return _no_method(ctx, node, callee, kind)


def _apply_simple(
    ctx: Context, node: ast.Call, name: str, value: Expr, simple: tuple[OperatorName, list[Formal], Type]
) -> Expr:
    op, formals, result = simple
    shown = f"{show(value.type)}.{name}"
    if name in _POSITIONAL and node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, shown, "its argument has no name", f"text.{name}(part)")
    args = bind_arguments(ctx, node, shown, formals)
    if args is None or any(has_unknown(arg.type) for arg in args.values()):
        return ctx.unknown(node)
    made = apply(op, result, value, *args.values())
    made.span = ctx.span(node)
    return made


def _join(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, "str.join", "it takes one list of str", '", ".join(names)')
    parts = check_iterable(ctx, node.args[0])
    parts = fit(ctx, node.args[0], parts, list_of(STR))
    if has_unknown(parts.type):
        return ctx.unknown(node)
    made = apply("str.join", STR, value, parts)
    made.span = ctx.span(node)
    return made


def _quantize(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    args = bind_arguments(ctx, node, "Decimal.quantize", [Formal("exp", None)])
    if args is None:
        return ctx.unknown(node)
    exponent = fit(ctx, node, to_decimal(args["exp"]), DECIMAL)
    if has_unknown(exponent.type):
        return ctx.unknown(node)
    made = apply("decimal.quantize", DECIMAL, value, exponent)
    made.span = ctx.span(node)
    return made


def _get(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    key_type, value_type = value.type.args
    if node.keywords or not 1 <= len(node.args) <= 2:
        check_all(ctx, node)
        return refuse_arguments(
            ctx, node, "dict.get", "it takes a key and perhaps a default", "d.get(key, default)"
        )
    key = fit(ctx, node.args[0], ctx.check(node.args[0], key_type), key_type)
    default = ctx.check(node.args[1], value_type) if len(node.args) == 2 else None
    if has_unknown(key.type) or (default is not None and has_unknown(default.type)):
        return ctx.unknown(node)
    if default is None or (default.type is NONE and not value_type.is_optional):
        made = apply("dict.find", optional_of(value_type), value, key)
    else:
        fitted = fit(ctx, node.args[1], default, value_type)
        if has_unknown(fitted.type):
            return ctx.unknown(node)
        made = apply("dict.get", value_type, value, key, fitted)
    made.span = ctx.span(node)
    return made


def _look_up(ctx: Context, node: ast.Call, name: str, value: Expr) -> Expr:
    """`items.index(item)` and `items.count(item)`."""
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, f"list.{name}", "it takes one item", f"items.{name}(item)")
    wanted = value.type.args[0]
    item = fit(ctx, node.args[0], ctx.check(node.args[0], wanted), wanted)
    if has_unknown(item.type):
        return ctx.unknown(node)
    made = apply("list.index" if name == "index" else "list.count", INT, value, item)
    made.span = ctx.span(node)
    return made


def _copy(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    if node.args or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, f"{value.type.head}.copy", "it takes no arguments", "x.copy()")
    span = ctx.span(node)
    if value.type.is_list:
        made = apply("list.concat", value.type, value, ListNew(value.type, span, []))
    else:
        made = apply("dict.merge", value.type, value, DictNew(value.type, span, []))
    made.span = span
    return made


def _no_method(ctx: Context, node: ast.Call, callee: ast.Attribute, kind: Type) -> Expr:
    check_all(ctx, node)
    fields = ctx.program.fields_of(kind) or {}
    record = ctx.program.records.get(kind.head)
    if record is not None and not record.is_complete and callee.attr not in fields:
        return ctx.unknown(node)
    if callee.attr in fields:
        what = f"the field {callee.attr}"
        return ctx.refuse(
            E_NOT_A_VALUE, callee, what=f"a call of {what}", instead="leave the parentheses out"
        )
    known = [*_METHODS.get(kind.head, ()), *fields]
    instead = _INSTEAD.get(
        (kind.head, callee.attr), f"it has {', '.join(known)}" if known else "write a helper function"
    )
    return ctx.refuse(
        E_UNKNOWN_ATTRIBUTE,
        callee,
        type=show(kind),
        name=callee.attr,
        hint=hint_for(callee.attr, known),
        instead=instead,
    )
