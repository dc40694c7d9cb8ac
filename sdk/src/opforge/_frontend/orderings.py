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
from opforge._frontend.hidden_names import hide
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compute_between, fuse, is_lazy
from opforge._frontend.lowering_context import is_settled
from opforge._frontend.tree import (
    Clause,
    Comprehension,
    Conditional,
    EnumPart,
    Expr,
    FieldOf,
    Literal,
    Local,
    Mutate,
    Pattern,
    Statement,
    Temporary,
    TupleNew,
    With,
)
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES
from opforge_ir.operators import is_orderable
from opforge_ir.types import BOOL, DECIMAL, INT, NONE, STR, Type, list_of, optional_of, tuple_of

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
    if not _has_key(named):
        return None
    function = named["key"]
    called = call_on_items(ctx, function, [item])
    if called is None:
        return None
    patterns, value = called[0], _as_compared(called[1])
    return _Key(patterns[0], value) if _check_order(ctx, function, value.type) else None


def _has_key(named: dict[str | None, ast.expr]) -> bool:
    given = named.get("key")
    return given is not None and not (isinstance(given, ast.Constant) and given.value is None)


def _as_compared(value: Expr) -> Expr:
    """A key as what is compared of it: members of an IntEnum or a StrEnum are ints and strs."""
    if not isinstance(value, TupleNew):
        return as_plain(value)
    items = [_as_compared(item) for item in value.items]
    return TupleNew(tuple_of(*(item.type for item in items)), value.span, items)


def _find_own_key(node: ast.expr, items: Expr) -> _Key | None:
    """What decides the order of items that have one, although their type has none.

    A member of an IntEnum or a StrEnum is compared as an int or a str. The items of a dict are compared by
    their keys, since no two of these are equal.
    """
    kind = items.type.args[0]
    if is_orderable(kind):
        return None
    item = Local(kind, items.span, "item")
    plain = as_plain(item)
    if plain is not item:
        return _Key(Pattern(kind, items.span, "item"), plain)
    is_view = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items"
    )
    if is_view and kind.is_tuple:
        first = as_plain(FieldOf(kind.args[0], items.span, item, "0"))
        return _Key(Pattern(kind, items.span, "item"), first) if is_orderable(first.type) else None
    return None


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


def _is_total(named: dict[str | None, ast.expr]) -> bool:
    """Whether no two items of a set are equal in this order, so that it does not matter how they come."""
    key = named.get("key")
    return key is None or (isinstance(key, ast.Name) and key.id == "str")


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
    items = check_iterable(ctx, node.args[0], is_order_free=_is_total(named))
    reverse = _check_reverse(ctx, named, node)
    if has_unknown(items.type):
        return ctx.unknown(node)
    key = _check_key(ctx, named, items.type.args[0])
    if key is None and not _has_key(named):
        key = _find_own_key(node.args[0], items)
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


def check_sort(ctx: Context, node: ast.Call, owner: Expr) -> list[Statement]:
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
    before, owner = hide(owner, "sorted-part")
    keys = Comprehension(list_of(key.value.type), key.value.span, [Clause(key.pattern, owner, [])], key.value)
    # The keys are computed last, when it is known how to sort.
    return [*before, Mutate(ctx.span(node), "list.sort_by", [owner, keys, reverse], (0, 2, 1))]


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
    items = check_iterable(ctx, source, is_order_free=_is_total(named))
    if has_unknown(items.type):
        return ctx.unknown(node)
    kind = items.type.args[0]
    result, others = _check_default(ctx, named, kind)
    key = _check_key(ctx, named, kind)
    if key is None and not _has_key(named):
        key = _find_own_key(source, items)
    if key is None and mark == ctx.module.problems.mark():
        _check_order(ctx, node, kind)
    if mark != ctx.module.problems.mark() or any(has_unknown(each.type) for each in others.values()):
        return ctx.unknown(node)
    if not _is_order_free(items, key):
        order = "" if name == "min" else ", reverse=True"
        instead = f"{name}([... for ...])" if key is None else f"sorted(items, key=...{order})[0]"
        reason = "it compares what is computed before it computes the next item or key, and both may fail"
        return refuse_arguments(ctx, node, name, reason, instead)

    def build(given: Expr, ready: dict[str, Expr]) -> Expr:
        compared = given if key is None else _pair(key, given, is_fused=True)
        op = _find_extreme(name, None if key is not None else kind)
        default = ready.get("default")
        if default is None:
            return apply(op, kind, compared)
        span = ctx.span(node)
        once = With(result, span, compared)
        has_items = apply("list.bool", BOOL, Temporary(compared.type, compared.span, once))
        extreme = apply(op, kind, Temporary(compared.type, compared.span, once))
        if result is not kind:
            extreme = apply("optional.some", result, extreme)
        once.body = Conditional(result, span, has_items, extreme, default)
        return once

    made = compute_between(items, others, build)
    made.span = ctx.span(node)
    return made


def _check_default(
    ctx: Context, named: dict[str | None, ast.expr], kind: Type
) -> tuple[Type, dict[str, Expr]]:
    """The type of the result, and what is given for no items; `default=None` makes it an Optional."""
    if "default" not in named:
        return kind, {}
    # A default that may be None is no value of the items' type.
    default = ctx.check(named["default"], kind if kind.is_list or kind.is_dict else None)
    result = optional_of(kind) if (default.type is NONE or default.type.is_optional) else kind
    return result, {"default": fit(ctx, named["default"], default, result)}


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
    if all(value.type is kind for value in values) and not is_orderable(kind):
        return _of_several_members(ctx, node, name, values)
    if any(value.type is not kind for value in values):
        return _refuse_several(ctx, node, name, values)
    op = _OF_SEVERAL.get((name, kind), "value.min" if name == "min" else "value.max")
    made = apply(op, kind, *values)
    made.span = ctx.span(node)
    return made


def _of_several_members(ctx: Context, node: ast.Call, name: str, values: Sequence[Expr]) -> Expr:
    """Of members of an IntEnum or a StrEnum, which are compared as ints or strs."""
    plain = [as_plain(value) for value in values]
    kind, compared = values[0].type, plain[0].type
    if compared is kind or not is_orderable(compared):
        return _refuse_several(ctx, node, name, values)
    op = _OF_SEVERAL.get((name, compared), "value.min" if name == "min" else "value.max")
    found = apply(op, compared, *plain)
    return EnumPart(kind, ctx.span(node), kind, "from_value", found)


def _refuse_several(ctx: Context, node: ast.Call, name: str, values: Sequence[Expr]) -> Expr:
    shown = " and ".join(dict.fromkeys(show(value.type) for value in values))
    instead = "give values of one type that has an order, since the result is one of them"
    return ctx.refuse(E_OPERAND_TYPES, node, operation=name, types=shown, instead=instead)
