"""One walk over the syntax of a file, before anything is made of it: how deep it nests, and its names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

__all__ = ["MAX_DEPTH", "Survey", "get_inner", "survey"]

MAX_DEPTH: Final = 64
"""The deepest nesting of syntax; it bounds the recursion of every later phase."""

_NAME_FIELDS: Final = frozenset(["id", "name", "arg", "attr", "asname"])
_MARKS: Final = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)
"""Nodes that say something of the node around them, and hold nothing."""


def _find_kinds(base: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for kind in base.__subclasses__():
        if not issubclass(kind, _MARKS):
            yield kind
            yield from _find_kinds(kind)


_KINDS: Final[frozenset[type]] = frozenset(_find_kinds(ast.AST))


def _fields_of(node: ast.AST) -> Iterable[tuple[str, object]]:
    return vars(node).items()


def get_inner(node: ast.AST) -> list[ast.AST]:
    """The nodes directly in a node, without marks; `ast.iter_child_nodes` is four times as slow."""
    inner: list[Any] = []
    for _, value in _fields_of(node):
        kind = type(value)
        if kind is list:
            inner += [each for each in cast("list[object]", value) if type(each) in _KINDS]
        elif kind in _KINDS:
            inner.append(value)
    return inner


@dataclass(slots=True)
class Survey:
    """What the walk found."""

    too_deep: ast.AST | None = None
    """The first node that is nested too deep; nothing below it was looked at."""
    names: list[tuple[ast.AST, str]] = field(default_factory=list[tuple[ast.AST, str]])
    """Names that are not ASCII, or longer than `longest`, with the nodes that they stand in."""


def survey(tree: ast.Module, longest: int) -> Survey:
    """Look at every node, level by level."""
    found = Survey()
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for node in level:
            for name, value in _fields_of(node):
                kind = type(value)
                if isinstance(value, str):
                    if name in _NAME_FIELDS and (len(value) > longest or not value.isascii()):
                        found.names.append((node, value))
                elif kind is list:
                    below += [each for each in cast("list[object]", value) if type(each) in _KINDS]
                elif kind in _KINDS:
                    below.append(value)
        if not below:
            return found
        level = below
    # Nodes without a place hold one that has it, or stand beside one (the empty parameters of a lambda).
    found.too_deep = next(each for node in level for each in ast.walk(node) if hasattr(each, "lineno"))
    return found
