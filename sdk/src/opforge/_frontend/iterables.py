"""What can be iterated, as a list: displays, ranges, views of dicts, zip, enumerate, reversed, map, …"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from opforge._frontend.applied import apply_to_items, call_on_items
from opforge._frontend.coercion import apply, as_plain, fit, has_unknown, show, truth
from opforge._frontend.context import Context
from opforge._frontend.enum_values import find_enum, list_members
from opforge._frontend.lazy import find_zip, fuse, hides_strict, is_lazy, is_strict, refuse_lazy
from opforge._frontend.operations import check_test
from opforge._frontend.symbols import VocabularySymbol, is_set
from opforge._frontend.tree import (
    Apply,
    Comprehension,
    Expr,
    Literal,
    Local,
    Pattern,
    With,
)
from opforge._frontend.tuples import list_tuple_items
from opforge._frontend.unsupported import refuse_syntax
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_ARGUMENTS, E_MAYBE_NONE, E_NOT_ITERABLE
from opforge_ir.codes.types import E_SET_ORDER
from opforge_ir.types import BYTES, INT, STR, Type, list_of, tuple_of

__all__ = ["check_items", "check_iterable", "check_searched", "check_source", "list_characters"]

_SEQUENCES: Final[dict[Type, tuple[OperatorName, Type]]] = {
    STR: ("str.list", STR),
    BYTES: ("bytes.list", INT),
}
_DICT_VIEWS: Final = {"items", "keys", "values"}
_ITERATORS: Final = {"zip", "enumerate", "reversed", "map", "filter"}
"""Builtins whose result has neither a length nor an end to begin from."""


def check_source(ctx: Context, node: ast.expr, expected: Type | None = None) -> Expr:
    """What is iterated, as it is written: `range` and the like, and the views of a dict, are lists here.

    `expected` guides displays and comprehensions; it is not enforced.
    """
    if isinstance(node, ast.Call):
        made = _iterator(ctx, node)
        if made is not None:
            return made
    if (enum := find_enum(ctx, node)) is not None:
        return list_members(ctx, node, enum)
    if isinstance(node, ast.Tuple) and node.elts:
        node = ast.copy_location(ast.List(node.elts, ast.Load()), node)
    if isinstance(node, ast.GeneratorExp):
        as_list = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
        made = ctx.check(as_list, expected)
        if isinstance(made, With):
            return refuse_lazy(ctx, node.generators[0].iter, "a generator")
        if isinstance(made, Comprehension):
            made.is_lazy = True
        return made
    if isinstance(node, ast.Starred):
        return refuse_syntax(ctx, node)
    return ctx.check(node, expected)


def check_iterable(
    ctx: Context, node: ast.expr, expected: Type | None = None, *, is_order_free: bool = False
) -> Expr:
    """The list of what is iterated, where all of it is taken at once; `expected` as for `check_source`.

    With `is_order_free`, what is made of the items is the same in any order, so it may be a set as well.
    """
    return _as_list(ctx, node, check_source(ctx, node, expected), is_order_free=is_order_free)


def check_items(ctx: Context, node: ast.expr, by: str) -> Expr:
    """The list of what is iterated, where something happens between its items: what `by` does."""
    items = check_iterable(ctx, node)
    is_told = is_lazy(items) or is_strict(items) or hides_strict(items)
    return refuse_lazy(ctx, node, by) if is_told else items


def list_characters(value: Expr) -> Expr:
    """The characters of a str and the numbers of bytes as a list; anything else as it is."""
    if value.type not in _SEQUENCES:
        return value
    op, item = _SEQUENCES[value.type]
    return apply(op, list_of(item), value)


def check_searched(ctx: Context, node: ast.expr) -> Expr:
    """The right side of `in`; the keys of a dict are the dict itself."""
    if isinstance(node, ast.GeneratorExp):
        return check_items(ctx, node, "`in`")
    made = _iterator(ctx, node) if isinstance(node, ast.Call) else None
    if made is None:
        return ctx.check(node)
    if is_lazy(made) or hides_strict(made) or is_strict(made):
        return refuse_lazy(ctx, node, "`in`")
    is_view = isinstance(made, Apply) and made.op == "dict.keys"
    return made.args[0] if is_view and isinstance(made, Apply) else made


def _as_list(ctx: Context, node: ast.expr, value: Expr, *, is_order_free: bool) -> Expr:
    value = list_characters(as_plain(value))
    kind = value.type
    if has_unknown(kind) or kind.is_list:
        return value
    if kind.is_dict:
        return apply("dict.keys", list_of(kind.args[0]), value)
    if is_set(kind):
        if is_order_free:
            return apply("set.sorted", list_of(kind.args[0]), value)
        return ctx.refuse(E_SET_ORDER, node, what="its items come in any order")
    if kind.is_tuple and (items := list_tuple_items(value)) is not None:
        return items
    if kind.is_optional:
        return ctx.refuse(E_MAYBE_NONE, node)
    return ctx.refuse(E_NOT_ITERABLE, node, type=show(kind))


def _iterator(ctx: Context, node: ast.Call) -> Expr | None:
    """A call that gives an iterator; None for any other call."""
    callee = node.func
    if isinstance(callee, ast.Attribute) and callee.attr in _DICT_VIEWS:
        if isinstance(ctx.resolve(callee.value), VocabularySymbol):
            return None
        mark = ctx.module.problems.mark()
        owner = ctx.check(callee.value)
        if not owner.type.is_dict:
            if not has_unknown(owner.type):
                ctx.module.problems.forget_since(mark)
            return ctx.unknown(node) if has_unknown(owner.type) else None
        if node.args or node.keywords:
            return _wrong(ctx, node, callee.attr, "it takes no arguments", f".{callee.attr}()")
        return _view(ctx, node, callee.attr, owner)
    if not isinstance(callee, ast.Name) or ctx.is_variable(callee.id) or ctx.symbol(callee.id) is not None:
        return None
    match callee.id:
        case "range":
            return _range(ctx, node)
        case "zip":
            return _zip(ctx, node)
        case "enumerate":
            return _enumerate(ctx, node)
        case "reversed":
            return _reversed(ctx, node)
        case "map":
            return _map(ctx, node)
        case "filter":
            return _filter(ctx, node)
        case _:
            return None


def _view(ctx: Context, node: ast.Call, view: str, owner: Expr) -> Expr:
    key, value = owner.type.args
    span = ctx.span(node)
    match view:
        case "items":
            made = apply("dict.items", list_of(tuple_of(key, value)), owner)
        case "keys":
            made = apply("dict.keys", list_of(key), owner)
        case _:
            made = apply("dict.values", list_of(value), owner)
    made.span = span
    return made


def _wrong(ctx: Context, node: ast.Call, name: str, reason: str, signature: str) -> Expr:
    return ctx.refuse(E_ARGUMENTS, node, callee=name, reason=reason, signature=f"write `{signature}`")


def _int(ctx: Context, node: ast.expr) -> Expr:
    value = ctx.check(node)
    return fit(ctx, node, value, INT)


def _range(ctx: Context, node: ast.Call) -> Expr:
    if node.keywords or not 1 <= len(node.args) <= 3:
        return _wrong(ctx, node, "range", "it takes one to three numbers", "range(start, stop, step)")
    numbers = [_int(ctx, arg) for arg in node.args]
    span = ctx.span(node)
    zero, one = Literal(INT, span, "0"), Literal(INT, span, "1")
    if len(numbers) == 1:
        numbers = [zero, *numbers]
    start, stop, step = numbers if len(numbers) == 3 else [*numbers, one]
    made = apply("int.range", list_of(INT), start, stop, step)
    made.span = span
    return made if not any(has_unknown(n.type) for n in numbers) else ctx.unknown(node)


def _zip(ctx: Context, node: ast.Call) -> Expr:
    flags = {keyword.arg: keyword.value for keyword in node.keywords}
    strict = flags.pop("strict", None)
    is_equal = isinstance(strict, ast.Constant) and strict.value is True
    is_known = is_equal or strict is None or (isinstance(strict, ast.Constant) and strict.value is False)
    if flags or not is_known or not node.args:
        reason = "it takes iterables, and `strict=True` or nothing more"
        return _wrong(ctx, node, "zip", reason, "zip(a, b)")
    lists = [check_items(ctx, arg, "zip") for arg in node.args]
    if any(has_unknown(each.type) for each in lists):
        return ctx.unknown(node)
    kind = list_of(tuple_of(*(each.type.args[0] for each in lists)))
    made = apply("list.zip_strict" if is_equal else find_zip(len(lists)), kind, *lists)
    made.span = ctx.span(node)
    return made


def _enumerate(ctx: Context, node: ast.Call) -> Expr:
    named = {k.arg: k.value for k in node.keywords}
    starts = [*node.args[1:], *([named["start"]] if "start" in named else [])]
    if not node.args or len(starts) > 1 or set(named) - {"start"}:
        return _wrong(
            ctx, node, "enumerate", "it takes an iterable and perhaps a start", "enumerate(items, start=1)"
        )
    items = check_items(ctx, node.args[0], "enumerate")
    start = _int(ctx, starts[0]) if starts else Literal(INT, ctx.span(node), "0")
    if has_unknown(items.type) or has_unknown(start.type):
        return ctx.unknown(node)
    made = apply("list.enumerate", list_of(tuple_of(INT, items.type.args[0])), items, start)
    made.span = ctx.span(node)
    return made


def _reversed(ctx: Context, node: ast.Call) -> Expr:
    if node.keywords or len(node.args) != 1:
        return _wrong(ctx, node, "reversed", "it takes one list", "reversed(items)")
    inner = node.args[0]
    is_iterator = isinstance(inner, ast.GeneratorExp) or (
        isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in _ITERATORS
    )
    items = check_iterable(ctx, inner)
    if has_unknown(items.type):
        return items
    if is_iterator:
        return ctx.refuse(E_NOT_ITERABLE, inner, type="the reverse of an iterator")
    made = apply("list.reversed", items.type, items)
    made.span = ctx.span(node)
    return made


def _map(ctx: Context, node: ast.Call) -> Expr:
    if node.keywords or len(node.args) < 2:
        return _wrong(ctx, node, "map", "it takes a function and iterables", "map(function, items)")
    function, *iterables = node.args
    many = len(iterables) > 1
    lists = [check_items(ctx, each, "map") if many else check_iterable(ctx, each) for each in iterables]
    if any(has_unknown(each.type) for each in lists):
        return ctx.unknown(node)
    called = call_on_items(ctx, function, [each.type.args[0] for each in lists])
    if called is None:
        return ctx.unknown(node)
    patterns, value = called
    items = lists[0]
    if many:
        kind = list_of(tuple_of(*(each.type.args[0] for each in lists)))
        items = apply(find_zip(len(lists)), kind, *lists)
    return _lazily(ctx, node, patterns, items, [], value)


def _filter(ctx: Context, node: ast.Call) -> Expr:
    if node.keywords or len(node.args) != 2:
        return _wrong(ctx, node, "filter", "it takes a function and an iterable", "filter(function, items)")
    function, iterable = node.args
    items = check_iterable(ctx, iterable)
    if has_unknown(items.type):
        return ctx.unknown(node)
    item = items.type.args[0]
    if isinstance(function, ast.Constant) and function.value is None:
        pattern = Pattern(item, ctx.span(iterable), "item")
        test = truth(ctx, iterable, Local(item, ctx.span(iterable), "item"))
        if has_unknown(test.type):
            return ctx.unknown(node)
        patterns = [pattern]
    else:
        called = apply_to_items(ctx, function, [item], check_test)
        if called is None:
            return ctx.unknown(node)
        patterns, test = called
    kept = Local(item, ctx.span(node), patterns[0].name or "item")
    return _lazily(ctx, node, patterns, items, [test], kept)


def _lazily(
    ctx: Context, node: ast.Call, patterns: Sequence[Pattern], items: Expr, tests: list[Expr], value: Expr
) -> Expr:
    """The comprehension that a `map` or `filter` is."""
    span = ctx.span(node)
    pattern = patterns[0] if len(patterns) == 1 else Pattern(items.type.args[0], span, None, list(patterns))
    made = Comprehension(list_of(value.type), span, fuse(pattern, items, tests), value, is_lazy=True)
    return refuse_lazy(ctx, node, "zip") if is_lazy(made) and hides_strict(made) else made
