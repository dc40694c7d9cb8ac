"""What the commands answer with `--json`: the member `result` of the envelope, for each command.

A result is null when a command found nothing but problems. Members are only ever added.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from opforge_ir.diagnostics import Severity
from opforge_ir.events import DigestText, RunIdText

__all__ = ["RESULTS"]

_Status = Literal[
    "queued", "running", "sleeping", "waiting", "needs_resolution", "completed", "failed", "cancelled"
]
_Kind = Literal[
    "queued", "driven", "interrupted", "sleeping", "waiting", "in_doubt", "completed", "failed", "cancelled"
]
_EpochMs = Annotated[int, Field(ge=0)]
_Count = Annotated[int, Field(ge=0)]
_CodeText = Annotated[str, Field(pattern=r"^E[0-9]{4}$")]


class Result(BaseModel):
    """What all of them share."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class EmitResult(Result):
    """A program as its IR."""

    digest: DigestText
    document: JsonValue
    source_map: JsonValue
    """Where in the source each part of the document came from."""


class ValidateResult(Result):
    """Whether a program or document is right."""

    source: Literal["program", "document"]
    valid: bool
    digest: DigestText | None
    """Null when there is no document."""


class ShowResult(Result):
    """A program in the form that was asked for."""

    digest: DigestText
    text: str


class FmtResult(Result):
    """A JSON document."""

    digest: DigestText
    document: JsonValue


class ExplainResult(Result):
    """What a code means."""

    code: _CodeText
    name: str
    severity: Severity
    page: str
    """Markdown."""


class SchemasResult(Result):
    """The names of the published schemas."""

    schemas: list[str]


class TypedValue(Result):
    """A value of the language in stored form."""

    type: str
    value: JsonValue


class RunResult(Result):
    """How a session left its run."""

    run: RunIdText
    outcome: Literal["completed", "failed", "cancelled", "sleeping", "waiting", "needs_resolution"]
    output: TypedValue | None
    """What a completed run returned."""
    snapshot: DigestText
    events: _Count
    store: str
    """Where it is kept; without user and password."""
    commands: list[str]
    """What moves a run that is not over."""


class QueuedResult(Result):
    """A run that was only recorded."""

    run: RunIdText
    outcome: Literal["queued"]
    store: str
    """Where it is kept; without user and password."""
    commands: list[str]


class ReplayResult(Result):
    """What a replay derived again and found equal."""

    run: RunIdText
    equal: Literal[True]
    events: _Count
    artifacts: _Count
    sessions: _Count
    finished: bool
    """Whether the run was over."""


class CaseDifference(Result):
    """What of a case was not as expected."""

    part: str
    expected: str
    found: str


class CaseResult(Result):
    """One case of a fixture."""

    name: str
    op: str
    outcome: Literal["passed", "failed", "updated"]
    differences: list[CaseDifference]


class FixtureResult(Result):
    """The cases of one file."""

    path: str
    program: str | None
    cases: list[CaseResult]


class FixturesResult(Result):
    """The cases that were run."""

    files: list[FixtureResult]
    passed: _Count
    failed: _Count
    updated: _Count


class ConditionResult(Result):
    """How a run stands, and what moves it."""

    kind: _Kind
    since_epoch_ms: _EpochMs
    until_epoch_ms: _EpochMs | None
    """When it is due, or when the lease of its driver ends."""
    holder: str
    """Who drives it; empty for nobody."""
    commands: list[str]
    """What moves it; empty where nothing is to be done."""


class WaitResult(Result):
    """One thing that a run waits for."""

    kind: Literal["time", "signal", "run", "person"]
    name: str
    """The signal, the run, or the verb that a person has to look after."""
    type: str
    """The type of what it is given."""
    state: str
    instance: str
    attempt: int
    since_epoch_ms: _EpochMs
    until_epoch_ms: _EpochMs | None
    commands: list[str]
    arguments: dict[str, JsonValue] | None
    """What a person's side effect was asked with, as stored values."""
    source: str
    """`file:line  text` of the author, where it is known."""


class DetailedConditionResult(ConditionResult):
    """The same, with what it waits for."""

    waits: list[WaitResult]


class ListedRun(Result):
    """A run of a list."""

    run: RunIdText
    workload: str
    version: str
    op: str
    ir: DigestText
    parent: RunIdText | None
    """The run that started it."""
    status: _Status
    started_at_epoch_ms: _EpochMs
    last_event_at_epoch_ms: _EpochMs
    events: _Count
    condition: ConditionResult


class ListResult(Result):
    """Runs, the oldest first."""

    runs: list[ListedRun]


class ResolutionResult(Result):
    """What a person has found out about an attempt."""

    decision: Literal["done", "retry", "failed"]
    reason: str


class AttemptResult(Result):
    """One attempt of a state."""

    state: str
    instance: str
    attempt: int
    session: int
    verb: str | None
    status: Literal["completed", "failed", "open"]
    entered_at_epoch_ms: _EpochMs
    duration_ms: int | None
    due_at_epoch_ms: _EpochMs | None
    """When its wait is over at the latest."""
    child: RunIdText | None
    value: str
    """The answer as JSON, shortened; empty where there is none."""
    error: _CodeText | None
    resolution: ResolutionResult | None
    source: str


class ForkOrigin(Result):
    """Where the beginning of a run was taken over from."""

    run: RunIdText
    seq: int


