"""A run's event stream, read and verified, and what it says about the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from pydantic import ValidationError

from opforge_ir.codes.driving import E_RESOLVED_FAILED
from opforge_ir.codes.store import E_EVENT_CORRUPT, E_RUN_UNKNOWN
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import GENESIS, Envelope, ErrorRecord, RunCompleted, RunStarted
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import EventStore, SealedEvent, StoredEvent

__all__ = [
    "History",
    "RecordedEvent",
    "StateHistory",
    "build_history",
    "build_resolved_error",
    "read_following",
    "read_history",
    "read_run",
]


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
    session: int = 1
    """The session of the last attempt."""
    failures: int = 0
    is_open: bool = False
    """Whether the last attempt was entered and has neither completed nor failed."""
    fact: str | None = None
    """The digest of the first fact recorded."""
    content: bytes = b""
    """The fact itself, when it is attached to its event."""
    is_completed: bool = False
    error: ErrorRecord | None = None
    """Why the last attempt failed, when it did."""
    due_at_epoch_ms: int | None = None
    """When the wait is over at the latest."""
    child: str | None = None
    """The run that was started for it."""
    is_retry_allowed: bool = False
    """Whether a person has decided that the open attempt, whose outcome is not known, be made again."""

    def note_open(self, attempt: int) -> None:
        """An attempt is under way and has been left."""
        self.attempts, self.is_open = attempt, True


@dataclass(slots=True)
class History:
    """A run as far as it got."""

    run: RunId
    start: RunStarted
    started_at_epoch_ms: int
    head: int = 0
    previous: str = GENESIS
    """The digest of the last envelope."""
    snapshot: str = ""
    """The last snapshot that the run advanced to."""
    sessions: int = 1
    end: RunCompleted | None = None
    cancellation: str | None = None
    """Why somebody asked that the run ends, when a driver has seen it."""
    signals_taken: set[int] = field(default_factory=set[int])
    """The positions of the messages that waits have taken."""
    states: dict[tuple[str, str], StateHistory] = field(default_factory=dict[tuple[str, str], StateHistory])
    """By state and instance, in the order in which they were first entered."""


def read_run(store: EventStore, run: RunId) -> list[RecordedEvent]:
    """All events of a run as models, with every digest and link verified.

    Raises DiagnosticError: E_RUN_UNKNOWN, E_EVENT_CORRUPT, and what the store raises.
    """
    recorded = read_following(store, run, 0, GENESIS)
    if not recorded:
        raise E_RUN_UNKNOWN.error(run=run)
    return recorded


def read_following(store: EventStore, run: RunId, head: int, previous: str) -> list[RecordedEvent]:
    """The events of a run after the one at `head`, whose envelope has the digest `previous`; verified.

    Raises DiagnosticError: E_EVENT_CORRUPT, and what the store raises.
    """
    recorded: list[RecordedEvent] = []
    for stored, _ in _read_linked(store, run, head, previous):
        try:
            envelope = Envelope.model_validate_json(stored.sealed.envelope)
        except ValidationError as error:
            raise _build_corrupt(run, stored.sealed.seq, "it is not an event") from error
        recorded.append(RecordedEvent(envelope, stored.sealed, stored.recorded_at_epoch_ms))
    return recorded


def read_history(store: EventStore, run: RunId) -> History:
    """What the events of a run say, with every digest and link verified. Raises as `read_run` does.

    The events of plain states are not made into models: a resume reads as many as the run has.
    """
    history: History | None = None
    for stored, envelope in _read_linked(store, run, 0, GENESIS):
        sealed = stored.sealed
        try:
            event = envelope["event"]
            take = _TAKE.get(event["type"])
            if take is None or history is None:
                model = Envelope.model_validate_json(sealed.envelope)
                if history is None:
                    history = _begin(model, stored.recorded_at_epoch_ms)
                    _advance(history, sealed)
                    continue
                _note(history, model.event)
            else:
                take(history, event, sealed.attachment)
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise _build_corrupt(run, sealed.seq, "it is not an event") from error
        _advance(history, sealed)
    if history is None:
        raise E_RUN_UNKNOWN.error(run=run)
    return history


def build_history(events: Iterable[RecordedEvent]) -> History:
    """What the events say; there is at least one.

    Raises DiagnosticError (E_EVENT_CORRUPT) when they do not begin with RunStarted, or when one says what it
    cannot say there.
    """
    history: History | None = None
    for recorded in events:
        envelope = recorded.envelope
        try:
            if history is None:
                history = _begin(envelope, recorded.recorded_at_epoch_ms)
            else:
                event = envelope.event
                take = _TAKE.get(event.type)
                if take is None:
                    _note(history, event)
                else:
                    take(history, event.model_dump(), recorded.sealed.attachment)
        except ValueError as error:
            raise _build_corrupt(RunId(envelope.run), envelope.seq, "it cannot stand here") from error
        _advance(history, recorded.sealed)
    if history is None:
        raise ValueError("a run has events")
    return history


def _read_linked(
    store: EventStore, run: RunId, head: int, previous: str
) -> Iterator[tuple[StoredEvent, dict[str, Any]]]:
    """Each event after `head` with its envelope as plain data; its place and its link are right."""
    for seq, each in enumerate(store.read_events(run, head + 1), start=head + 1):
        sealed = each.sealed
        try:
            envelope = orjson.loads(sealed.envelope)
            is_here = envelope["seq"] == seq == sealed.seq and envelope["run"] == run
            is_linked = envelope["previous"] == previous
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise _build_corrupt(run, seq, "it is not an event") from error
        if not is_here:
            raise _build_corrupt(run, seq, "it belongs elsewhere")
        if not is_linked:
            raise _build_corrupt(run, seq, "it does not follow the event before it")
        previous = sealed.digest
        yield each, envelope


def _build_corrupt(run: RunId, seq: int, problem: str) -> DiagnosticError:
    return E_EVENT_CORRUPT.error(run=run, seq=seq, problem=problem)


def _begin(envelope: Envelope, recorded_at_epoch_ms: int) -> History:
    event = envelope.event
    if event.type != "RunStarted":
        raise ValueError("a run begins with RunStarted")
    return History(RunId(envelope.run), event, recorded_at_epoch_ms, snapshot=event.snapshot)


def _advance(history: History, sealed: SealedEvent) -> None:
    history.head, history.previous = sealed.seq, sealed.digest


def _note(history: History, event: object) -> None:
    """Take in an event that says nothing of a state, or an unusual thing."""
    match event:
        case RunCompleted():
            history.end = event
        case RunStarted():
            raise ValueError("a run begins once")
        case _:
            pass


# Events as plain data, which we wrote and which are linked: a wrong member leads to KeyError or TypeError.


def _get(history: History, event: dict[str, Any]) -> StateHistory:
    state = history.states.get((event["state"], event["instance"]))
    if state is None:
        raise _build_corrupt(history.run, history.head + 1, "its state was not entered")
    return state


def _take_entered(history: History, event: dict[str, Any], _: bytes) -> None:
    key = event["state"], event["instance"]
    state = history.states.get(key)
    if state is None:
        state = history.states[key] = StateHistory()
    state.attempts = event["attempt"]
    state.session = history.sessions
    state.is_open = True
    state.is_retry_allowed = False
    state.error = None


def _take_fact(history: History, event: dict[str, Any], attachment: bytes) -> None:
    state = _get(history, event)
    if state.fact is None:
        state.fact, state.content = event["fact"], attachment


def _take_completed(history: History, event: dict[str, Any], _: bytes) -> None:
    state = _get(history, event)
    state.is_open = False
    state.is_completed = True
    history.snapshot = event["snapshot"]


def _take_failed(history: History, event: dict[str, Any], _: bytes) -> None:
    state = _get(history, event)
    state.is_open = False
    state.failures += 1
    state.error = ErrorRecord.model_validate(event["error"])


def _take_resumed(history: History, event: dict[str, Any], _: bytes) -> None:
    history.sessions = event["session"]


def _take_timer(history: History, event: dict[str, Any], _: bytes) -> None:
    state = _get(history, event)
    if state.due_at_epoch_ms is None:
        state.due_at_epoch_ms = event["due_at_epoch_ms"]


def _take_child(history: History, event: dict[str, Any], _: bytes) -> None:
    _get(history, event).child = event["run"]


def _take_signal(history: History, event: dict[str, Any], _: bytes) -> None:
    history.signals_taken.add(event["position"])


def _take_cancellation(history: History, event: dict[str, Any], _: bytes) -> None:
    history.cancellation = event["reason"]


def _take_resolved(history: History, event: dict[str, Any], attachment: bytes) -> None:
    state = _get(history, event)
    match event["decision"]:
        case "done":
            (digest,) = event["fact"]
            if state.fact is None:
                state.fact, state.content = digest, attachment
        case "retry":
            state.is_retry_allowed = True
        case _:
            state.is_open = False
            state.failures += 1
            state.error = build_resolved_error(event["reason"])


_TAKE: Final = {
    "StateEntered": _take_entered,
    "fact_recorded": _take_fact,
    "StateCompleted": _take_completed,
    "StateFailed": _take_failed,
    "run_resumed": _take_resumed,
    "timer_set": _take_timer,
    "child_run_spawned": _take_child,
    "signal_received": _take_signal,
    "cancel_requested": _take_cancellation,
    "attempt_resolved": _take_resolved,
}


def build_resolved_error(reason: str) -> ErrorRecord:
    """The failure of an attempt that a person has found to have failed."""
    return ErrorRecord(code=E_RESOLVED_FAILED.number, fields={"reason": reason})
