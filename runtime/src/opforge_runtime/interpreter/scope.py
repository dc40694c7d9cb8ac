"""Where values live while a function runs: a frame with one slot for each definition."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from opforge_runtime.interpreter.limits import MAX_STEPS
from opforge_runtime.interpreter.program_error import Place

__all__ = [
    "CONDITIONS",
    "FIRST_SLOT",
    "INSTANCE",
    "RUN",
    "Frame",
    "FunctionLayout",
    "RunContext",
    "Scope",
]

Frame: TypeAlias = list[Any]
"""The instance of the region at INSTANCE, the RunContext at RUN, the Conditions of its requests at
CONDITIONS, then the values of the definitions.

Instance and conditions are kept up to date in regions with effects only; the other ones tell their instance
when they fail.
"""

INSTANCE: Final = 0
RUN: Final = 1
CONDITIONS: Final = 2
FIRST_SLOT: Final = 3


class RunContext:
    """What all frames of one execution share."""

    __slots__ = ("constants", "max_steps", "steps_left", "stop")

    def __init__(self, constants: list[Any], steps: int = MAX_STEPS) -> None:
        self.constants = constants
        self.max_steps = steps
        self.steps_left = steps
        self.stop: Exception | None = None
        """What is raised at the next count of steps, when somebody else than the program stops it."""


@dataclass(slots=True)
class FunctionLayout:
    """The frame of one function or op while it is being compiled."""

    owner: str
    """The op's or function's name."""
    size: int = FIRST_SLOT
    nesting: int = 0
    """How deep the closures at the present point are nested."""
    deepest: int = 0
    """The deepest nesting so far, called functions included."""

    def add_slot(self) -> int:
        """A slot that no other definition has."""
        self.size += 1
        return self.size - 1

    def note_nesting(self, further: int = 0) -> None:
        """Remember that closures are nested so deep here, and `further` levels in what is called."""
        self.deepest = max(self.deepest, self.nesting + further)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that are visible at one point of a function, and the place of the node being compiled."""

    layout: FunctionLayout
    place: Place
    """The region, or the node within it."""
    names: dict[str, int] = field(default_factory=dict[str, int])
    """Slots by name."""

    def define(self, name: str) -> int:
        """Make a name visible from here on; returns its slot."""
        slot = self.layout.add_slot()
        self.names[name] = slot
        return slot

    def at_node(self, node: str, pointer: str) -> Scope:
        """The same scope, at a node of this region."""
        place = Place(f"{self.place.at}.{node}", type(self.place.pointer)(self.place.pointer + pointer))
        return Scope(self.layout, place, self.names)

    def enter_region(self, pointer: str, mark: str = "") -> Scope:
        """A region of this node: it sees the names so far, and keeps its own to itself.

        `mark` tells it from another region of the node that may hold the same ids.
        """
        at = f"{self.place.at}.{mark}" if mark else self.place.at
        place = Place(at, type(self.place.pointer)(self.place.pointer + pointer))
        return Scope(self.layout, place, dict(self.names))

    def enter_sibling(self, region: Scope) -> Scope:
        """The other region of the same node, where the names so far of this one are visible too."""
        return Scope(self.layout, region.place, dict(self.names))

    @property
    def path(self) -> str:
        """The path of this node within its op or function: no other node there has it."""
        _, _, within_workload = self.place.at.partition(".")
        return within_workload.removeprefix(f"{self.layout.owner}.")
