"""The functions of a document, each after those that it calls, so that none is compiled within another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from opforge_ir.document import Document, Function

__all__ = ["order_functions"]


def order_functions(document: Document) -> list[str]:
    """The names of all functions. Works without recursion, however long a chain of calls is.

    Raises ValueError when a function calls itself: the validator refuses that.
    """
    graph = {name: sorted(_find_calls(function)) for name, function in document.functions.items()}
    ordered: dict[str, None] = {}
    for first in sorted(graph):
        path: dict[str, Iterator[str]] = {} if first in ordered else {first: iter(graph[first])}
        while path:
            name = next(reversed(path))
            following = next((called for called in path[name] if called not in ordered), None)
            if following is None:
                del path[name]
                ordered[name] = None
            elif following in path:
                raise ValueError(f"the function {following} calls itself")
            else:
                path[following] = iter(graph[following])
    return list(ordered)


def _find_calls(function: Function) -> set[str]:
    """The functions that a function calls, in expressions and in call nodes."""
    found: set[str] = set()
    waiting: list[object] = [function.model_dump()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            members = cast("dict[str, object]", part)
            if members.get("kind") == "call":
                found.add(cast("str", members["function"]))
            waiting.extend(members.values())
        elif isinstance(part, list):
            waiting.extend(cast("list[object]", part))
    return found
