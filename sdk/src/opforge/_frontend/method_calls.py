"""Methods of values: str, bytes, Decimal, list and dict."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.change_calls import TAKING_METHODS, check_taking_call, refuse_value
from opforge._frontend.coercion import apply, as_plain, fit, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.effect_calls import check_contract_function, check_json
from opforge._frontend.from_keys import check_from_keys
from opforge._frontend.names import hint_for
from opforge._frontend.sets import SET_METHODS, check_set_method
from opforge._frontend.symbols import is_set, split_contract
from opforge._frontend.text_methods import TEXT_METHODS, check_text_method
from opforge._frontend.tree import DictNew, Expr, ListNew
from opforge._frontend.value_methods import CLASS_METHODS, METHODS, apply_method
from opforge_ir.codes.source import E_MAYBE_NONE, E_NOT_A_VALUE, E_UNKNOWN_ATTRIBUTE
from opforge_ir.types import INT, NONE, Type, named, optional_of

__all__ = ["check_class_method", "check_method"]

_METHODS: Final = {
    **{
        kind: sorted([*(name for head, name in METHODS if head == kind), *TEXT_METHODS.get(kind, ())])
        for kind in ("str", "bytes", "int", "Decimal")
    },
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
_MAX_LISTED: Final = 12
"""As many names are listed in place of one that is not there."""
_INSTEAD: Final = {
    ("str", "format"): "write an f-string",
    ("str", "format_map"): "write an f-string",
    ("str", "isprintable"): "test for the characters that you mean; Pythons differ in what they can print",
    ("str", "maketrans"): "write `text.replace(old, new)`",
    ("str", "translate"): "write `text.replace(old, new)`",
    ("int", "is_integer"): "leave the test out: an int is one",
}


def check_method(ctx: Context, node: ast.Call, callee: ast.Attribute, expected: Type | None) -> Expr:
    """A call of a method of a value."""
    value = ctx.check(callee.value)
    if has_unknown(value.type):
        check_all(ctx, node)
        return ctx.unknown(node)
    enum = ctx.program.enum_of(value.type)
    if enum is not None and not enum.is_complete:
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
    methods = METHODS.get((kind.head, name))
    if methods is not None:
        return apply_method(ctx, node, f"{show(kind)}.{name}", methods, value)
    return _check_by_name(ctx, node, callee, value, expected)


def _check_by_name(
    ctx: Context, node: ast.Call, callee: ast.Attribute, value: Expr, expected: Type | None
) -> Expr:
    kind, name = value.type, callee.attr
    match kind.head, name:
        case (("str" | "bytes"), _) if name in TEXT_METHODS[kind.head]:
            return check_text_method(ctx, node, name, value)
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


def check_class_method(ctx: Context, node: ast.Call, kind: str, callee: ast.Attribute) -> Expr:
    """A call of a method on the type of this name: `int.from_bytes(data, "big")`."""
    if (kind, callee.attr) == ("dict", "fromkeys"):
        return check_from_keys(ctx, node)
    methods = CLASS_METHODS.get((kind, callee.attr))
    if methods is not None:
        return apply_method(ctx, node, f"{kind}.{callee.attr}", methods, None)
    check_all(ctx, node)
    known = sorted(name for head, name in CLASS_METHODS if head == kind)
    instead = _INSTEAD.get((kind, callee.attr), "call it on a value")
    return ctx.refuse(
        E_UNKNOWN_ATTRIBUTE,
        callee,
        type=f"the type {kind}",
        name=callee.attr,
        hint=hint_for(callee.attr, known),
        instead=instead,
    )


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
    hint = hint_for(callee.attr, known)
    instead = "write a helper function"
    if 0 < len(known) <= _MAX_LISTED:
        instead = f"it has {', '.join(known)}"
    elif hint:
        instead = "correct the spelling"
    instead = _INSTEAD.get((kind.head, callee.attr), instead)
    return ctx.refuse(
        E_UNKNOWN_ATTRIBUTE,
        callee,
        type=show(kind),
        name=callee.attr,
        hint=hint,
        instead=instead,
    )
