"""What a run did, attempt by attempt: when, for how long, what came of it, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from opforge_ir.capabilities import Verb
from opforge_ir.codes.driving import E_RUN_CANCELLED
from opforge_ir.diagnostics import Diagnostic, JsonPointer
from opforge_ir.events import (
    AttemptResolved,
    ChildRunCompleted,
    ChildRunSpawned,
    EventEmitted,
    Fact,
    FactRecorded,
    RunResumed,
    StateCompleted,
    StateEntered,
    StateFailed,
    TimerSet,
)
from opforge_ir.ids import RunId
from opforge_runtime.failures import build_diagnostic
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.interpreter import EffectSite
from opforge_runtime.queries.shortening import shorten_value
from opforge_runtime.queries.summary import get_record
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import SealedEvent, Store

__all__ = [
    "AttemptStatus",
    "TimelineEntry",
    "build_timeline",
    "get_sites",
    "get_timeline",
    "locate_error",
]

AttemptStatus = Literal["completed", "failed", "open"]
"""`open`: neither of the others was recorded."""


@dataclass(slots=True)
class TimelineEntry:
    """One attempt of a state, in the order in which they began."""

    state: str
    instance: str
    attempt: int
    session: int
    verb: Verb | None
    """None when the document has no such state: it was not the document of this run."""
    static: Mapping[str, str]
    """The arguments of the verb that are fixed in the document."""
    type: str
    """The type of the answer."""
    pointer: JsonPointer | None
    """The node in the document."""
    status: AttemptStatus
    entered_at_epoch_ms: int
    duration_ms: int | None = None
    """From one recording to the other; None for an open attempt."""
    value: str = ""
    """The fact's stored value as JSON, shortened; empty where there is none."""
    has_fact: bool = False
    error: Diagnostic | None = None
    due_at_epoch_ms: int | None = None
    """When its wait is over at the latest."""
    child: RunId | None = None
    """The run that it started or attached to."""
    child_outcome: str = ""
    """How that ended; empty while it has not."""
    resolution: AttemptResolved | None = None
    """What a person has found out about it."""

    @property
    def may_have_happened(self) -> bool:
        """Whether it is a side effect that was under way when its run was cancelled; nobody has looked."""
        return (
            self.error is not None
            and self.error.code is E_RUN_CANCELLED
            and not self.has_fact
            and self.resolution is None
            and self.verb is not None
            and self.verb.effect == "side_effect"
            and not self.verb.is_idempotent
        )


def get_timeline(store: Store, run: RunId) -> list[TimelineEntry]:
    """The attempts of a run. Raises what `get_run` raises."""
    return build_timeline(store, read_run(store, run), get_sites(store, run))


def get_sites(store: Store, run: RunId) -> dict[str, EffectSite]:
    """The effect nodes of a run's document, by state. Raises what `get_document` raises."""
    from opforge_runtime.session import load_program

    program = load_program(store, get_record(store, run).opening.ir)
    return {str(site.state): site for site in program.sites}


def build_timeline(
    store: Store, events: Sequence[RecordedEvent], sites: Mapping[str, EffectSite]
) -> list[TimelineEntry]:
    """The attempts that verified events tell of. Raises what a corrupt artifact raises."""
    return _Timeline(store, sites).build(events)


class _Timeline:
    def __init__(self, store: Store, sites: Mapping[str, EffectSite]) -> None:
        self._store = store
        self._sites = sites
        self._entries: list[TimelineEntry] = []
        self._last: dict[tuple[str, str], TimelineEntry] = {}
        self._session = 1

    def build(self, events: Sequence[RecordedEvent]) -> list[TimelineEntry]:
        for recorded in events:
            event = recorded.envelope.event
            match event:
                case RunResumed():
                    self._session = event.session
                case StateEntered():
                    self._enter(event, recorded.recorded_at_epoch_ms)
                case _:
                    self._note(recorded)
        return self._entries

    def _enter(self, event: StateEntered, at: int) -> None:
        site = self._sites.get(event.state)
        known = self._last.get((event.state, event.instance))
        entry = TimelineEntry(
            state=event.state,
            instance=event.instance,
            attempt=event.attempt,
            session=self._session,
            verb=None if site is None else site.verb,
            static={} if site is None else site.static,
            type="" if site is None else site.type.text,
            pointer=None if site is None else site.pointer,
            status="open",
            entered_at_epoch_ms=at,
        )
        if known is not None:
            # What earlier attempts of the state came to holds for the later ones.
            entry.value, entry.has_fact = known.value, known.has_fact
            entry.due_at_epoch_ms, entry.child = known.due_at_epoch_ms, known.child
            entry.child_outcome = known.child_outcome
        self._last[event.state, event.instance] = entry
        self._entries.append(entry)

    def _note(self, recorded: RecordedEvent) -> None:
        event, at = recorded.envelope.event, recorded.recorded_at_epoch_ms
        key = getattr(event, "state", ""), getattr(event, "instance", "")
        entry = self._last.get(key)
        if entry is None:
            return
        match event:
            case FactRecorded(fact=fact):
                self._take_fact(entry, recorded.sealed, fact)
            case AttemptResolved(fact=facts):
                entry.resolution = event
                for fact in facts:
                    self._take_fact(entry, recorded.sealed, fact)
            case TimerSet(due_at_epoch_ms=due):
                entry.due_at_epoch_ms = due if entry.due_at_epoch_ms is None else entry.due_at_epoch_ms
            case ChildRunSpawned(run=run):
                entry.child = RunId(run)
            case ChildRunCompleted(outcome=outcome):
                entry.child_outcome = outcome
            case EventEmitted(name=name, value=value):
                entry.value = shorten_value({name: value})
            case StateCompleted() | StateFailed():
                entry.duration_ms = at - entry.entered_at_epoch_ms
                entry.status = "completed" if isinstance(event, StateCompleted) else "failed"
                if isinstance(event, StateFailed):
                    entry.error = build_diagnostic(event.error, entry.pointer)
            case _:
                pass

    def _take_fact(self, entry: TimelineEntry, sealed: SealedEvent, digest: str) -> None:
        if not entry.has_fact:
            fact = read_artifact(self._store, digest, Fact, sealed.attachment)
            entry.value, entry.has_fact = shorten_value(fact.value), True


def locate_error(error: Diagnostic, timeline: Sequence[TimelineEntry]) -> Diagnostic:
    """The error that a run ended with, at the node of the last attempt that had it, if there is one."""
    found = [
        entry.error
        for entry in timeline
        if entry.error is not None and (entry.error.code, entry.error.values) == (error.code, error.values)
    ]
    return found[-1] if found else error
