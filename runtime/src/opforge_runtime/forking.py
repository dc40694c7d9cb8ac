"""Starting a new run from the beginning of another one.

The new run takes over every state that had come to an end by an event of the old one, with its answer. What
was still under way there is left out, so the new run asks for it itself. Nor is anything taken over of what
came after a wish to cancel: it undid the old run, and may have to be done for the new one. The old run stays
as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from opforge_ir.codes.command import E_FORK_POINT
from opforge_ir.events import (
    GENESIS,
    AttemptResolved,
    CancelRequested,
    Event,
    RunCompleted,
    RunForked,
    SignalReceived,
    StateCompleted,
    StateEntered,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.leases import DEFAULT_LEASE_MS
from opforge_runtime.queries.summary import get_record
from opforge_runtime.sealing import seal_event
from opforge_runtime.stores.protocol import Append, EventStore, Lease, Opening, SealedEvent, Standing, Store

__all__ = ["find_foreign", "fork_run"]

_LEFT_OUT: Final = (RunCompleted, RunForked, SignalReceived)
"""What belongs to the old run alone: its end, and which messages of its own inbox it has taken."""


def fork_run(
    store: Store, origin: RunId, seq: int, run: RunId, *, clock: Callable[[], int], owner: str
) -> int:
    """Record a new run that begins as `origin` had come to be at its event `seq`; it is queued.

    Returns how many states were taken over. Raises DiagnosticError: E_RUN_UNKNOWN, E_FORK_POINT,
    E_RUN_EXISTS, and what a corrupt event raises.
    """
    recorded = read_run(store, origin)
    if not 1 <= seq <= len(recorded):
        raise E_FORK_POINT.error(run=origin, seq=seq, last=len(recorded))
    prefix = recorded[:seq]
    opening = get_record(store, origin).opening
    point = RunForked(type="run_forked", run=origin, seq=seq, digest=prefix[-1].sealed.digest)
    selected = list(_select(prefix))
    events = _seal(run, [*selected, (point, b"")])
    append = Append(
        lease=Lease(run, owner, 1, DEFAULT_LEASE_MS, 0),
        expected_head=0,
        events=events,
        artifacts=[],
        standing=Standing("queued"),
        recorded_at_epoch_ms=clock(),
        opening=Opening(opening.workload, opening.version, opening.op, opening.ir),
    )
    (refusal,) = store.append([append])
    if refusal is not None:
        raise refusal
    return sum(isinstance(event, StateCompleted) for event, _ in selected)


def find_foreign(store: EventStore, taken_over: Sequence[RecordedEvent]) -> RecordedEvent | None:
    """The first event of a forked run that is not what it was forked from gives; the last is `run_forked`.

    None where all are, and where the store does not have that run. Raises DiagnosticError when it is corrupt.
    """
    *copied, point = taken_over
    event = point.envelope.event
    assert isinstance(event, RunForked)
    if store.get_head(RunId(event.run)) < event.seq:
        return None
    prefix = read_run(store, RunId(event.run))[: event.seq]
    if prefix[-1].sealed.digest != event.digest:
        return point
    selected = list(_select(prefix))
    for each, (original, attachment) in zip(copied, selected, strict=False):
        if each.envelope.event != original or each.sealed.attachment != attachment:
            return each
    return None if len(copied) == len(selected) else point


def _select(prefix: Sequence[RecordedEvent]) -> Iterator[tuple[Event, bytes]]:
    """The events that are taken over, each with what is attached to it."""
    wished = (n for n, each in enumerate(prefix) if isinstance(each.envelope.event, CancelRequested))
    kept = prefix[: next(wished, len(prefix))]
    open_states = _find_open(kept)
    for recorded in kept:
        event = recorded.envelope.event
        key = getattr(event, "state", None), getattr(event, "instance", None)
        if not isinstance(event, _LEFT_OUT) and key not in open_states:
            yield event, recorded.sealed.attachment


def _find_open(prefix: Sequence[RecordedEvent]) -> set[tuple[str, str]]:
    """The states whose last attempt has neither completed nor failed."""
    found: set[tuple[str, str]] = set()
    for recorded in prefix:
        match recorded.envelope.event:
            case StateEntered(state=state, instance=instance):
                found.add((state, instance))
            case (
                StateCompleted(state=state, instance=instance)
                | StateFailed(state=state, instance=instance)
                | AttemptResolved(state=state, instance=instance, decision="failed")
            ):
                found.discard((state, instance))
            case _:
                pass
    return found


def _seal(run: RunId, events: Sequence[tuple[Event, bytes]]) -> list[SealedEvent]:
    sealed: list[SealedEvent] = []
    previous: str = GENESIS
    for seq, (event, attachment) in enumerate(events, start=1):
        sealed.append(seal_event(run, seq, previous, event, attachment))
        previous = sealed[-1].digest
    return sealed
