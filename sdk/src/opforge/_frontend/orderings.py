"""What orders items: `sorted`, `items.sort()`, `min` and `max`, with a key and turned round.

Keys are computed by a map over the items, before any two of them are compared. That is CPython's order for
sorting. `min` and `max` compare each key before they compute the next one; where that could be told, they are
refused.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from opforge._frontend.applied import call_on_items
from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import apply, as_plain, fit, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compute_between, fuse, is_lazy
from opforge._frontend.lowering_context import is_settled
from opforge._frontend.tree import (
    Clause,
    Comprehension,
    Conditional,
    Expr,
    Literal,
    Local,
    Mutate,
    Pattern,
    Temporary,
    TupleNew,
    With,
)
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES
from opforge_ir.operators import is_orderable
from opforge_ir.types import BOOL, DECIMAL, INT, STR, Type, list_of, tuple_of

__all__ = ["check_extreme", "check_sort", "check_sorted"]

_SORTED: Final[dict[Type, OperatorName]] = {INT: "list.sorted_int", STR: "list.sorted_str"}
_OF_LIST: Final[dict[tuple[str, Type], OperatorName]] = {
    ("min", INT): "list.min_int",
    ("max", INT): "list.max_int",
    ("min", DECIMAL): "list.min_decimal",
    ("max", DECIMAL): "list.max_decimal",
}
_OF_SEVERAL: Final[dict[tuple[str, Type], OperatorName]] = {
    ("min", INT): "int.min",
    ("max", INT): "int.max",
    ("min", DECIMAL): "decimal.min",
    ("max", DECIMAL): "decimal.max",
}


class _Key:
    """A key function: the parameter that it has, and the key."""

    def __init__(self, pattern: Pattern, value: Expr) -> None:
        self.pattern = pattern
        self.value = value


def _check_key(ctx: Context, named: dict[str | None, ast.expr], item: Type) -> _Key | None:
    """The function that is given; None where there is none, or a problem was reported."""
    function = named.get("key")
    if function is None or (isinstance(function, ast.Constant) and function.value is None):
        return None
    called = call_on_items(ctx, function, [item])
    if called is None:
        return None
    patterns, value = called[0], as_plain(called[1])
    return _Key(patterns[0], value) if _check_order(ctx, function, value.type) else None


def _check_order(ctx: Context, node: ast.expr, kind: Type) -> bool:
    if has_unknown(kind):
        return False
    if is_orderable(kind):
        return True
    if kind.is_optional:
        ctx.report(E_MAYBE_NONE, node)
        return False
    instead = "order by numbers, text or bytes, or by tuples of them: `key=lambda item: ...`"
    ctx.report(E_OPERAND_TYPES, node, operation="an order", types=show(kind), instead=instead)
    return False


def _check_reverse(ctx: Context, named: dict[str | None, ast.expr], node: ast.Call) -> Expr:
    given = named.get("reverse")
    if given is None:
        return Literal(BOOL, ctx.span(node), "false")
    if isinstance(given, ast.Constant) and given.value in (0, 1):
        return Literal(BOOL, ctx.span(given), "true" if given.value else "false")
    return fit(ctx, given, ctx.check(given, BOOL), BOOL)


def _pair(key: _Key, items: Expr, *, is_fused: bool) -> Comprehension:
    """Each item with its key before it."""
    kind = key.pattern.type
    assert key.pattern.name is not None
    item = Local(kind, key.pattern.span, key.pattern.name)
    element = TupleNew(tuple_of(key.value.type, kind), key.value.span, [key.value, item])
    clauses = fuse(key.pattern, items, []) if is_fused else [Clause(key.pattern, items, [])]
    return Comprehension(list_of(element.type), items.span, clauses, element)


def _read_keywords(
    ctx: Context, node: ast.Call, known: Sequence[str], reason: str, signature: str
) -> dict[str | None, ast.expr] | None:
    """The keyword arguments; None after a problem with the arguments was reported."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    if set(named) <= set(known) and not any(isinstance(arg, ast.Starred) for arg in node.args):
        return named
    check_all(ctx, ast.copy_location(ast.Call(node.func, node.args, []), node))
    refuse_arguments(ctx, node, signature.partition("(")[0], reason, signature)
    return None


def check_sorted(ctx: Context, node: ast.Call) -> Expr:
    """`sorted(items, key=…, reverse=…)`."""
    reason, signature = "it takes an iterable, `key=` and `reverse=`", "sorted(items, key=len, reverse=True)"
    named = _read_keywords(ctx, node, ("key", "reverse"), reason, signature)
    if named is None:
        return ctx.unknown(node)
    if len(node.args) != 1:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, "sorted", reason, signature)
    mark = ctx.module.problems.mark()
    items = check_iterable(ctx, node.args[0])
    reverse = _check_reverse(ctx, named, node)
    if has_unknown(items.type):
        return ctx.unknown(node)
    key = _check_key(ctx, named, items.type.args[0])
    if key is None and mark == ctx.module.problems.mark():
        _check_order(ctx, node, items.type.args[0])
    if mark != ctx.module.problems.mark():
        return ctx.unknown(node)

    def build(given: Expr, ready: dict[str, Expr]) -> Expr:
        if key is not None:
            pairs = _pair(key, given, is_fused=False)
            return apply("list.sorted_by", items.type, pairs, ready["reverse"])
        return _sort_plain(given, ready["reverse"])

    made = compute_between(items, {"reverse": reverse}, build)
    made.span = ctx.span(node)
    return made


