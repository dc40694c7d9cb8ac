"""Sets: displays, comprehensions, `set(...)`, methods and operators.

The order of a set is not defined, so nothing may depend on it: a set serves membership, algebra, and what
is the same in any order, such as `sorted`, `sum` and `len`. A frozenset is a set that nothing changes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import apply, fit, has_unknown, is_key_type, show
from opforge._frontend.comprehensions import check_list_comprehension
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_source
from opforge._frontend.lazy import is_lazy, refuse_lazy
from opforge._frontend.set_operations import SET_SIGNS, are_alike, test_sets
from opforge._frontend.symbols import frozenset_of, is_set
from opforge._frontend.tree import Comprehension, Expr, ListNew, Mutate, SetNew
from opforge._ir import MutatingOperatorName, OperatorName
from opforge_ir.codes.source import E_KEY_TYPE, E_NOT_A_VALUE, E_OPERAND_TYPES, E_TYPE_NEEDED
from opforge_ir.codes.types import E_SET_ORDER
from opforge_ir.types import Type, list_of, set_of

__all__ = [
    "SET_METHODS",
    "change_set_in_place",
    "check_set_call",
    "check_set_change",
    "check_set_comprehension",
    "check_set_display",
    "check_set_method",
]

_ALGEBRA: Final[dict[str, OperatorName]] = {
    "union": "set.union",
    "intersection": "set.intersection",
    "difference": "set.difference",
    "symmetric_difference": "set.symmetric_difference",
}
_TESTS: Final[dict[str, tuple[OperatorName, bool]]] = {
    "issubset": ("set.le", False),
    "issuperset": ("set.le", True),
    "isdisjoint": ("set.is_disjoint", False),
}
"""Methods that ask, with their operator and whether its operands are turned round."""
_ITEM_CHANGES: Final[dict[str, MutatingOperatorName]] = {
    "add": "set.add",
    "discard": "set.discard",
    "remove": "set.remove",
}
_SET_CHANGES: Final[dict[str, MutatingOperatorName]] = {
    "update": "set.update",
    "intersection_update": "set.keep",
    "difference_update": "set.subtract",
    "symmetric_difference_update": "set.toggle",
}
_CHANGES: Final = frozenset({*_ITEM_CHANGES, *_SET_CHANGES, "clear"})
_READING: Final = (*_ALGEBRA, *_TESTS, "copy")
SET_METHODS: Final = {"set": (*_READING, *sorted(_CHANGES)), "frozenset": _READING}
"""What sets have, for suggestions."""


def check_set_display(ctx: Context, node: ast.Set, expected: Type | None) -> Expr:
    """`{a, b}`."""
    wanted = expected.args[0] if expected is not None and expected.is_set else None
    as_list = ast.copy_location(ast.List(node.elts, ast.Load()), node)
    items = ctx.check(as_list, None if wanted is None else list_of(wanted))
    if has_unknown(items.type):
        return ctx.unknown(node)
    if not _holds_keys(ctx, node.elts[0], items.type.args[0]):
        return ctx.unknown(node)
    if isinstance(items, ListNew):
        return SetNew(set_of(items.type.args[0]), ctx.span(node), items.items)
    return _from_list(ctx, node, items, set_of(items.type.args[0]))


def check_set_comprehension(ctx: Context, node: ast.SetComp, expected: Type | None) -> Expr:
    """`{element for … in … if …}`."""
    wanted = list_of(expected.args[0]) if expected is not None and expected.is_set else None
    as_list = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
    items = check_list_comprehension(ctx, as_list, wanted)
    if has_unknown(items.type) or not _holds_keys(ctx, node.elt, items.type.args[0]):
        return ctx.unknown(node)
    return _from_list(ctx, node, items, set_of(items.type.args[0]))


def check_set_call(ctx: Context, node: ast.Call, name: str, expected: Type | None) -> Expr:
    """`set(items)` and `frozenset(items)`."""
    span = ctx.span(node)
    if not node.args and not node.keywords:
        if expected is None or expected.head != name:
            what, example = f"an empty {name}", f"seen: {name}[str] = {name}()"
            return ctx.refuse(E_TYPE_NEEDED, node, what=what, example=example)
        return SetNew(expected, span, [])
    if len(node.args) != 1 or node.keywords:
        check_all(ctx, node)
        return refuse_arguments(ctx, node, name, "it takes one iterable", f"{name}(items)")
    wanted = list_of(expected.args[0]) if expected is not None and expected.head == name else None
    items = _check_set(ctx, node.args[0], wanted)
    if has_unknown(items.type):
        return ctx.unknown(node)
    item = items.type.args[0]
    kind = set_of(item) if name == "set" else frozenset_of(item)
    if isinstance(items, SetNew):
        return SetNew(kind, span, items.items)
    return _at(ctx, node, apply("set.copy", kind, items))


def _at(ctx: Context, node: ast.expr, value: Expr) -> Expr:
    value.span = ctx.span(node)
    return value


def _holds_keys(ctx: Context, node: ast.expr, item: Type) -> bool:
    if is_key_type(item):
        return True
    ctx.report(E_KEY_TYPE, node, type=show(item))
    return False


def _from_list(ctx: Context, node: ast.expr, items: Expr, kind: Type) -> Expr:
    return _at(ctx, node, apply("set.from_list", kind, items))


def _check_set(ctx: Context, node: ast.expr, wanted: Type | None, by: str | None = None) -> Expr:
    """Any iterable as a set of its items, whose order does not matter.

    `by` is what happens between the items, where something does.
    """
    value = check_source(ctx, node, wanted)
    if by is not None and is_lazy(value):
        return refuse_lazy(ctx, node, by)
    kind = value.type
    if is_set(kind) or has_unknown(kind):
        return value
    if kind.is_dict:
        value = apply("dict.keys", list_of(kind.args[0]), value)
    elif not kind.is_list:
        instead = "give a list, a dict or another set"
        return ctx.refuse(E_OPERAND_TYPES, node, operation="set", types=show(kind), instead=instead)
    if wanted is not None and isinstance(value, ListNew | Comprehension):
        value = fit(ctx, node, value, wanted)
    if has_unknown(value.type) or not _holds_keys(ctx, node, value.type.args[0]):
        return ctx.unknown(node)
    return _from_list(ctx, node, value, set_of(value.type.args[0]))


def _check_other(ctx: Context, node: ast.expr, owner: Type, by: str | None = None) -> Expr:
    """The argument of a method: a set, or an iterable, of the same items."""
    value = _check_set(ctx, node, list_of(owner.args[0]), by)
    if has_unknown(value.type) or value.type.args[0] is owner.args[0]:
        return value
    types = f"{show(owner)} and {show(value.type)}"
    instead = "give items of the same type"
    return ctx.refuse(E_OPERAND_TYPES, node, operation="this", types=types, instead=instead)


def check_set_method(ctx: Context, node: ast.Call, name: str, owner: Expr) -> Expr | None:
    """A method whose value is used; None where sets have no such method."""
    kind = owner.type
    if name == "pop" and kind.is_set:
        check_all(ctx, node)
        return ctx.refuse(E_SET_ORDER, node, what="pop takes any item")
    if name not in SET_METHODS[kind.head]:
        return None
    if name in _CHANGES:
        check_all(ctx, node)
        instead = "write it as a statement of its own"
        return ctx.refuse(E_NOT_A_VALUE, node, what=f"the result of {name}", instead=instead)
    most = 0 if name == "copy" else 1 if name in (*_TESTS, "symmetric_difference") else None
    least = 0 if name == "copy" or most is None else 1
    if node.keywords or not least <= len(node.args) <= (len(node.args) if most is None else most):
        check_all(ctx, node)
        reason = "it takes no argument" if most == 0 else "it takes one iterable"
        return refuse_arguments(
            ctx, node, f"{kind.head}.{name}", reason, f"items.{name}({'' if most == 0 else 'others'})"
        )
    others = [_check_other(ctx, arg, kind) for arg in node.args]
    if any(has_unknown(other.type) for other in others):
        return ctx.unknown(node)
    if name in _TESTS:
        op, is_turned = _TESTS[name]
        return _at(ctx, node, test_sets(op, is_turned, owner, others[0]))
    if not others:
        return _at(ctx, node, apply("set.copy", kind, owner))
    made = owner
    for other in others:
        made = apply(_ALGEBRA[name], kind, made, other)
    return _at(ctx, node, made)


# --- changes --------------------------------------------------------------------------------------


def check_set_change(ctx: Context, call: ast.Call, owner: Expr) -> Sequence[Mutate] | None:
    """A method that changes its set, as a statement; None for any other method."""
    assert isinstance(call.func, ast.Attribute)
    name, kind, span = call.func.attr, owner.type, ctx.span(call)
    if not kind.is_set or name not in _CHANGES:
        return None
    count = 0 if name == "clear" else 1
    if call.keywords or len(call.args) != count:
        check_all(ctx, call)
        reason = f"it takes {'one argument' if count else 'no argument'} without a name"
        refuse_arguments(ctx, call, f"set.{name}", reason, f"items.{name}({'item' if count else ''})")
        return []
    if name in _SET_CHANGES:
        other = _check_other(ctx, call.args[0], kind, f"set.{name}")
        return [Mutate(span, _SET_CHANGES[name], [owner, other])]
    if name == "clear":
        return [Mutate(span, "set.clear", [owner])]
    item = fit(ctx, call.args[0], ctx.check(call.args[0], kind.args[0]), kind.args[0])
    return [Mutate(span, _ITEM_CHANGES[name], [owner, item])]


def change_set_in_place(ctx: Context, node: ast.AugAssign, owner: Expr) -> list[Mutate] | None:
    """`a |= b` and the like of a set, which changes it for all who hold it; None for anything else."""
    found = SET_SIGNS.get(type(node.op))
    if not owner.type.is_set or found is None:
        return None
    other = ctx.check(node.value, owner.type)
    if has_unknown(other.type):
        return []
    if not are_alike(owner, other):
        types = f"{show(owner.type)} and {show(other.type)}"
        instead = "give a set of the same items"
        ctx.report(E_OPERAND_TYPES, node, operation="this", types=types, instead=instead)
        return []
    return [Mutate(ctx.span(node), found[1], [owner, other])]
