"""What was too much for Python's own parser, which gives no place when it gives up.

Where it gives up depends on the version of Python. The limits of chains are below all of those, so whoever is
told of a chain is told the same on each version.
"""

from __future__ import annotations

import ast
import io
import tokenize
from typing import Final

from opforge._frontend.chains import CHAINS, Chain

__all__ = ["find_overlong"]

_OPERATORS: Final = frozenset(["+", "-", "*", "/", "//", "%", "@", "**", "&", "|", "^", "<<", ">>"])


def find_overlong(text: str) -> tuple[int, Chain] | None:
    """The line and the form of the first chain that is too long, as far as the tokens tell."""
    operators, calls, arms = CHAINS[ast.BinOp], CHAINS[ast.Call], CHAINS[ast.If]
    found: dict[str, int] = {}
    arms_by_column: dict[int, int] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            line, column = token.start
            if token.type == tokenize.NEWLINE:
                found.clear()
            elif token.type == tokenize.OP and token.string in _OPERATORS:
                found["operators"] = found.get("operators", 0) + 1
            elif token.type == tokenize.OP and token.string == ".":
                found["calls"] = found.get("calls", 0) + 1
            elif token.type == tokenize.NAME and token.string == "if":
                arms_by_column[column] = 0
            elif token.type == tokenize.NAME and token.string == "elif":
                arms_by_column[column] = arms_by_column.get(column, 0) + 1
                if arms_by_column[column] >= arms.limit:
                    return line, arms
            if found.get("operators", 0) >= operators.limit:
                return line, operators
            if found.get("calls", 0) >= operators.limit:
                return line, calls
    except (tokenize.TokenError, SyntaxError):
        pass
    return None
