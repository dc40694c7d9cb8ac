"""The events of a run as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator

from opforge_ir.codes.store import E_RUN_UNKNOWN
from opforge_ir.events import GENESIS, Envelope, RunCompleted
from opforge_ir.ids import RunId
from opforge_runtime.history import read_following
from opforge_runtime.stores.protocol import EventStore

__all__ = ["follow_events"]


def follow_events(store: EventStore, run: RunId, wait: Callable[[], None]) -> Generator[tuple[Envelope, int]]:
    """Every event of a run, verified, with the time of its recording; ends with the end of the run.

    `wait` is called whenever there is nothing new, and returns when it is worth looking again. Raises
    DiagnosticError: E_RUN_UNKNOWN, E_EVENT_CORRUPT, and what the store raises.
    """
    head, previous = 0, GENESIS
    while True:
        events = read_following(store, run, head, previous)
        if head == 0 and not events:
            raise E_RUN_UNKNOWN.error(run=run)
        for recorded in events:
            yield recorded.envelope, recorded.recorded_at_epoch_ms
            head, previous = recorded.envelope.seq, recorded.sealed.digest
            if isinstance(recorded.envelope.event, RunCompleted):
                return
        if not events:
            wait()
