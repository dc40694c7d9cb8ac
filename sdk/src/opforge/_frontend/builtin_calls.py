"""Calls of Python's builtins."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from opforge._frontend.arguments import Formal, bind_arguments, check_all, refuse_arguments
from opforge._frontend.builtin_folds import check_any, check_sum
from opforge._frontend.coercion import apply, as_plain, has_unknown, is_key_type, show, truth
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.enum_values import find_enum
from opforge._frontend.first_items import check_next
from opforge._frontend.fstrings import format_value, to_text
from opforge._frontend.instance_tests import check_isinstance
from opforge._frontend.iterables import check_iterable, check_source
from opforge._frontend.number_calls import NUMBER_BUILTINS
from opforge._frontend.orderings import check_extreme, check_sorted
from opforge._frontend.repairs import repair_with_name
from opforge._frontend.sets import check_set_call
from opforge._frontend.tree import Apply, Comprehension, DictNew, Expr, ListNew, Literal, With
from opforge._ir import OperatorName
from opforge_ir.codes.source import (
    E_BUILTIN,
    E_FIXED_ARGUMENT,
    E_FLOAT_REFUSED,
    E_KEY_TYPE,
    E_MAYBE_NONE,
    E_NOT_A_VALUE,
    E_OPERAND_TYPES,
    E_PRINT,
    E_TYPE_MISMATCH,
    E_TYPE_NEEDED,
)
from opforge_ir.excerpt import excerpt
from opforge_ir.operators import OPERATORS
from opforge_ir.types import BOOL, INT, STR, Type, dict_of, list_of, tuple_of

__all__ = ["BUILTINS", "check_builtin"]

_LENGTHS: Final[dict[str, OperatorName]] = {
    "str": "str.len",
    "bytes": "bytes.len",
    "list": "list.len",
    "dict": "dict.len",
    "set": "set.len",
    "frozenset": "set.len",
}
_INSTEAD: Final = {
    "type": "every value has one known type",
    "repr": "write `str(...)` or an f-string",
    "open": "take the text as an input, or use `http.get`",
    "input": "take a parameter of the op",
    "getattr": "name the attribute",
    "hasattr": "name the attribute",
}
_REFUSED: Final = frozenset(
    {
        *_INSTEAD,
        *[
            "__import__",
            "aiter",
            "anext",
            "ascii",
            "breakpoint",
            "bytearray",
            "callable",
            "classmethod",
            "compile",
            "complex",
        ],
        *[
            "delattr",
            "dir",
            "eval",
            "exec",
            "globals",
            "hash",
            "help",
            "id",
            "issubclass",
            "iter",
            "locals",
            "memoryview",
            "object",
        ],
        *["property", "setattr", "slice", "staticmethod", "super", "vars"],
    }
)


def check_builtin(ctx: Context, node: ast.Call, name: str, expected: Type | None) -> Expr | None:
    """A call of the builtin of this name; None where there is no such builtin."""
    handler = BUILTINS.get(name)
    if handler is not None:
        return handler(ctx, node, expected)
    if name == "print":
        check_all(ctx, node)
        is_plain = len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.JoinedStr)
        edits = repair_with_name(ctx.module, node.func, "opforge", "log", ".info") if is_plain else []
        return ctx.refuse(E_PRINT, node.func, edits=edits)
    if name == "float":
        match node.args:
            case [ast.Constant(value=str() | int() | float() as value)]:
                given = f'"{value}"'
            case [argument]:
                given = ast.unparse(argument)
            case _:
                given = "..."
        instead = f"write `Decimal({excerpt(given, 60)})`"
        return ctx.refuse(E_FLOAT_REFUSED, node, text="float(...)", instead=instead)
    if name in _REFUSED:
        instead = _INSTEAD.get(name, "use what the language has")
        return ctx.refuse(E_BUILTIN, node.func, name=name, hint="", instead=instead)
    return None


def _at(ctx: Context, node: ast.Call, value: Expr) -> Expr:
    value.span = ctx.span(node)
    return value


def _single(ctx: Context, node: ast.Call, name: str) -> Expr | None:
    """The one argument of a builtin; None where it was refused or there is another number of them."""
    args = bind_arguments(ctx, node, name, [Formal("value", None)])
    if args is None or has_unknown(args["value"].type):
        return None
    if node.keywords:
        refuse_arguments(ctx, node, name, "its argument has no name", f"{name}(value)")
        return None
    return args["value"]


def _refuse_type(ctx: Context, node: ast.Call, name: str, value: Expr, instead: str) -> Expr:
    if value.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, value.span)
    return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=show(value.type), instead=instead)


def _len(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    if len(node.args) == 1 and not node.keywords and _has_length(ctx, node.args[0]):
        value: Expr | None = check_iterable(ctx, node.args[0])
    else:
        value = _single(ctx, node, "len")
    if value is None or has_unknown(value.type):
        return ctx.unknown(node)
    value = as_plain(value)
    if value.type.head in _LENGTHS:
        return _at(ctx, node, apply(_LENGTHS[value.type.head], INT, value))
    if value.type.is_tuple:
        return With(INT, ctx.span(node), value, Literal(INT, ctx.span(node), str(len(value.type.args))))
    return _refuse_type(ctx, node, "len", value, "use a str, bytes, list or dict")


def _has_length(ctx: Context, node: ast.expr) -> bool:
    """Whether this is something that is iterated and has a length: an enum, a range, a view of a dict."""
    if find_enum(ctx, node) is not None:
        return True
    if not isinstance(node, ast.Call):
        return False
    callee = node.func
    if isinstance(callee, ast.Attribute):
        return callee.attr in ("items", "keys", "values")
    return isinstance(callee, ast.Name) and callee.id == "range" and ctx.symbol("range") is None


def _str(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    if not node.args and not node.keywords:
        return Literal(STR, ctx.span(node), "")
    value = _single(ctx, node, "str")
    return ctx.unknown(node) if value is None else to_text(ctx, node, value)


def _format(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    if node.keywords or not 1 <= len(node.args) <= 2:
        check_all(ctx, node)
        return refuse_arguments(
            ctx, node, "format", "it takes a value and a specification", 'format(n, "05d")'
        )
    value, *specs = [ctx.check(arg) for arg in node.args]
    if has_unknown(value.type) or any(has_unknown(spec.type) for spec in specs):
        return ctx.unknown(node)
    spec = literal_of(specs[0]) if specs else Literal(STR, ctx.span(node), "")
    if spec is None or spec.type is not STR:
        reason = "whether it fits the value is decided when the program is compiled"
        return ctx.refuse(E_FIXED_ARGUMENT, node.args[1], argument="the specification", reason=reason)
    return _at(ctx, node, format_value(ctx, node.args[0], value, specs[0] if specs else spec, spec.value))


def _bool(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    if not node.args and not node.keywords:
        return Literal(BOOL, ctx.span(node), "false")
    value = _single(ctx, node, "bool")
    return ctx.unknown(node) if value is None else truth(ctx, node, value)


def _list(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
    if not node.args and not node.keywords:
        if expected is None or not expected.is_list:
            return ctx.refuse(E_TYPE_NEEDED, node, what="an empty list", example="items: list[int] = []")
        return ListNew(expected, ctx.span(node), [])
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, "list", "it takes one iterable", "list(items)")
    items = check_iterable(ctx, node.args[0])
    if has_unknown(items.type):
        return items
    is_fresh = isinstance(items, ListNew | Comprehension) or (
        isinstance(items, Apply) and OPERATORS[items.op].gives == "new"
    )
    if isinstance(items, Apply):
        items.is_copy = is_fresh
    elif isinstance(items, Comprehension):
        items.is_lazy = False
    if is_fresh:
        return items
    return _at(ctx, node, apply("list.concat", items.type, items, ListNew(items.type, ctx.span(node), [])))


def _dict(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
    if not node.args and not node.keywords:
        if expected is None or not expected.is_dict:
            example = "amounts: dict[str, int] = {}"
            return ctx.refuse(E_TYPE_NEEDED, node, what="an empty dict", example=example)
        return DictNew(expected, ctx.span(node), [])
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, "dict", "it takes one dict or list of pairs", "dict(pairs)")
    pairs = check_source(ctx, node.args[0])
    if has_unknown(pairs.type):
        return ctx.unknown(node)
    if pairs.type.is_dict:
        pairs = apply("dict.items", list_of(_pair(pairs.type)), pairs)
    item = pairs.type.args[0] if pairs.type.is_list else pairs.type
    if not item.is_tuple or len(item.args) != 2:
        return ctx.refuse(
            E_TYPE_MISMATCH, node.args[0], actual=show(pairs.type), expected="a list of pairs", hint=""
        )
    if not is_key_type(item.args[0]):
        return ctx.refuse(E_KEY_TYPE, node.args[0], type=show(item.args[0]))
    return _at(ctx, node, apply("dict.from_pairs", dict_of(item.args[0], item.args[1]), pairs))


def _pair(kind: Type) -> Type:
    return tuple_of(*kind.args)


def _sorted(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    return check_sorted(ctx, node)


def _tuple(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
    """`tuple(x)` where the length of x is known."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        check_all(ctx, node)
        return refuse_arguments(ctx, node, "tuple", "it takes a tuple or a display", "(a, b)")
    given = node.args[0]
    if isinstance(given, ast.List):
        given = ast.copy_location(ast.Tuple(given.elts, ast.Load()), given)
    value = ctx.check(given, expected)
    if value.type.is_tuple or has_unknown(value.type):
        return value
    instead = "use a list: the length of a tuple is part of its type, and this one's is not known"
    return ctx.refuse(E_BUILTIN, node, name="tuple", hint=" here", instead=instead)


