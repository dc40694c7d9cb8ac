"""Values under names that no author can write, for what a statement uses twice."""

from __future__ import annotations

from opforge._frontend.coercion import is_stable
from opforge._frontend.tree import Assign, Expr, Local, Pattern, Statement

__all__ = ["hide", "keep"]


def hide(value: Expr, name: str) -> tuple[list[Statement], Expr]:
    """The value under a name that no author can write, where using it twice would compute it twice."""
    if is_stable(value):
        return [], value
    return keep(value, name)


def keep(value: Expr, name: str) -> tuple[list[Statement], Expr]:
    """The value under such a name, whatever it is."""
    kind, span = value.type, value.span
    return [Assign(span, Pattern(kind, span, name), value)], Local(kind, span, name)
