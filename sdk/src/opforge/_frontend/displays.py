"""Displays of the source that say no type by themselves."""

from __future__ import annotations

import ast

__all__ = ["is_empty_display"]


def is_empty_display(node: ast.expr) -> bool:
    """Whether this is `[]` or `{}`."""
    match node:
        case ast.List():
            return not node.elts
        case ast.Dict():
            return not node.keys
        case _:
            return False
