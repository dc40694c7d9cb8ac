"""Regions while they are built: their nodes, and which ids are taken."""

from __future__ import annotations

from collections.abc import Iterator

from opforge import _ir
from opforge._frontend.flow import HIDDEN
from opforge._frontend.source import MAX_IDENTIFIER

__all__ = ["Region"]


class Region:
    """A list of nodes. Ids of enclosing regions are visible, those of regions beside it are not."""

    def __init__(self, parent: Region | None = None) -> None:
        self.parent = parent
        self.ids: set[str] = set()
        self.numbers: dict[str, int] = {}
        """For a name, a number up to which all ids are taken."""
        self.nodes: list[_ir.Node] = []

    def claim(self, name: str) -> str:
        """An id for a node or value: `name`, or `name-2`, `name-3`, … where that is taken.

        Variables that the author did not write have a mark and a number, which are left out.
        """
        name = name.partition(HIDDEN)[0]
        number = max(region.numbers.get(name, 0) for region in self._around())
        while self.sees(chosen := _number(name, number + 1)):
            number += 1
        self.numbers[name] = number + 1
        self.ids.add(chosen)
        return chosen

    def sees(self, name: str) -> bool:
        """Whether an id is taken here or in a region around this one."""
        return any(name in region.ids for region in self._around())

    def _around(self) -> Iterator[Region]:
        """This region and those around it."""
        region: Region | None = self
        while region is not None:
            yield region
            region = region.parent


def _number(name: str, number: int) -> str:
    """The id with this number, of at most `MAX_IDENTIFIER` characters; the first one is the name itself."""
    suffix = "" if number == 1 else f"-{number}"
    return name[: MAX_IDENTIFIER - len(suffix)] + suffix