def _sort_plain(items: Expr, reverse: Expr) -> Expr:
    op = _SORTED.get(items.type.args[0])
    if op is None or not isinstance(reverse, Literal):
        return apply("list.sorted", items.type, items, reverse)
    # Equal ints and equal strs cannot be told apart, so that the order among them does not matter.
    made = apply(op, items.type, items)
    return apply("list.reversed", items.type, made) if reverse.value == "true" else made


def check_sort(ctx: Context, node: ast.Call, owner: Expr) -> list[Mutate]:
    """`owner.sort(key=…, reverse=…)`."""
    reason, signature = "it takes `key=` and `reverse=`", "items.sort(key=len, reverse=True)"
    named = _read_keywords(ctx, node, ("key", "reverse"), reason, signature)
    if named is None:
        return []
    if node.args:
        check_all(ctx, node)
        refuse_arguments(ctx, node, "list.sort", reason, signature)
        return []
    mark = ctx.module.problems.mark()
    reverse = _check_reverse(ctx, named, node)
    item = owner.type.args[0]
    key = _check_key(ctx, named, item)
    if key is None and mark == ctx.module.problems.mark():
        _check_order(ctx, node, item)
    if mark != ctx.module.problems.mark():
        return []
    if key is None:
        return [Mutate(ctx.span(node), "list.sort", [owner, reverse])]
    keys = Comprehension(list_of(key.value.type), key.value.span, [Clause(key.pattern, owner, [])], key.value)
    # The keys are computed last, when it is known how to sort.
    return [Mutate(ctx.span(node), "list.sort_by", [owner, keys, reverse], (0, 2, 1))]


def check_extreme(ctx: Context, node: ast.Call, name: str) -> Expr:
    """`min` or `max` of an iterable, or of several values."""
    reason = "it takes an iterable or several values, `key=` and `default=`"
    signature = f"{name}(items, key=len)"
    named = _read_keywords(ctx, node, ("key", "default"), reason, signature)
    if named is None:
        return ctx.unknown(node)
    if not node.args or ("default" in named and len(node.args) > 1):
        check_all(ctx, node)
        return refuse_arguments(ctx, node, name, reason, signature)
    if len(node.args) > 1 and "key" not in named:
        return _of_several(ctx, node, name)
    source = node.args[0]
    if len(node.args) > 1:
        source = ast.copy_location(ast.List(node.args, ast.Load()), node)
    mark = ctx.module.problems.mark()
    items = check_iterable(ctx, source)
    if has_unknown(items.type):
        return ctx.unknown(node)
    kind = items.type.args[0]
    others: dict[str, Expr] = {}
    if "default" in named:
        default = ctx.check(named["default"], kind)
        others["default"] = fit(ctx, named["default"], default, kind)
    key = _check_key(ctx, named, kind)
    if key is None and mark == ctx.module.problems.mark():
        _check_order(ctx, node, kind)
    if mark != ctx.module.problems.mark() or any(has_unknown(each.type) for each in others.values()):
        return ctx.unknown(node)
    if not _is_order_free(items, key):
        instead = f"{name}([... for ...])" if key is None else f"{name}([(key, item) for ...])[1]"
        reason = "it compares what is computed before it computes the next item or key, and both may fail"
        return refuse_arguments(ctx, node, name, reason, instead)

    def build(given: Expr, ready: dict[str, Expr]) -> Expr:
        compared = given if key is None else _pair(key, given, is_fused=True)
        op = _find_extreme(name, None if key is not None else kind)
        default = ready.get("default")
        if default is None:
            return apply(op, kind, compared)
        span = ctx.span(node)
        once = With(kind, span, compared)
        has_items = apply("list.bool", BOOL, Temporary(compared.type, compared.span, once))
        extreme = apply(op, kind, Temporary(compared.type, compared.span, once))
        once.body = Conditional(kind, span, has_items, extreme, default)
        return once

    made = compute_between(items, others, build)
    made.span = ctx.span(node)
    return made


def _find_extreme(name: str, kind: Type | None) -> OperatorName:
    if kind is None:
        return "list.min_by" if name == "min" else "list.max_by"
    return _OF_LIST.get((name, kind), "list.min" if name == "min" else "list.max")


def _is_order_free(items: Expr, key: _Key | None) -> bool:
    """Whether it makes no difference that all is computed before anything is compared."""
    compared = items.type.args[0] if key is None else key.value.type
    if not _may_fail_to_compare(compared):
        return True
    return not is_lazy(items) and (key is None or is_settled(key.value))


def _may_fail_to_compare(kind: Type) -> bool:
    return kind is DECIMAL or any(map(_may_fail_to_compare, kind.args))


def _of_several(ctx: Context, node: ast.Call, name: str) -> Expr:
    values = [ctx.check(arg) for arg in node.args]
    if any(has_unknown(value.type) for value in values):
        return ctx.unknown(node)
    for arg, value in zip(node.args, values, strict=True):
        if value.type.is_optional:
            return ctx.refuse(E_MAYBE_NONE, arg)
    kind = values[0].type
    if any(value.type is not kind for value in values) or not is_orderable(kind):
        shown = " and ".join(dict.fromkeys(show(value.type) for value in values))
        instead = "give values of one type that has an order, since the result is one of them"
        return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=shown, instead=instead)
    op = _OF_SEVERAL.get((name, kind), "value.min" if name == "min" else "value.max")
    made = apply(op, kind, *values)
    made.span = ctx.span(node)
    return made