class ShownRun(Result):
    """One run, as its events say."""

    run: RunIdText
    workload: str
    version: str
    op: str
    ir: DigestText
    parent: RunIdText | None
    status: _Status
    started_at_epoch_ms: _EpochMs
    last_event_at_epoch_ms: _EpochMs
    events: _Count
    sessions: _Count
    inputs: dict[str, JsonValue]
    """Stored values by parameter."""
    output: TypedValue | None
    error: _CodeText | None
    cancel_reason: str | None
    forked_from: ForkOrigin | None
    condition: DetailedConditionResult
    states: list[AttemptResult]


class RecordedEventResult(Result):
    """An event, and when it was recorded."""

    recorded_at_epoch_ms: _EpochMs
    envelope: JsonValue
    """As it is stored: `events.schema.json`."""


class EventsResult(Result):
    """The events of a run."""

    run: RunIdText
    events: list[RecordedEventResult]


class TreeResult(ListedRun):
    """A run with those that it has started."""

    state: str
    """Where the run above has started it."""
    instance: str
    children: list[TreeResult]
    cut: bool
    """Whether there are more children than are shown."""


class InputDifference(Result):
    """A parameter that two runs were given differently; empty for not at all."""

    name: str
    left: str
    right: str


class StateDifferenceResult(Result):
    """A state of which two runs have different answers; empty for none."""

    kind: Literal["missing", "asked", "answered"]
    state: str
    instance: str
    left: str
    right: str


class DiffResult(Result):
    """Two runs side by side."""

    left: RunIdText
    right: RunIdText
    same_program: bool
    same_op: bool
    same_ending: bool
    inputs: list[InputDifference]
    equal_states: _Count
    states: list[StateDifferenceResult]
    """The first is where the runs part."""


class MessageResult(Result):
    """A message that was left for a run."""

    run: RunIdText
    id: str
    position: int
    holder: str
    """Who drives the run and will see it; empty for nobody."""
    commands: list[str]


class ResolveResult(Result):
    """A decision that was recorded."""

    run: RunIdText
    state: str
    instance: str
    decision: Literal["done", "retry", "failed"]
    commands: list[str]


class ForkResult(Result):
    """A run that was begun with the beginning of another one."""

    run: RunIdText
    origin: RunIdText
    seq: int
    states: _Count
    """How many were taken over."""
    commands: list[str]


class StuckResult(Result):
    """A run that does not go on by itself."""

    run: RunIdText
    kind: _Kind
    since_epoch_ms: _EpochMs
    commands: list[str]


class CheckResult(Result):
    """One thing that was looked at."""

    name: str
    well: bool
    text: str
    codes: list[_CodeText]
    stuck: list[StuckResult]


class DoctorResult(Result):
    """Whether everything is well."""

    checks: list[CheckResult]


class SessionCount(Result):
    """How many sessions ended so."""

    outcome: Literal["completed", "failed", "cancelled", "queued", "sleeping", "waiting", "needs_resolution"]
    count: _Count


class WorkerResult(Result):
    """What a worker has driven."""

    sessions: list[SessionCount]
    """A run that waits in between has several."""


class VerifiedRun(Result):
    """What was looked at of one run."""

    run: RunIdText
    events: _Count
    digests: _Count
    """How many facts, artifacts and snapshots its events name."""
    codes: list[_CodeText]
    """One for each violation; the diagnostics say more."""


class VerifyResult(Result):
    """Whether what a store holds is what was recorded."""

    runs: list[VerifiedRun]
    unnamed: _Count
    """How many artifacts no run names; 0 when one run was asked for."""
    well: bool
    """Whether no violation was found."""


class GcResult(Result):
    """What was removed, or would be."""

    runs: _Count
    artifacts: _Count
    """How many there were."""
    removed: list[DigestText]
    freed_bytes: _Count
    young: _Count
    """How many no run names that were left because they are young."""
    dry_run: bool


class ExportResult(Result):
    """A file that holds a run."""

    run: RunIdText
    path: str
    bytes: _Count


class ImportedRun(Result):
    """What became of one run of a file."""

    run: RunIdText
    events: _Count
    stored: _Count
    """How many of them were not in the store before."""
    commands: list[str]
    """What moves it, when it is not over."""


class ImportResult(Result):
    """The runs of a file that are in the store now."""

    runs: list[ImportedRun]


RESULTS: Final[dict[str, tuple[type[Result], ...]]] = {
    "emit": (EmitResult,),
    "validate": (ValidateResult,),
    "show": (ShowResult,),
    "fmt": (FmtResult,),
    "explain": (ExplainResult,),
    "schema": (SchemasResult,),
    "run": (RunResult, QueuedResult),
    "resume": (RunResult,),
    "replay": (ReplayResult,),
    "test": (FixturesResult,),
    "signal": (MessageResult,),
    "resolve": (ResolveResult,),
    "fork": (ForkResult,),
    "worker": (WorkerResult,),
    "doctor": (DoctorResult,),
    "verify": (VerifyResult,),
    "gc": (GcResult,),
    "runs list": (ListResult,),
    "runs show": (ShownRun,),
    "runs events": (EventsResult,),
    "runs tree": (TreeResult,),
    "runs diff": (DiffResult,),
    "runs cancel": (MessageResult,),
    "runs export": (ExportResult,),
    "runs import": (ImportResult,),
}
"""The shapes of each command's result. `schema NAME` answers with the schema itself."""
