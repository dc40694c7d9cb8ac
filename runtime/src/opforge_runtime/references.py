"""Which artifacts the events of a run name."""

from __future__ import annotations

from typing import NamedTuple

from opforge_ir.events import (
    AttemptResolved,
    Event,
    FactRecorded,
    RunCompleted,
    RunStarted,
    StateCompleted,
    StateEntered,
)

__all__ = ["References", "get_fact", "get_references"]


class References(NamedTuple):
    """Digests that one event names."""

    needed: tuple[str, ...] = ()
    """A manifest, a fact or an output; a fact may be attached to the event and is no artifact then."""
    snapshots: tuple[str, ...] = ()
    """They follow from the events; only runs of the first format have them as artifacts, too."""


def get_references(event: Event) -> References:
    """What an event names. The document is named by the manifest."""
    match event:
        case RunStarted():
            return References((event.manifest,), (event.snapshot,))
        case StateEntered():
            return References((), (event.base,))
        case FactRecorded():
            return References((event.fact,))
        case AttemptResolved():
            return References(tuple(event.fact))
        case StateCompleted():
            return References((), (event.snapshot,))
        case RunCompleted():
            return References(tuple(event.output), (event.snapshot,))
        case _:
            return References()


def get_fact(event: Event) -> str | None:
    """The fact that an event names, which may be attached to it."""
    match event:
        case FactRecorded():
            return event.fact
        case AttemptResolved(fact=[digest]):
            return digest
        case _:
            return None
