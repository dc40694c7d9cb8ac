"""Regions while they are built: their nodes, and which ids are taken."""

from __future__ import annotations

from opforge import _ir
from opforge._frontend.source import MAX_IDENTIFIER

__all__ = ["Region"]


class Region:
    """A list of nodes. Ids of enclosing regions are visible, those of regions beside it are not."""

    def __init__(self, parent: Region | None = None) -> None:
        self._parent = parent
        self._ids: set[str] = set()
        self.nodes: list[_ir.Node] = []

    def claim(self, name: str) -> str:
        """An id for a node or value: `name`, or `name-2`, `name-3`, … where that is taken."""
        chosen, number = name[:MAX_IDENTIFIER], 1
        while self.sees(chosen):
            number += 1
            suffix = f"-{number}"
            chosen = name[: MAX_IDENTIFIER - len(suffix)] + suffix
        self._ids.add(chosen)
        return chosen

    def sees(self, name: str) -> bool:
        """Whether an id is taken here or in a region around this one."""
        return name in self._ids or (self._parent is not None and self._parent.sees(name))
