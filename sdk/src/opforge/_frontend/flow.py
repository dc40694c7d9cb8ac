"""What the statements of one function share while they are checked: the loops and handlers around them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from opforge._frontend.context import Context
from opforge._frontend.scope import State
from opforge._frontend.tree import Block

__all__ = ["HIDDEN", "Flow", "OpenLoop"]

HIDDEN: Final = "#"
"""What stands in the names of variables that the author did not write, before a number."""


@dataclass(eq=False, slots=True)
class OpenLoop:
    """A loop whose body is being checked."""

    breaks: list[State] = field(default_factory=list[State])
    """What is known at each `break`."""
    continues: list[State] = field(default_factory=list[State])
    completed: str | None = None
    """The variable that is False after a `break`, where the loop has an `else`."""
    finals: int = 0
    """How many `finally` blocks that assign variables are open inside of the loop."""


@dataclass(eq=False, slots=True)
class Flow:
    """The checks of one function's statements."""

    ctx: Context
    check_block: Callable[[Sequence[ast.stmt]], Block]
    """The typed statements of a block, up to where its end cannot be reached any more."""
    note_refused: Callable[[], None]
    """Says that a statement was refused whose part in the flow is unknown."""
    loops: list[OpenLoop] = field(default_factory=list[OpenLoop])
    """Those around the present statement, innermost last."""
    handlers: list[str] = field(default_factory=list[str])
    """The names of the caught errors of the handlers around the present statement, innermost last."""
    heads: dict[ast.stmt, State] = field(default_factory=dict[ast.stmt, State])
    """For each loop, what is known where a round begins."""
    rewritten: dict[ast.While, ast.While] = field(default_factory=dict[ast.While, ast.While])
    """Loops whose test assigns a variable, as loops that test it inside."""
    unpacked: dict[ast.For, ast.For] = field(default_factory=dict[ast.For, ast.For])
    """Loops over what has to be unpacked, as loops that unpack it inside."""
    hidden: dict[ast.AST, str] = field(default_factory=dict[ast.AST, str])
    """The variables that were made for a node and that the author did not write."""

    def hide(self, name: str, node: ast.AST) -> str:
        """A variable that no name of the author's can be; the same one however often a node is checked."""
        return self.hidden.setdefault(node, f"{name}{HIDDEN}{len(self.hidden) + 1}")
