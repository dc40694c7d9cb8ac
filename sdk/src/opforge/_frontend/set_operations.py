"""Operators and comparisons of sets and frozensets."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.coercion import apply
from opforge._frontend.context import Context
from opforge._frontend.symbols import is_set
from opforge._frontend.tree import Expr
from opforge._ir import MutatingOperatorName, OperatorName
from opforge_ir.types import BOOL

__all__ = ["SET_SIGNS", "are_alike", "combine_sets", "compare_sets", "test_sets"]

SET_SIGNS: Final[dict[type[ast.operator], tuple[OperatorName, MutatingOperatorName]]] = {
    ast.BitOr: ("set.union", "set.update"),
    ast.BitAnd: ("set.intersection", "set.keep"),
    ast.Sub: ("set.difference", "set.subtract"),
    ast.BitXor: ("set.symmetric_difference", "set.toggle"),
}
"""The operators that make a new set, and those that change the left one."""
_COMPARISONS: Final[dict[str, tuple[OperatorName, bool]]] = {
    "<=": ("set.le", False),
    "<": ("set.lt", False),
    ">=": ("set.le", True),
    ">": ("set.lt", True),
}


def test_sets(op: OperatorName, is_turned: bool, left: Expr, right: Expr) -> Expr:
    """A question about two sets, whose operands are turned round for some operators of Python."""
    if is_turned:
        return apply(op, BOOL, right, left, order=(1, 0))
    return apply(op, BOOL, left, right)


def combine_sets(
    ctx: Context, node: ast.expr | ast.stmt, operator: ast.operator, left: Expr, right: Expr
) -> Expr | None:
    """`a | b`, `a & b`, `a - b` and `a ^ b` of sets; None for anything else."""
    found = SET_SIGNS.get(type(operator))
    if found is None or not are_alike(left, right):
        return None
    made = apply(found[0], left.type, left, right)
    made.span = ctx.span(node)
    return made


def are_alike(left: Expr, right: Expr) -> bool:
    """Whether two values are sets or frozensets of the same items."""
    return is_set(left.type) and is_set(right.type) and left.type.args == right.type.args


def compare_sets(sign: str, left: Expr, right: Expr) -> Expr | None:
    """`a <= b` and the like of sets, and `==` of a set and a frozenset; None for anything else."""
    if not are_alike(left, right):
        return None
    if sign in ("==", "!="):
        return apply("value.eq" if sign == "==" else "value.ne", BOOL, left, right)
    return test_sets(*_COMPARISONS[sign], left, right)
