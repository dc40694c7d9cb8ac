"""What a run leaves behind: events in hash-linked envelopes, and the artifacts they name.

An event stream is append-only. Kernel events (capital names) advance a run; domain events (lower
case) record what happened inside an attempt. Everything here can be derived again from the IR, the
manifest and the facts, so nothing here holds a time, a host name or an endpoint: when an event was
stored is kept beside the envelope by the store and is not part of its digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypeAliasType

if TYPE_CHECKING:  # one type for checkers; pydantic's own is what it can build a schema of
    from opforge_ir.canonical import JsonValue
else:
    from pydantic import JsonValue

__all__ = [
    "GENESIS",
    "AttemptResolved",
    "CancelRequested",
    "ChildRunCompleted",
    "ChildRunSpawned",
    "Envelope",
    "ErrorRecord",
    "Event",
    "EventEmitted",
    "Fact",
    "FactRecorded",
    "Manifest",
    "Output",
    "Provenance",
    "RunCompleted",
    "RunConfiguration",
    "RunConfiguration1",
    "RunForked",
    "RunResumed",
    "RunStarted",
    "SignalReceived",
    "Snapshot",
    "StateCompleted",
    "StateEntered",
    "StateFailed",
    "TimerSet",
]

DigestText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
RunIdText = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$")]
MAX_EPOCH_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""
GENESIS = "0" * 64
"""What the first envelope of a run names as the one before it."""


class Record(BaseModel):
    """What all stored models share."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ErrorRecord(Record):
    """A failure as it is stored: the code and its typed fields, never text of a library or provider."""

    code: Annotated[str, StringConstraints(pattern=r"^E[0-9]{4}$")]
    fields: dict[str, str | int]


class RunStarted(Record):
    """The first event: which op of which program, with which inputs and configuration."""

    type: Literal["RunStarted"]
    op: str
    manifest: DigestText
    snapshot: DigestText
    """The initial snapshot."""


class RunResumed(Record):
    """A driver took the run up again; states entered before and not completed are orphaned attempts."""

    type: Literal["run_resumed"]
    session: int = Field(ge=2)
    """How many drivers the run has had, this one included."""


class StateEntered(Record):
    """An attempt of an effect begins."""

    type: Literal["StateEntered"]
    state: str
    instance: str
    """Which execution of the state: `/`-joined frames, empty at the top.

    An iteration is `balances[3]`; a call is the path of its node in the caller, `if-low.call-fetch`.
    """
    attempt: int = Field(ge=1)
    base: DigestText
    """The snapshot that the attempt begins from."""


class FactRecorded(Record):
    """The result from outside, by digest. The first durable one of a state and instance is its value."""

    type: Literal["fact_recorded"]
    state: str
    instance: str
    fact: DigestText


class StateCompleted(Record):
    """The attempt ended well; only this advances the run."""

    type: Literal["StateCompleted"]
    state: str
    instance: str
    attempt: int = Field(ge=1)
    snapshot: DigestText


class StateFailed(Record):
    """The attempt ended with an error."""

    type: Literal["StateFailed"]
    state: str
    instance: str
    attempt: int = Field(ge=1)
    error: ErrorRecord


class TimerSet(Record):
    """When a wait is over at the latest; the first one of a state and instance holds for all its attempts."""

    type: Literal["timer_set"]
    state: str
    instance: str
    due_at_epoch_ms: int = Field(ge=0, le=MAX_EPOCH_MS)


class SignalReceived(Record):
    """Which message of the run's inbox a wait has taken; a message is taken once."""

    type: Literal["signal_received"]
    state: str
    instance: str
    position: int = Field(ge=1)


class ChildRunSpawned(Record):
    """An attempt starts a run of its own, or attaches to it: its id follows from state and instance."""

    type: Literal["child_run_spawned"]
    state: str
    instance: str
    run: RunIdText


class ChildRunCompleted(Record):
    """The child run is over."""

    type: Literal["child_run_completed"]
    state: str
    instance: str
    run: RunIdText
    outcome: Literal["completed", "failed", "cancelled"]


class EventEmitted(Record):
    """An event of the author's own; its value is the argument that the fact's request digests."""

    type: Literal["event_emitted"]
    state: str
    instance: str
    name: str
    value: JsonValue
    """The stored value."""


