"""What a run waits for, and the exact command that lets it go on.

A run is never unstuck by removing something: each condition names a command that adds to its history.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from opforge_ir.diagnostics import JsonPointer
from opforge_ir.ids import RunId
from opforge_runtime.leases import is_gone
from opforge_runtime.stores.protocol import ENDED, RunRecord, RunStatus

if TYPE_CHECKING:
    from opforge_runtime.queries.timeline import TimelineEntry

__all__ = ["Condition", "ConditionKind", "Wait", "WaitKind", "describe_record", "describe_run", "is_in_doubt"]

ConditionKind = Literal[
    "queued", "driven", "interrupted", "sleeping", "waiting", "in_doubt", "completed", "failed", "cancelled"
]
"""`driven`: somebody holds its lease. `interrupted`: its driver went away. `in_doubt`: a person has to find
out what became of a side effect."""

WaitKind = Literal["time", "signal", "run", "person"]

_WAITS: Final[dict[str, WaitKind]] = {
    "time.sleep": "time",
    "time.until": "time",
    "signal.wait": "signal",
    "run.child": "run",
}
"""What each verb that waits waits for."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that a run waits for."""

    kind: WaitKind
    state: str
    instance: str
    attempt: int
    pointer: JsonPointer | None
    since_epoch_ms: int
    until_epoch_ms: int | None
    """When it is over at the latest; None for never."""
    name: str
    """The signal's name, the run's id, or the verb that a person has to look after."""
    type: str
    """The type of what it is given."""
    commands: tuple[str, ...]
    """What ends it; empty where nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a run stands and what moves it."""

    kind: ConditionKind
    since_epoch_ms: int
    until_epoch_ms: int | None
    """When it is due, or its lease expires."""
    holder: str
    """Who drives it; empty where nobody does."""
    waits: tuple[Wait, ...]
    """Everything it waits for, as far as the events were read."""
    commands: tuple[str, ...]
    """What moves it; empty where nothing is to be done."""


def describe_record(record: RunRecord, now_epoch_ms: int) -> Condition:
    """How a run stands by what the store keeps beside its events.

    A lease of a process of this machine that is gone counts as none.
    """
    return _describe(record, record.standing.status, (), now_epoch_ms)


def describe_run(
    record: RunRecord, status: RunStatus, timeline: Sequence[TimelineEntry], now_epoch_ms: int
) -> Condition:
    """How a run stands by its events. `status` is what they say."""
    waits = tuple(
        wait
        for wait in _find_waits(record.run, timeline)
        # Before a session has stopped there, it may be on its way, or be one that a key lets be repeated.
        if wait.kind != "person" or status == "needs_resolution"
    )
    if status in ENDED:
        waits = ()
    return _describe(record, status, waits, now_epoch_ms)


def is_in_doubt(entry: TimelineEntry) -> bool:
    """Whether a side effect that may not be repeated was begun, and nothing is known of its outcome."""
    return (
        entry.status == "open"
        and not entry.has_fact
        and entry.resolution is None
        and entry.verb is not None
        and entry.verb.effect == "side_effect"
        and not entry.verb.is_idempotent
    )


def _describe(record: RunRecord, status: RunStatus, waits: tuple[Wait, ...], now_epoch_ms: int) -> Condition:
    lease = record.lease
    is_held = lease is not None and lease.expires_at_epoch_ms > now_epoch_ms and not is_gone(lease.owner)
    kind, commands = _choose(record.run, status, waits, is_held=is_held)
    until = record.standing.due_at_epoch_ms
    if kind == "driven":
        until = None if lease is None else lease.expires_at_epoch_ms
    return Condition(
        kind=kind,
        since_epoch_ms=record.last_event_at_epoch_ms,
        until_epoch_ms=None if status in ENDED else until,
        holder="" if lease is None or kind != "driven" else lease.owner,
        waits=waits,
        commands=commands,
    )


def _choose(
    run: RunId, status: RunStatus, waits: Sequence[Wait], *, is_held: bool
) -> tuple[ConditionKind, tuple[str, ...]]:
    resume, show = f"forge resume {run}", f"forge runs show {run}"
    answers = tuple(command for wait in waits for command in wait.commands)
    if is_held and status not in ENDED:
        return "driven", answers
    match status:
        case "queued":
            return "queued", (resume,)
        case "running":
            return "interrupted", (resume,)
        case "sleeping":
            return "sleeping", (*answers, resume)
        case "waiting":
            return "waiting", answers or (show,)
        case "needs_resolution":
            return "in_doubt", answers or (show,)
        case "completed" | "failed" | "cancelled":
            return status, ()


def _find_waits(run: RunId, timeline: Sequence[TimelineEntry]) -> list[Wait]:
    last = {(entry.state, entry.instance): entry for entry in timeline}
    found: list[Wait] = []
    for entry in last.values():
        if entry.status != "open" or entry.has_fact or entry.verb is None:
            continue
        kind = "person" if is_in_doubt(entry) else _WAITS.get(entry.verb.name)
        if kind is not None:
            name, commands = _name_wait(run, entry, kind)
            found.append(
                Wait(
                    kind=kind,
                    state=entry.state,
                    instance=entry.instance,
                    attempt=entry.attempt,
                    pointer=entry.pointer,
                    since_epoch_ms=entry.entered_at_epoch_ms,
                    until_epoch_ms=entry.due_at_epoch_ms,
                    name=name,
                    type=entry.type,
                    commands=commands,
                )
            )
    return found


def _name_wait(run: RunId, entry: TimelineEntry, kind: WaitKind) -> tuple[str, tuple[str, ...]]:
    match kind:
        case "signal":
            name = entry.static.get("name", "")
            return name, (f"forge signal {run} {shlex.quote(name)} --value {_value_for(entry.type)}",)
        case "run":
            child = entry.child
            return (child or "", () if child is None else (f"forge runs show {child}",))
        case "person":
            assert entry.verb is not None
            place = shlex.quote(f"{entry.state}@{entry.instance}" if entry.instance else entry.state)
            begin, value = f"forge resolve {run} {place} --as", _value_for(entry.type)
            return entry.verb.name, (
                f'{begin} done --value {value} --because "…"',
                f'{begin} retry --because "…"',
                f'{begin} failed --because "…"',
            )
        case "time":
            return "", ()


def _value_for(kind: str) -> str:
    """The word of a command that stands for a value of this type: exact where there is only one."""
    return "null" if kind == "None" else "'…'"