def _iterator(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    what, instead = f"what {name}(...) gives", f"loop over it, or make a list: `list({name}(...))`"
    check_iterable(ctx, node)
    return ctx.refuse(E_NOT_A_VALUE, node, what=what, instead=instead)


def _next(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    return check_next(ctx, node)


def _fold(
    name: str, check: Callable[[Context, ast.Call, str], Expr]
) -> Callable[[Context, ast.Call, Type | None], Expr]:
    def run(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
        return check(ctx, node, name)

    return run


def _set(name: str) -> Callable[[Context, ast.Call, Type | None], Expr]:
    def run(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
        return check_set_call(ctx, node, name, expected)

    return run


BUILTINS: Final[dict[str, Callable[[Context, ast.Call, Type | None], Expr]]] = {
    "all": _fold("all", check_any),
    "any": _fold("any", check_any),
    "bool": _bool,
    "dict": _dict,
    "enumerate": _iterator,
    "filter": _iterator,
    "format": _format,
    "frozenset": _set("frozenset"),
    "isinstance": check_isinstance,
    "len": _len,
    "list": _list,
    "map": _iterator,
    "max": _fold("max", check_extreme),
    "min": _fold("min", check_extreme),
    "next": _next,
    "range": _iterator,
    "reversed": _iterator,
    "set": _set("set"),
    "sorted": _sorted,
    "str": _str,
    "sum": _fold("sum", check_sum),
    "tuple": _tuple,
    "zip": _iterator,
    **NUMBER_BUILTINS,
}
