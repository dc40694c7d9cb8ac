"""The functions and ops of a document, each after those that it needs: none is compiled within another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias, cast

from pydantic import BaseModel

from opforge_ir.document import CallNode, CallValue, Document, Function, Invoke, Op

__all__ = ["Callee", "order_owners"]

Callee: TypeAlias = tuple[Literal["functions", "ops"], str]
"""An owner of a body: its table and its name."""


def order_owners(document: Document) -> list[Callee]:
    """All functions and ops. Works without recursion, however long a chain of calls is.

    Raises ValueError when one calls itself: the validator refuses that.
    """
    owners: dict[Callee, Function | Op] = {
        **{("functions", name): function for name, function in document.functions.items()},
        **{("ops", name): op for name, op in document.ops.items()},
    }
    graph = {owner: sorted(_find_callees(body)) for owner, body in owners.items()}
    ordered: dict[Callee, None] = {}
    for first in sorted(graph):
        path: dict[Callee, Iterator[Callee]] = {} if first in ordered else {first: iter(graph[first])}
        while path:
            owner = next(reversed(path))
            following = next((called for called in path[owner] if called not in ordered), None)
            if following is None:
                del path[owner]
                ordered[owner] = None
            elif following in path:
                raise ValueError(f"{following[1]} calls itself")
            else:
                path[following] = iter(graph[following])
    return list(ordered)


def _find_callees(owner: Function | Op) -> set[Callee]:
    """What a body calls, in expressions and by nodes, and what undoes it."""
    found: set[Callee] = {("ops", name) for name in owner.compensation} if isinstance(owner, Op) else set()
    waiting: list[object] = [owner.body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, BaseModel):
            if isinstance(part, CallNode | CallValue):
                found.add(("functions", part.function))
            elif isinstance(part, Invoke):
                found.add(("ops", part.op))
            waiting.extend(vars(part).values())
        elif isinstance(part, list):
            waiting.extend(cast("Iterable[object]", part))
        elif isinstance(part, dict):
            waiting.extend(cast("dict[str, object]", part).values())
    return found
