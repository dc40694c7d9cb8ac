"""A run's event stream, read and verified, and what it says about the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import ValidationError

from opforge_ir.codes.store import E_EVENT_CORRUPT, E_RUN_UNKNOWN
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.events import (
    GENESIS,
    Envelope,
    ErrorRecord,
    FactRecorded,
    RunCompleted,
    RunResumed,
    RunStarted,
    StateCompleted,
    StateEntered,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_runtime.stores.protocol import EventStore, SealedEvent, StoredEvent

__all__ = ["History", "RecordedEvent", "StateHistory", "build_history", "read_run"]


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event of a run, verified."""

    envelope: Envelope
    sealed: SealedEvent
    recorded_at_epoch_ms: int


@dataclass(slots=True)
class StateHistory:
    """What happened to one state in one instance."""

    attempts: int = 0
    failures: int = 0
    is_open: bool = False
    """Whether the last attempt was entered and has neither completed nor failed."""
    fact: str | None = None
    """The digest of the first fact recorded."""
    is_completed: bool = False
    error: ErrorRecord | None = None
    """Why the last attempt failed, when it did."""


@dataclass(slots=True)
class History:
    """A run as far as it got."""

    run: RunId
    start: RunStarted
    head: int = 0
    previous: str = GENESIS
    """The digest of the last envelope."""
    snapshot: str = ""
    """The last snapshot that the run advanced to."""
    sessions: int = 1
    end: RunCompleted | None = None
    states: dict[tuple[str, str], StateHistory] = field(default_factory=dict[tuple[str, str], StateHistory])
    """By state and instance, in the order in which they were first entered."""


def read_run(store: EventStore, run: RunId) -> list[RecordedEvent]:
    """All events of a run, with every digest and link verified.

    Raises DiagnosticError: E_RUN_UNKNOWN, E_EVENT_CORRUPT, and what the store raises.
    """
    stored = store.read_events(run)
    if not stored:
        raise E_RUN_UNKNOWN.error(run=run)
    recorded: list[RecordedEvent] = []
    previous = GENESIS
    for seq, event in enumerate(stored, start=1):
        envelope = _read_envelope(run, seq, previous, event)
        recorded.append(RecordedEvent(envelope, event.sealed, event.recorded_at_epoch_ms))
        previous = event.sealed.digest
    return recorded


def _read_envelope(run: RunId, seq: int, previous: str, stored: StoredEvent) -> Envelope:
    sealed = stored.sealed
    if digest_bytes(sealed.envelope) != sealed.digest:
        raise E_EVENT_CORRUPT.error(run=run, seq=seq, problem="its bytes have another digest")
    try:
        envelope = Envelope.model_validate(read_json(sealed.envelope))
    except (ValidationError, DiagnosticError) as error:
        raise E_EVENT_CORRUPT.error(run=run, seq=seq, problem="it is not an event") from error
    if envelope.run != run or envelope.seq != seq or sealed.seq != seq:
        raise E_EVENT_CORRUPT.error(run=run, seq=seq, problem="it belongs elsewhere")
    if envelope.previous != previous:
        raise E_EVENT_CORRUPT.error(run=run, seq=seq, problem="it does not follow the event before it")
    return envelope


def build_history(events: Iterable[RecordedEvent]) -> History:
    """What the events say. Raises ValueError when they do not begin with RunStarted."""
    history: History | None = None
    for recorded in events:
        envelope = recorded.envelope
        event = envelope.event
        if isinstance(event, RunStarted):
            history = History(RunId(envelope.run), event, snapshot=event.snapshot)
        if history is None:
            raise ValueError("a run begins with RunStarted")
        history.head = envelope.seq
        history.previous = recorded.sealed.digest
        match event:
            case RunStarted():
                pass
            case RunResumed():
                history.sessions = event.session
            case RunCompleted():
                history.end = event
            case _:
                _note(history, event)
    if history is None:
        raise ValueError("a run has events")
    return history


def _note(history: History, event: StateEntered | FactRecorded | StateCompleted | StateFailed) -> None:
    state = history.states.setdefault((event.state, event.instance), StateHistory())
    match event:
        case StateEntered():
            state.attempts = event.attempt
            state.is_open = True
            state.error = None
        case FactRecorded():
            state.fact = state.fact or event.fact
        case StateCompleted():
            state.is_open = False
            state.is_completed = True
            history.snapshot = event.snapshot
        case StateFailed():
            state.is_open = False
            state.failures += 1
            state.error = event.error
