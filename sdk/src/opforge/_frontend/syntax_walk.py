"""One walk over the syntax of a file, before anything is made of it: how deep it nests, and its names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

from opforge._frontend.chains import CHAINS, LEVELS, Chain, get_spine

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
    too_long: list[tuple[ast.AST, Chain]] = field(default_factory=list["tuple[ast.AST, Chain]"])
    """Expressions and statements that are chains with more links than they may have."""
    names: list[tuple[ast.AST, str]] = field(default_factory=list[tuple[ast.AST, str]])
    """Names that are not ASCII, or longer than `longest`, with the nodes that they stand in."""


def survey(tree: ast.Module, longest: int) -> Survey:
    """Look at every node, level by level."""
    found = Survey()
    levels: list[list[ast.AST]] = [[tree], *([] for _ in range(MAX_DEPTH + 1))]
    for depth in range(MAX_DEPTH + 1):
        below = levels[depth + 1]
        for node in levels[depth]:
            chain = CHAINS.get(type(node))
            if chain is not None and chain.is_too_long(node):
                found.too_long.append((node, chain))
            elif isinstance(node, ast.BinOp):
                _enter_operation(node, levels, depth)
            else:
                _enter(node, below, longest, found)
    if levels[-1]:
        # Nodes without a place hold one that has it, or stand beside one (the empty parameters of a lambda).
        found.too_deep = next(
            each for node in levels[-1] for each in ast.walk(node) if hasattr(each, "lineno")
        )
    return found


def _enter(node: ast.AST, below: list[Any], longest: int, found: Survey) -> None:
    for name, value in _fields_of(node):
        kind = type(value)
        if isinstance(value, str):
            if name in _NAME_FIELDS and (len(value) > longest or not value.isascii()):
                found.names.append((node, value))
        elif kind is list:
            below += [each for each in cast("list[object]", value) if type(each) in _KINDS]
        elif kind in _KINDS:
            below.append(value)


def _enter_operation(node: ast.BinOp, levels: list[list[ast.AST]], depth: int) -> None:
    """The operands of `a + b - c`: however long it is, it counts as `LEVELS` levels of nesting at most."""
    deepest = len(levels) - 1
    for level, operation in enumerate(get_spine(node), start=1):
        at = min(depth + min(level, LEVELS), deepest)
        levels[at].append(operation.right)
        if not isinstance(operation.left, ast.BinOp):
            levels[at].append(operation.left)
