"""Chains: syntax that nests because it is long, such as `a + b + c` or `if … elif … elif …`.

A sum of many terms nests to the left in Python's syntax tree. It is gone through from its innermost operation
outwards; after every `LEVELS` operations the value so far is computed on its own, so neither the later phases
nor the document nest deeper than that. Chains of other forms have a limit that the later phases can bear.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["CHAINS", "LEVELS", "MAX_CHOICES", "MAX_COMPARISONS", "Chain", "get_spine"]

LEVELS: Final = 32
"""The most operations of a chain that nest in one expression of the document."""
MAX_CHOICES: Final = 32
"""The most operands of an `and` or `or` whose value is one of them."""

MAX_COMPARISONS: Final = 32
"""The most comparisons of one `a < b < c`."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A form of chain, and how long it may be."""

    limit: int
    what: str
    """What its links are called."""
    instead: str
    """What to write instead of a longer one."""
    next_link: Callable[[Any], ast.AST | None]
    """The node that the chain goes on with."""

    def is_too_long(self, node: ast.AST) -> bool:
        """Whether the chain that begins here has more links than it may have."""
        link: ast.AST | None = node
        for _ in range(self.limit):
            link = self.next_link(link)
            if link is None:
                return False
        return True


def _next_operation(node: ast.BinOp) -> ast.AST | None:
    return node.left if isinstance(node.left, ast.BinOp) else None


def _next_call(node: ast.Call) -> ast.AST | None:
    receiver = node.func
    while isinstance(receiver, ast.Attribute | ast.Subscript):
        receiver = receiver.value
    return receiver if isinstance(receiver, ast.Call) else None


def _next_arm(node: ast.If) -> ast.AST | None:
    return node.orelse[0] if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) else None


CHAINS: Final[Mapping[type[ast.AST], Chain]] = {
    ast.BinOp: Chain(1_000, "operators", "compute parts of it first, or `sum([...])`", _next_operation),
    ast.Call: Chain(25, "calls", "give the value a name in between", _next_call),
    ast.If: Chain(50, "arms", "look the case up in a dict, or move a part to a function", _next_arm),
}


def get_spine(node: ast.BinOp) -> list[ast.BinOp]:
    """The operations of a chain, from the outermost, which is computed last, to the innermost."""
    spine = [node]
    while isinstance(inner := spine[-1].left, ast.BinOp):
        spine.append(inner)
    return spine
