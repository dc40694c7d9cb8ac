"""One run, summed up: what it was started with, how it stands, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.store import E_RUN_UNKNOWN
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.document import Document
from opforge_ir.events import (
    CancelRequested,
    Envelope,
    Manifest,
    Output,
    RunCompleted,
    RunForked,
    RunResumed,
    RunStarted,
)
from opforge_ir.ids import RunId
from opforge_runtime.failures import build_diagnostic
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import ENDED, RunFilter, RunRecord, RunStatus, Store

__all__ = [
    "RunSummary",
    "get_document",
    "get_record",
    "get_run",
    "list_runs",
    "read_events",
]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What is known of one run."""

    record: RunRecord
    """What the store keeps beside the events."""
    status: RunStatus
    """As the events say, where they say it: a run is over when its last event says so."""
    sessions: int
    inputs: dict[str, JsonValue]
    """Stored values by parameter name."""
    output: Output | None
    """What a completed run returned."""
    error: Diagnostic | None
    """Why a run failed or was cancelled; `locate_error` says where."""
    cancel_reason: str | None
    """Why it was asked to end, once a driver has taken that in."""
    forked_from: tuple[RunId, int] | None
    """The run that its beginning was taken over from, and up to which event."""
    last_change_epoch_ms: int
    """When it came to stand as it does."""

    @property
    def run(self) -> RunId:
        """Its id."""
        return self.record.run


def list_runs(store: Store, which: RunFilter | None = None) -> list[RunRecord]:
    """Runs as the store keeps them beside their events, the oldest first."""
    return store.list_runs(RunFilter() if which is None else which)


def get_record(store: Store, run: RunId) -> RunRecord:
    """What a store keeps beside the events of a run. Raises DiagnosticError (E_RUN_UNKNOWN)."""
    record = store.get_run(run)
    if record is None:
        raise E_RUN_UNKNOWN.error(run=run)
    return record


def get_run(store: Store, run: RunId) -> RunSummary:
    """One run. Raises DiagnosticError (E_RUN_UNKNOWN), and what a corrupt event or artifact raises."""
    return summarize(store, get_record(store, run), read_run(store, run))


def summarize(store: Store, record: RunRecord, events: list[RecordedEvent]) -> RunSummary:
    """A run of which these are the verified events. Raises what a corrupt artifact raises."""
    start, end = events[0].envelope.event, events[-1].envelope.event
    assert isinstance(start, RunStarted)
    manifest = read_artifact(store, start.manifest, Manifest)
    ended = end if isinstance(end, RunCompleted) else None
    sessions, cancel_reason, forked_from = 1, None, None
    for recorded in events:
        match recorded.envelope.event:
            case RunResumed(session=session):
                sessions = session
            case CancelRequested(reason=reason):
                cancel_reason = reason
            case RunForked(run=origin, seq=seq):
                forked_from = RunId(origin), seq
            case _:
                pass
    return RunSummary(
        record=record,
        status=_choose_status(record, ended),
        sessions=sessions,
        inputs=manifest.inputs,
        output=read_artifact(store, ended.output[0], Output) if ended and ended.output else None,
        error=build_diagnostic(ended.error[0]) if ended and ended.error else None,
        cancel_reason=cancel_reason,
        forked_from=forked_from,
        last_change_epoch_ms=events[-1].recorded_at_epoch_ms,
    )


def _choose_status(record: RunRecord, ended: RunCompleted | None) -> RunStatus:
    if ended is not None:
        return ended.outcome
    return "running" if record.standing.status in ENDED else record.standing.status


def read_events(store: Store, run: RunId) -> list[tuple[Envelope, int]]:
    """The events of a run, verified, each with the time of its recording in milliseconds."""
    return [(event.envelope, event.recorded_at_epoch_ms) for event in read_run(store, run)]


def get_document(store: Store, run: RunId) -> Document:
    """The document that a run began with.

    Raises DiagnosticError: E_RUN_UNKNOWN, and what a corrupt artifact raises.

    It was validated when the run began. Its digest and shape are checked again, its meaning is not: a
    validator that has become stricter must not strand a run.
    """
    return read_artifact(store, get_record(store, run).opening.ir, Document)
