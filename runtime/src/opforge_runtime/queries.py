"""What people ask about runs. Everything is read and verified; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes import load_registry
from opforge_ir.diagnostics import Diagnostic, JsonPointer
from opforge_ir.digest import Digest
from opforge_ir.document import Document
from opforge_ir.events import (
    Envelope,
    ErrorRecord,
    Fact,
    FactRecorded,
    Manifest,
    Output,
    RunCompleted,
    RunResumed,
    RunStarted,
    StateCompleted,
    StateEntered,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import Store

__all__ = [
    "RunSummary",
    "TimelineEntry",
    "build_diagnostic",
    "get_document",
    "get_run",
    "get_timeline",
    "list_runs",
    "read_events",
]

_MAX_SHOWN_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run in a list."""

    run: RunId
    workload: str
    version: str
    """The workload's version."""
    op: str
    status: str
    """`completed`, `failed`, `cancelled`, or `unfinished`."""
    started_at_epoch_ms: int
    last_event_at_epoch_ms: int
    events: int
    sessions: int
    ir: Digest
    inputs: dict[str, JsonValue]
    """Stored values by parameter name."""
    output: Output | None
    """What a completed run returned."""
    error: Diagnostic | None
    """Why a failed run failed."""


@dataclass(slots=True)
class TimelineEntry:
    """One attempt of a state, in the order in which they began."""

    state: str
    instance: str
    attempt: int
    session: int
    status: str
    """`completed`, `failed`, or `open`: neither of them was recorded."""
    entered_at_epoch_ms: int
    duration_ms: int | None
    """From one recording to the other; None for an open attempt."""
    value: str
    """The fact's stored value as JSON, shortened; empty where there is none."""
    error: Diagnostic | None
    pointer: JsonPointer | None
    """The node in the document."""


def list_runs(store: Store) -> list[RunSummary]:
    """All runs of a store, the oldest first. Raises DiagnosticError as `read_run` does."""
    return [get_run(store, record.run) for record in store.list_runs()]


def get_run(store: Store, run: RunId) -> RunSummary:
    """One run. Raises DiagnosticError (E_RUN_UNKNOWN), and what a corrupt event or artifact raises."""
    events = read_run(store, run)
    first, last = events[0], events[-1]
    start, end = first.envelope.event, last.envelope.event
    assert isinstance(start, RunStarted)
    ended = end if isinstance(end, RunCompleted) else None
    manifest = read_artifact(store, start.manifest, Manifest)
    workload, version = _read_head(store, manifest.ir)
    output = read_artifact(store, ended.output[0], Output) if ended and ended.output else None
    return RunSummary(
        run=run,
        workload=workload,
        version=version,
        op=start.op,
        status=ended.outcome if ended else "unfinished",
        started_at_epoch_ms=first.recorded_at_epoch_ms,
        last_event_at_epoch_ms=last.recorded_at_epoch_ms,
        events=len(events),
        sessions=1 + sum(isinstance(e.envelope.event, RunResumed) for e in events),
        ir=Digest(manifest.ir),
        inputs=manifest.inputs,
        output=output,
        error=build_diagnostic(ended.error[0]) if ended and ended.error else None,
    )


def read_events(store: Store, run: RunId) -> list[tuple[Envelope, int]]:
    """The events of a run, verified, each with the time of its recording in milliseconds."""
    return [(event.envelope, event.recorded_at_epoch_ms) for event in read_run(store, run)]


def get_document(store: Store, run: RunId) -> Document:
    """The document that a run began with. Raises what `get_run` raises.

    It was validated when the run began. Its digest and shape are checked again, its meaning is not: a
    validator that has become stricter must not strand a run.
    """
    return read_artifact(store, get_run(store, run).ir, Document)


def get_timeline(store: Store, run: RunId) -> list[TimelineEntry]:
    """The attempts of a run. Raises what `get_run` raises."""
    from opforge_runtime.session import load_program

    events = read_run(store, run)
    start = events[0].envelope.event
    assert isinstance(start, RunStarted)
    program = load_program(store, read_artifact(store, start.manifest, Manifest).ir)
    pointers = {str(site.state): site.pointer for site in program.sites}
    return _build_timeline(store, events, pointers)


def build_diagnostic(record: ErrorRecord, pointer: JsonPointer | None = None) -> Diagnostic:
    """A recorded error as it is shown."""
    return Diagnostic(load_registry()[record.code], dict(record.fields), pointer=pointer)


def _build_timeline(
    store: Store, events: list[RecordedEvent], pointers: dict[str, JsonPointer]
) -> list[TimelineEntry]:
    entries: list[TimelineEntry] = []
    last: dict[tuple[str, str], TimelineEntry] = {}
    session = 1
    for recorded in events:
        event, at = recorded.envelope.event, recorded.recorded_at_epoch_ms
        match event:
            case RunResumed():
                session = event.session
            case StateEntered():
                known = last.get((event.state, event.instance))
                entry = TimelineEntry(
                    state=event.state,
                    instance=event.instance,
                    attempt=event.attempt,
                    session=session,
                    status="open",
                    entered_at_epoch_ms=at,
                    duration_ms=None,
                    value=known.value if known else "",
                    error=None,
                    pointer=pointers.get(event.state),
                )
                last[event.state, event.instance] = entry
                entries.append(entry)
            case FactRecorded():
                content = recorded.sealed.attachment
                fact = (
                    Fact.model_validate_json(content) if content else read_artifact(store, event.fact, Fact)
                )
                last[event.state, event.instance].value = _shorten(fact.value)
            case StateCompleted() | StateFailed():
                entry = last[event.state, event.instance]
                entry.duration_ms = at - entry.entered_at_epoch_ms
                entry.status = "completed" if isinstance(event, StateCompleted) else "failed"
                if isinstance(event, StateFailed):
                    entry.error = build_diagnostic(event.error, entry.pointer)
            case _:
                pass
    return entries


def _shorten(value: JsonValue) -> str:
    text = canonical_bytes(value).decode()
    return text if len(text) <= _MAX_SHOWN_LENGTH else text[: _MAX_SHOWN_LENGTH - 1] + "…"


def _read_head(store: Store, ir: str) -> tuple[str, str]:
    """Id and version of a workload, without compiling it."""
    document = read_json(store.get_artifact(Digest(ir)))
    assert isinstance(document, dict)
    head = cast("dict[str, str]", document["workload"])
    return head["id"], head["version"]
