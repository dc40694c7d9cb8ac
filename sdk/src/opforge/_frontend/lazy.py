"""Iterables that compute an item when it is taken: generators, `map` and `filter`.

In the IR a list is made before anything goes through it. That is the same where nothing can be told apart:
where a builtin takes all items and does nothing in between, or where no item can fail, have an effect or see
a change. In a loop and in the `for` of a comprehension each item is computed in its own round.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Final

from opforge._frontend.arguments import evaluate_first, is_stable
from opforge._frontend.coercion import apply
from opforge._frontend.context import Context
from opforge._frontend.lowering_context import is_settled
from opforge._frontend.tree import (
    Apply,
    Assign,
    Block,
    Clause,
    Comprehension,
    Expr,
    IfStatement,
    ListNew,
    Local,
    Pattern,
    Temporary,
    With,
)
from opforge._frontend.walk import Part, walk
from opforge._ir import OperatorName
from opforge_ir.codes.containers import E_LAZY_ITERABLE
from opforge_ir.types import list_of

__all__ = [
    "compare_lengths_after",
    "compute_between",
    "find_zip",
    "fuse",
    "hides_strict",
    "is_lazy",
    "is_strict",
    "refuse_lazy",
    "unroll",
]


_ITERATORS: Final = {"list.zip", "list.zip3", "list.zip_all", "list.zip_strict", "list.enumerate"}
"""Operators that take items one by one where they stand for an iterator."""


def is_lazy(items: Expr) -> bool:
    """Whether it can be told when the items of this iterable are computed."""
    return isinstance(items, Comprehension) and items.is_lazy and _can_fail(items)


def _can_fail(made: Comprehension) -> bool:
    """Whether computing the elements may fail, have an effect or see a change."""
    first, *rest = made.clauses
    parts = [made.element, *first.conditions]
    for clause in rest:
        parts += [clause.items, *clause.conditions]
    return not all(map(is_settled, parts))


def refuse_lazy(ctx: Context, node: ast.expr, by: str) -> Expr:
    """Refuse such an iterable where something else happens between its items."""
    what = "this generator" if isinstance(node, ast.GeneratorExp) else f"`{ast.unparse(node)[:60]}`"
    return ctx.refuse(E_LAZY_ITERABLE, node, what=what, by=by)


def fuse(pattern: Pattern, items: Expr, conditions: list[Expr]) -> list[Clause]:
    """`for pattern in items if conditions`, where the items of a lazy iterable are computed one by one."""
    if not is_lazy(items):
        return [Clause(pattern, items, conditions)]
    assert isinstance(items, Comprehension)
    _rename_own(items)
    one = ListNew(list_of(items.element.type), items.element.span, [items.element])
    return [*items.clauses, Clause(pattern, one, conditions)]


def unroll(pattern: Pattern, items: Expr, body: Block) -> tuple[Pattern, Expr, Block]:
    """A `for` loop over a lazy iterable of one clause as one over what that goes through."""
    if not is_lazy(items):
        return pattern, items, body
    assert isinstance(items, Comprehension)
    (clause,) = items.clauses
    _rename_own(items)
    block: Block = [Assign(items.element.span, pattern, items.element), *body]
    for condition in reversed(clause.conditions):
        block = [IfStatement(condition.span, condition, block, [])]
    return clause.pattern, clause.items, block


def compute_between(
    items: Expr, others: dict[str, Expr], build: Callable[[Expr, dict[str, Expr]], Expr]
) -> Expr:
    """What `build` makes, with `others` computed after what is iterated and before its items."""
    if all(map(is_stable, others.values())):
        return build(items, others)
    if not isinstance(items, Comprehension) or not items.is_lazy:
        return evaluate_first({"items": items, **others}, lambda ready: build(ready.pop("items"), ready))
    first = items.clauses[0]

    def finish(ready: dict[str, Expr]) -> Expr:
        first.items = ready.pop("items")
        return build(items, ready)

    return evaluate_first({"items": first.items, **others}, finish)


def is_strict(items: Expr) -> bool:
    """Whether this is `zip(…, strict=True)`, which finds other lengths only when a list ends."""
    return isinstance(items, Apply) and items.op == "list.zip_strict" and not items.is_copy


def hides_strict(items: Expr) -> bool:
    """Whether an iterator takes the items of such a `zip`."""
    if isinstance(items, Comprehension):
        return items.is_lazy and any(is_strict(c.items) or hides_strict(c.items) for c in items.clauses)
    if not isinstance(items, Apply) or items.is_copy or items.op not in _ITERATORS:
        return False
    return any(is_strict(arg) or hides_strict(arg) for arg in items.args)


def compare_lengths_after(made: Comprehension, build: Callable[[Expr], Expr] = lambda whole: whole) -> Expr:
    """What `build` makes of a comprehension over such a `zip`: other lengths raise after the last element."""
    zipped = made.clauses[0].items
    if not isinstance(zipped, Apply) or not is_strict(zipped) or not _can_fail(made):
        return build(made)

    def finish(ready: dict[str, Expr]) -> Expr:
        lists = [*ready.values()]
        made.clauses[0].items = apply(find_zip(len(lists)), zipped.type, *lists)
        once = With(made.type, made.span, made)
        compared = With(made.type, zipped.span, apply("list.zip_strict", zipped.type, *lists))
        compared.body = build(Temporary(made.type, made.span, once))
        once.type = compared.type = compared.body.type
        once.body = compared
        return once

    return evaluate_first({str(place): arg for place, arg in enumerate(zipped.args)}, finish)


def find_zip(count: int) -> OperatorName:
    """The operator that zips so many lists."""
    operators: dict[int, OperatorName] = {2: "list.zip", 3: "list.zip3"}
    return operators.get(count, "list.zip_all")


def _rename_own(made: Comprehension) -> None:
    """Give the variables of a comprehension names that nothing around it has.

    Where something in it has a variable of the same name, that is renamed with it and stays apart.
    """
    first, *rest = made.clauses
    own = {name for clause in made.clauses for name in clause.pattern.names()}
    parts: list[Part] = [first.pattern, *first.conditions, *rest, made.element]
    _rename(parts, own)


def _rename(parts: Iterable[Part], names: set[str]) -> None:
    done: set[int] = set()
    for whole in parts:
        for part in walk(whole):
            if isinstance(part, Local | Pattern) and part.name in names and id(part) not in done:
                done.add(id(part))
                part.name = f"{part.name}-each"
