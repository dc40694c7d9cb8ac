"""Unpacking assignments: what is taken apart is read as a whole before the first target gets its value.

A tuple has as many items as its type says. Of a list the number is known at run time only; where it does not
fit, the operator raises CPython's ValueError.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from opforge._frontend.coercion import apply, as_plain, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.hidden_names import hide, keep
from opforge._frontend.iterables import check_source, list_characters
from opforge._frontend.lazy import is_lazy, refuse_lazy
from opforge._frontend.tree import (
    Assign,
    Comprehension,
    Expr,
    FieldOf,
    ListNew,
    Literal,
    Local,
    Pattern,
    Statement,
    TupleNew,
)
from opforge._frontend.walk import walk
from opforge_ir.codes.source import E_MAYBE_NONE, E_TYPE_MISMATCH, E_TYPE_NEEDED
from opforge_ir.types import INT, Type, list_of, optional_of, tuple_of

__all__ = ["check_unpacked", "is_plain_target", "unpack"]

_Store = Callable[[ast.expr, Expr], Sequence[Statement]]


def is_plain_target(target: ast.expr, kind: Type) -> bool:
    """Whether a value of this type is a tuple that names, or tuples of names, take item by item."""
    if isinstance(target, ast.Name):
        return True
    if not isinstance(target, ast.Tuple | ast.List) or not kind.is_tuple:
        return False
    return len(kind.args) == len(target.elts) and all(map(is_plain_target, target.elts, kind.args))


def check_unpacked(ctx: Context, target: ast.Tuple | ast.List, node: ast.expr) -> Expr:
    """What is unpacked: also a generator, `map` and other iterators.

    CPython takes one item more than there are targets, to see that there is none; no other one is computed.
    """
    if not isinstance(node, ast.Call | ast.GeneratorExp):
        return ctx.check(node)
    value = check_source(ctx, node)
    has_star = any(isinstance(each, ast.Starred) for each in target.elts)
    if has_star or not isinstance(value, Comprehension) or not is_lazy(value):
        return value
    first, *rest = value.clauses
    if rest or first.conditions:
        return refuse_lazy(ctx, node, "unpacking")
    bound = optional_of(INT)
    none: Expr = Literal(bound, value.span, "None")
    most = apply("optional.some", bound, Literal(INT, value.span, str(len(target.elts) + 1)))
    first.items = apply("list.slice", first.items.type, first.items, none, most, none)
    return value


def unpack(
    ctx: Context, target: ast.Tuple | ast.List, value: Expr, store: _Store
) -> Sequence[Statement] | None:
    """Give each target its part of `value` with `store`; None after a problem was reported."""
    parts = _split(ctx, target, value)
    if parts is None:
        return None
    made, values = parts
    if not all(isinstance(each, ast.Name | ast.Starred) for each in target.elts):
        # What the first target changes may be where the second one's value would be read.
        kind = tuple_of(*(part.type for part in values))
        more, values = _keep_all(TupleNew(kind, value.span, values), _name_items(value))
        made += more
    for each, part in zip(target.elts, values, strict=True):
        made += store(each.value if isinstance(each, ast.Starred) else each, part)
    return made


def _split(
    ctx: Context, target: ast.Tuple | ast.List, value: Expr
) -> tuple[list[Statement], list[Expr]] | None:
    """What each target is given, and the statements before."""
    value = list_characters(as_plain(value))
    kind = value.type
    if has_unknown(kind):
        return None
    stars = [index for index, each in enumerate(target.elts) if isinstance(each, ast.Starred)]
    if kind.is_tuple:
        return _split_tuple(ctx, target, value, stars[0] if stars else None)
    if kind.is_list and target.elts:
        return _split_list(target, value, stars[0] if stars else None)
    if kind.is_optional:
        ctx.report(E_MAYBE_NONE, value.span)
        return None
    wanted = f"a tuple of {len(target.elts)}"
    ctx.report(E_TYPE_MISMATCH, target, actual=show(kind), expected=wanted, hint="")
    return None


def _split_tuple(
    ctx: Context, target: ast.Tuple | ast.List, value: Expr, star: int | None
) -> tuple[list[Statement], list[Expr]] | None:
    kinds, count = value.type.args, len(target.elts)
    is_fit = len(kinds) == count if star is None else len(kinds) >= count - 1
    if not is_fit:
        wanted = f"a tuple of {count}" if star is None else f"a tuple of {count - 1} or more"
        ctx.report(E_TYPE_MISMATCH, target, actual=show(value.type), expected=wanted, hint="")
        return None
    made: list[Statement] = []
    items: list[Expr]
    if isinstance(value, TupleNew):
        items = value.items
        if star is not None:
            made, items = _keep_all(value, "part")
    else:
        made, whole = _hold(target, value)
        items = [FieldOf(part, value.span, whole, str(index)) for index, part in enumerate(kinds)]
    if star is None:
        return made, items
    after = len(kinds) - (count - 1 - star)
    rest = _build_rest(ctx, target.elts[star], items[star:after])
    return None if rest is None else (made, [*items[:star], rest, *items[after:]])


def _build_rest(ctx: Context, star: ast.expr, items: list[Expr]) -> Expr | None:
    """The list that a star takes from a tuple."""
    kinds = {item.type for item in items}
    if len(kinds) == 1:
        return ListNew(list_of(items[0].type), ctx.span(star), items)
    what = "a star that takes nothing" if not items else "a star that takes values of several types"
    ctx.report(E_TYPE_NEEDED, star, what=what, example="rest: list[int] = []")
    return None


def _split_list(
    target: ast.Tuple | ast.List, value: Expr, star: int | None
) -> tuple[list[Statement], list[Expr]]:
    count, item = len(target.elts), value.type.args[0]

    def number(n: int) -> Expr:
        return Literal(INT, value.span, str(n))

    if star is None:
        made, whole = keep(apply("list.exact", value.type, value, number(count)), "items-part")
        places = range(count)
        return made, [apply("list.get", item, whole, number(place)) for place in places]
    made, whole = _hold(target, value)
    after = count - 1 - star
    # The rest is taken first: it raises where there are too few items.
    more, rest = keep(apply("list.rest", value.type, whole, number(star), number(after)), "rest-part")
    front = [apply("list.get", item, whole, number(place)) for place in range(star)]
    back = [apply("list.get", item, whole, number(place - after)) for place in range(after)]
    return [*made, *more], [*front, rest, *back]


def _hold(target: ast.expr, value: Expr) -> tuple[list[Statement], Expr]:
    """The value as something that stays what it is while the targets are assigned."""
    assigned = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
    is_lost = any(isinstance(part, Local) and part.name in assigned for part in walk(value))
    return keep(value, "items-part") if is_lost else hide(value, "items-part")


def _name_items(value: Expr) -> str:
    """What the items are called: those of an item after it, since the items beside it are still needed."""
    return value.name if isinstance(value, Local) and value.name.startswith("item-") else "item"


def _keep_all(values: TupleNew, name: str) -> tuple[list[Statement], list[Expr]]:
    """Each item of a display under a name of its own."""
    pattern = Pattern(values.type, values.span, None)
    held: list[Expr] = []
    for number, item in enumerate(values.items, start=1):
        pattern.items.append(Pattern(item.type, item.span, f"{name}-{number}"))
        held.append(Local(item.type, item.span, f"{name}-{number}"))
    return [Assign(values.span, pattern, values)], held
