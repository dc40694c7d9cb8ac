"""Methods that change their list or dict: as statements, and where the value that some of them give is used.

A change is a node of its own. What such a call gives is computed first, then the change is made; together
they do, in this order, what CPython's method does and raise what it raises.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

from opforge._frontend.arguments import check_all, evaluate_first, refuse_arguments
from opforge._frontend.coercion import apply, fit, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable, check_source
from opforge._frontend.lazy import hides_strict, is_lazy, is_strict, refuse_lazy
from opforge._frontend.orderings import check_sort
from opforge._frontend.sets import SET_METHODS, check_set_change
from opforge._frontend.symbols import ConstantDecl
from opforge._frontend.tree import (
    After,
    Expr,
    ExprStatement,
    Literal,
    Mutate,
    Statement,
    Temporary,
    With,
)
from opforge._ir import MutatingOperatorName
from opforge_ir.codes.source import E_MAYBE_NONE, E_NOT_A_VALUE, E_TYPE_MISMATCH
from opforge_ir.types import INT, NONE, Type, list_of, optional_of, tuple_of

__all__ = ["TAKING_METHODS", "check_changing_call", "check_taking_call", "extend", "refuse_value", "update"]

TAKING_METHODS: Final = frozenset(
    {("dict", "pop"), ("dict", "popitem"), ("dict", "setdefault"), ("list", "pop")}
)
"""Methods that change something and give a value."""

_Handler = Callable[[Context, ast.Call, Expr], Sequence[Statement]]


def check_changing_call(ctx: Context, call: ast.expr) -> Sequence[Statement] | None:
    """A call of such a method whose value nobody uses; None for any other call."""
    if not (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in _NAMES
        and isinstance(ctx.resolve(call.func.value), ConstantDecl | None)
    ):
        return None
    mark = ctx.module.problems.mark()
    target = ctx.check(call.func.value)
    if has_unknown(target.type):
        check_all(ctx, call)
        return []
    name = call.func.attr
    if (made := check_set_change(ctx, call, target)) is not None:
        return made
    handler = _HANDLERS.get((target.type.head, name))
    if handler is not None:
        return handler(ctx, call, target)
    if target.type.is_optional and (target.type.args[0].head, name) in _HANDLERS:
        ctx.report(E_MAYBE_NONE, call.func.value)
        check_all(ctx, call)
        return []
    ctx.module.problems.forget_since(mark)
    return None


def check_taking_call(ctx: Context, call: ast.Call, name: str, owner: Expr) -> Expr:
    """A call of one of `TAKING_METHODS` whose value is used."""
    if owner.type.is_list:
        return _take_item(ctx, call, owner)
    match name:
        case "pop":
            return _take_entry(ctx, call, owner)
        case "popitem":
            return _take_last(ctx, call, owner)
        case _:
            return _set_default(ctx, call, owner)


def refuse_value(ctx: Context, call: ast.Call, name: str) -> Expr:
    """Refuse the use of what a changing method gives, which is None."""
    check_all(ctx, call)
    instead = "write it as a statement of its own"
    return ctx.refuse(E_NOT_A_VALUE, call, what=f"the result of {name}", instead=instead)


def _fits(ctx: Context, call: ast.Call, owner: Expr, least: int, most: int, signature: str) -> bool:
    """Whether there are so many arguments, none of them with a name; what does not fit is reported."""
    assert isinstance(call.func, ast.Attribute)
    are_plain = not call.keywords and not any(isinstance(arg, ast.Starred) for arg in call.args)
    if are_plain and least <= len(call.args) <= most:
        return True
    check_all(ctx, call)
    if not any(isinstance(arg, ast.Starred) for arg in call.args):
        count = f"{least}" if least == most else f"{least} to {most}"
        reason = f"it takes {count} arguments without a name" if most else "it takes no arguments"
        refuse_arguments(ctx, call, f"{owner.type.head}.{call.func.attr}", reason, signature)
    return False


def _check(ctx: Context, node: ast.expr, wanted: Type) -> Expr:
    return fit(ctx, node, ctx.check(node, wanted), wanted)


def _change(ctx: Context, call: ast.Call, op: MutatingOperatorName, *args: Expr) -> Mutate:
    return Mutate(ctx.span(call), op, list(args))


def _build_method(op: MutatingOperatorName, signature: str, *pick: Callable[[Type], Type]) -> _Handler:
    """A method whose arguments are those of one operator; `pick` gives their types for the owner's."""

    def run(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
        if not _fits(ctx, call, owner, len(pick), len(pick), signature):
            return []
        values = [_check(ctx, arg, each(owner.type)) for arg, each in zip(call.args, pick, strict=True)]
        return [_change(ctx, call, op, owner, *values)]

    return run


def _item(kind: Type) -> Type:
    return kind.args[0]


def _place(_kind: Type) -> Type:
    return INT


def _extend(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
    if not _fits(ctx, call, owner, 1, 1, "items.extend(others)"):
        return []
    return extend(ctx, call, call.args[0], owner)


def extend(ctx: Context, node: ast.Call | ast.AugAssign, given: ast.expr, owner: Expr) -> list[Mutate]:
    """`owner.extend(given)`."""
    items = check_iterable(ctx, given, owner.type)
    if has_unknown(items.type) or _is_told(ctx, given, items, "list.extend"):
        return []
    return [Mutate(ctx.span(node), "list.extend", [owner, fit(ctx, given, items, owner.type)])]


def _is_told(ctx: Context, node: ast.expr, items: Expr, by: str) -> bool:
    """Whether it can be told that CPython puts in each item before it computes the next; that is refused."""
    if not (is_lazy(items) or is_strict(items) or hides_strict(items)):
        return False
    refuse_lazy(ctx, node, by)
    return True


def _update(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
    if call.keywords:
        check_all(ctx, call)
        refuse_arguments(ctx, call, "dict.update", "keywords are not supported", 'd.update({"key": value})')
        return []
    if not _fits(ctx, call, owner, 1, 1, "d.update(others)"):
        return []
    return update(ctx, call, call.args[0], owner)


def update(ctx: Context, node: ast.Call | ast.AugAssign, given: ast.expr, owner: Expr) -> list[Mutate]:
    """`owner.update(given)`, of a dict or pairs."""
    others = check_source(ctx, given, owner.type)
    if has_unknown(others.type) or _is_told(ctx, given, others, "dict.update"):
        return []
    if others.type is owner.type:
        return [Mutate(ctx.span(node), "dict.update", [owner, others])]
    if others.type is list_of(tuple_of(*owner.type.args)):
        return [Mutate(ctx.span(node), "dict.update_pairs", [owner, others])]
    ctx.report(E_TYPE_MISMATCH, given, actual=show(others.type), expected=show(owner.type), hint="")
    return []


def _drop(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
    """A taking method whose value nobody uses: where that is the same, only its change."""
    assert isinstance(call.func, ast.Attribute)
    value = check_taking_call(ctx, call, call.func.attr, owner)
    return [ExprStatement(ctx.span(call), value)]


def _drop_item(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
    place = _check_place(ctx, call, owner)
    return [] if place is None else [_change(ctx, call, "list.pop", owner, place)]


def _drop_entry(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        return _drop(ctx, call, owner)
    return [_change(ctx, call, "dict.delete", owner, _check(ctx, call.args[0], owner.type.args[0]))]


# --- what is taken out --------------------------------------------------------------------------


def _check_place(ctx: Context, call: ast.Call, owner: Expr) -> Expr | None:
    if not _fits(ctx, call, owner, 0, 1, "items.pop(0)"):
        return None
    return _check(ctx, call.args[0], INT) if call.args else Literal(INT, ctx.span(call), "-1")


def _take_item(ctx: Context, call: ast.Call, owner: Expr) -> Expr:
    place = _check_place(ctx, call, owner)
    if place is None or has_unknown(place.type):
        return ctx.unknown(call)

    def build(ready: dict[str, Expr]) -> Expr:
        taken = apply("list.peek", owner.type.args[0], ready["owner"], ready["place"])
        return _take(ctx, call, taken, _change(ctx, call, "list.pop", ready["owner"], ready["place"]))

    return evaluate_first({"owner": owner, "place": place}, build)


def _take_entry(ctx: Context, call: ast.Call, owner: Expr) -> Expr:
    if not _fits(ctx, call, owner, 1, 2, "d.pop(key, default)"):
        return ctx.unknown(call)
    key_type, value_type = owner.type.args
    values = {"owner": owner, "key": _check(ctx, call.args[0], key_type)}
    if len(call.args) == 2:
        default = ctx.check(call.args[1], value_type)
        if default.type is not NONE or value_type.is_optional:
            values["default"] = fit(ctx, call.args[1], default, value_type)
    if any(has_unknown(value.type) for value in values.values()):
        return ctx.unknown(call)

    def build(ready: dict[str, Expr]) -> Expr:
        dict_, key = ready["owner"], ready["key"]
        if len(call.args) == 1:
            taken = apply("dict.item", value_type, dict_, key)
            return _take(ctx, call, taken, _change(ctx, call, "dict.delete", dict_, key))
        if "default" in ready:
            taken = apply("dict.get", value_type, dict_, key, ready["default"])
        else:
            taken = apply("dict.find", optional_of(value_type), dict_, key)
        return _take(ctx, call, taken, _change(ctx, call, "dict.discard", dict_, key))

    return evaluate_first(values, build)


def _take_last(ctx: Context, call: ast.Call, owner: Expr) -> Expr:
    if not _fits(ctx, call, owner, 0, 0, "d.popitem()"):
        return ctx.unknown(call)

    def build(ready: dict[str, Expr]) -> Expr:
        taken = apply("dict.last", tuple_of(*owner.type.args), ready["owner"])
        return _take(ctx, call, taken, _change(ctx, call, "dict.popitem", ready["owner"]))

    return evaluate_first({"owner": owner}, build)


def _take(ctx: Context, call: ast.Call, taken: Expr, change: Mutate) -> Expr:
    """The value, which is computed before the change."""
    span = ctx.span(call)
    taken.span = span
    once = With(taken.type, span, taken)
    once.body = After(taken.type, span, [change], Temporary(taken.type, span, once))
    return once


def _set_default(ctx: Context, call: ast.Call, owner: Expr) -> Expr:
    if not _fits(ctx, call, owner, 2, 2, "d.setdefault(key, value)"):
        return ctx.unknown(call)
    key_type, value_type = owner.type.args
    key, value = _check(ctx, call.args[0], key_type), _check(ctx, call.args[1], value_type)
    if has_unknown(key.type) or has_unknown(value.type):
        return ctx.unknown(call)

    def build(ready: dict[str, Expr]) -> Expr:
        change = _change(ctx, call, "dict.set_default", ready["owner"], ready["key"], value)
        found = apply("dict.item", value_type, ready["owner"], ready["key"])
        return After(value_type, ctx.span(call), [change], found)

    return evaluate_first({"owner": owner, "key": key}, build)


def _drop_default(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Statement]:
    if not _fits(ctx, call, owner, 2, 2, "d.setdefault(key, value)"):
        return []
    values = [_check(ctx, arg, kind) for arg, kind in zip(call.args, owner.type.args, strict=True)]
    return [_change(ctx, call, "dict.set_default", owner, *values)]


_HANDLERS: Final[dict[tuple[str, str], _Handler]] = {
    ("list", "append"): _build_method("list.append", "items.append(item)", _item),
    ("list", "clear"): _build_method("list.clear", "items.clear()"),
    ("list", "extend"): _extend,
    ("list", "insert"): _build_method("list.insert", "items.insert(0, item)", _place, _item),
    ("list", "pop"): _drop_item,
    ("list", "remove"): _build_method("list.remove", "items.remove(item)", _item),
    ("list", "reverse"): _build_method("list.reverse", "items.reverse()"),
    ("list", "sort"): check_sort,
    ("dict", "clear"): _build_method("dict.clear", "d.clear()"),
    ("dict", "pop"): _drop_entry,
    ("dict", "popitem"): _build_method("dict.popitem", "d.popitem()"),
    ("dict", "setdefault"): _drop_default,
    ("dict", "update"): _update,
}
_NAMES: Final = frozenset([*(name for _, name in _HANDLERS), *SET_METHODS["set"]])
