"""Loops over a list or dict whose body may assign the item that the round is about.

    for i, x in enumerate(xs): xs[i] = …
    for k, v in d.items(): d[k] = …

A round has taken its item when the body begins, and no later round looks at it again; a dict keeps its keys.
So the loop goes on as over a list that was made before.
"""

from __future__ import annotations

from opforge._frontend.liveness import find_assigned
from opforge._frontend.tree import Apply, Expr, ForStatement, Literal, Local, Pattern

__all__ = ["find_counted"]


def find_counted(loop: ForStatement) -> tuple[str, str] | None:
    """The variable that such a loop goes over, and the one with the present place in it."""
    owner, counter = _find_owner(loop.items), _find_counter(loop.items, loop.pattern)
    if owner is None or counter is None:
        return None
    assigned = find_assigned(loop.body)
    is_kept = owner not in assigned and counter not in assigned and owner not in loop.pattern.names()
    return (owner, counter) if is_kept else None


def _find_owner(items: Expr) -> str | None:
    if not isinstance(items, Apply) or items.op not in ("list.enumerate", "dict.items", "dict.keys"):
        return None
    owner, *others = items.args
    starts_at_zero = all(isinstance(each, Literal) and each.value == "0" for each in others)
    return owner.name if isinstance(owner, Local) and starts_at_zero else None


def _find_counter(items: Expr, pattern: Pattern) -> str | None:
    if isinstance(items, Apply) and items.op == "dict.keys":
        return pattern.name
    return pattern.items[0].name if len(pattern.items) == 2 else None