class CancelRequested(Record):
    """Somebody asked that the run ends; what follows are compensations and the end."""

    type: Literal["cancel_requested"]
    reason: str


class AttemptResolved(Record):
    """A person has found out what became of an attempt whose outcome was not known.

    `done` names the fact that was recorded for it, `retry` lets another attempt be made, `failed` lets the
    attempt have failed. It is an input from outside of any session: a replay copies it.
    """

    type: Literal["attempt_resolved"]
    state: str
    instance: str
    attempt: int = Field(ge=1)
    decision: Literal["done", "retry", "failed"]
    reason: str
    fact: list[DigestText] = Field(max_length=1)


class RunForked(Record):
    """What stands before was taken over from another run, up to an event of it."""

    type: Literal["run_forked"]
    run: RunIdText
    seq: int = Field(ge=1)
    digest: DigestText
    """The digest of that event's envelope."""


class RunCompleted(Record):
    """The last event. `output` holds one digest when the run completed, `error` one error when it failed."""

    type: Literal["RunCompleted"]
    outcome: Literal["completed", "failed", "cancelled"]
    snapshot: DigestText
    output: list[DigestText] = Field(max_length=1)
    error: list[ErrorRecord] = Field(max_length=1)


Event = TypeAliasType(
    "Event",
    Annotated[
        RunStarted
        | RunResumed
        | StateEntered
        | FactRecorded
        | StateCompleted
        | StateFailed
        | TimerSet
        | SignalReceived
        | ChildRunSpawned
        | ChildRunCompleted
        | EventEmitted
        | CancelRequested
        | AttemptResolved
        | RunForked
        | RunCompleted,
        Field(discriminator="type"),
    ],
)


class Envelope(Record):
    """One event in its place: run, position from 1, and the digest of the envelope before it."""

    artifact: Literal["event"]
    run: RunIdText
    seq: int = Field(ge=1)
    previous: DigestText
    event: Event


class RunConfiguration1(Record):
    """The configuration of the runs of opforge 0.1: no orphaned attempt was closed, and no budget was set."""

    batch_size: int = Field(ge=1, le=10_000)


class RunConfiguration(Record):
    """What the operator chose that shapes the event stream, or ends the run."""

    format: Literal[2]
    """How the stream is written: an orphaned attempt is closed before the next one of its state begins."""
    batch_size: int = Field(ge=1, le=10_000)
    """The most requests of one kind that travel, and commit, together."""
    profile: Literal["minimal", "normal", "verbose"]
    """Which domain events are recorded beside facts: none, those of children and authors, all."""
    skip: list[str]
    """Tags: effects that carry one are not made, and answered with a stand-in. A dry run skips
    `apply_side_effect`, which every verb that changes something carries."""
    max_steps: int = Field(ge=1)
    """Nodes that one session executes."""
    max_events: int = Field(ge=1)
    """Events of the run."""
    max_fact_bytes: int = Field(ge=1)
    """Canonical bytes of one fact."""


class Provenance(Record):
    """Where the program came from, as far as it is known; empty strings where it is not."""

    opforge_version: str
    git_commit: str


class Manifest(Record):
    """What a run was started with."""

    artifact: Literal["manifest"]
    ir: DigestText
    op: str
    inputs: dict[str, JsonValue]
    """Stored values by parameter name."""
    configuration: RunConfiguration | RunConfiguration1
    provenance: Provenance


class Snapshot(Record):
    """The state of a run after a completed state: a Merkle chain of its facts."""

    artifact: Literal["snapshot"]
    parent: DigestText
    """The snapshot before, or the manifest's digest for the initial one."""
    state: str
    """The state that completed; empty for the initial and the final snapshot."""
    instance: str
    fact: list[DigestText] = Field(max_length=1)
    """The fact of that state."""
    output: list[DigestText] = Field(max_length=1)
    """The op's output, in the final snapshot of a completed run."""


class Fact(Record):
    """One result from outside, with the digest of the request that it answers."""

    artifact: Literal["fact"]
    state: str
    instance: str
    request: DigestText
    """SHA-256 of the canonical request: verb, static arguments and stored argument values."""
    value: JsonValue
    """The stored value of the effect's type."""


class Output(Record):
    """What an op returned."""

    artifact: Literal["output"]
    type: str
    value: JsonValue
