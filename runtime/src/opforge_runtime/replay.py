"""Replay: the live engine, run again with the recorded facts as its only source of answers.

Session by session as they were recorded, against a store in memory. Every event and every artifact that
comes of it must be the recorded one, byte for byte; nothing is read from the network, the clock or chance.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from opforge_ir.codes import load_registry
from opforge_ir.codes.store import E_FACT_MISSING, E_REPLAY_DIFFERS
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import Policy
from opforge_ir.events import (
    GENESIS,
    AttemptResolved,
    CancelRequested,
    ChildRunCompleted,
    Envelope,
    ErrorRecord,
    Event,
    Fact,
    FactRecorded,
    Manifest,
    RunConfiguration,
    RunForked,
    RunResumed,
    RunStarted,
    SignalReceived,
    StateEntered,
    StateFailed,
    TimerSet,
)
from opforge_ir.ids import RunId
from opforge_ir.values import ValueCodec
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.forking import find_foreign
from opforge_runtime.history import History, RecordedEvent, build_history, read_run
from opforge_runtime.history_rules import check_history
from opforge_runtime.interpreter import EffectRequest
from opforge_runtime.journal import Journal, SilentObserver
from opforge_runtime.log import Log
from opforge_runtime.session import Session, drive_session, load_program
from opforge_runtime.stores.artifacts import read_artifact, seal_artifact
from opforge_runtime.stores.protocol import Append, ArtifactStore, Lease, SealedArtifact, SealedEvent, Store
from opforge_runtime.waits import Arrival, Cancelled, Settled, Wait, get_moment_ms

__all__ = ["ReplayReport", "replay_run"]


_OPERATORS = (AttemptResolved, RunForked)
"""Events that come from outside of any session, and are copied."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay derived again and found equal."""

    run: RunId
    events: int
    taken_over: int
    """How many of the events are those of the run that it was forked from: compared with it, where the store
    has it, and not derived again."""
    artifacts: int
    sessions: int
    is_finished: bool
    """Whether the run had ended; otherwise it was derived as far as it was recorded."""


def replay_run(store: Store, run: RunId) -> ReplayReport:
    """Derive a run again and compare.

    Raises DiagnosticError: E_REPLAY_DIFFERS at the first event that differs, E_EVENT_CORRUPT,
    E_HISTORY_BROKEN for events from outside of any session that cannot stand where they do,
    E_ARTIFACT_CORRUPT or E_ARTIFACT_MISSING with the artifact's digest, E_FACT_MISMATCH, E_FACT_MISSING.
    """
    recorded = read_run(store, run)
    history = build_history(recorded)
    manifest = read_artifact(store, history.start.manifest, Manifest)
    program = load_program(store, manifest.ir)
    document = SealedArtifact(Digest(manifest.ir), store.get_artifact(Digest(manifest.ir)))
    stream = _RecordedStream(run, recorded, store)
    outside = RecordedOutside(run, recorded, store, stream, program.codec)

    def drive(journal: Journal, so_far: History | None) -> None:
        session = Session(
            program=program,
            manifest=manifest,
            journal=journal,
            artifacts=store,
            effects=outside,
            waits=outside,
            history=so_far,
        )
        _run_session(drive_session(session))

    lease = Lease(run, "replay", 1, 0, 0)
    taken_over = stream.skip_forked()
    if taken_over:
        foreign = find_foreign(store, stream.derived)
        if foreign is not None:
            raise stream.build_difference(foreign.sealed, None)
    else:
        first = _open_journal(stream, lease, None)
        first.start(manifest.op, seal_artifact(manifest), document)
        drive(first, None)
    while stream.is_session_next:
        stream.copy_operator_events()
        so_far = build_history(stream.derived)
        stream.begin_session()
        journal = _open_journal(stream, lease, so_far)
        journal.resume(so_far.sessions + 1)
        drive(journal, so_far)
    stream.copy_operator_events()
    if stream.position != len(recorded):
        raise stream.build_difference(recorded[stream.position].sealed, None)
    # What was copied and not derived may stand where it cannot.
    problems = check_history(
        [each.envelope for each in recorded],
        is_closing=isinstance(manifest.configuration, RunConfiguration),
        waits=program.waits,
    )
    if problems:
        raise DiagnosticError(problems)
    return ReplayReport(
        run=run,
        events=len(recorded),
        taken_over=taken_over,
        artifacts=len(stream.compared),
        sessions=history.sessions,
        is_finished=history.end is not None,
    )


def _open_journal(log: Log, lease: Lease, so_far: History | None) -> Journal:
    return Journal(
        log,
        lease,
        head=so_far.head if so_far else 0,
        previous=so_far.previous if so_far else GENESIS,
        snapshot=so_far.snapshot if so_far else GENESIS,
        clock=_no_clock,
        observer=SilentObserver(),
    )


class _SessionOverError(Exception):
    """The recorded session ended here: its process died, or the history ends."""


def _run_session(session: Coroutine[Any, Any, object]) -> None:
    """Run a session that never waits for anything, without an event loop."""
    try:
        session.send(None)
    except StopIteration:
        return
    except _SessionOverError:
        return
    session.close()
    raise AssertionError("a replay waits for nothing")


def _no_clock() -> int:
    return 0


class _RecordedStream:
    """A log that takes only what was recorded, in the same order."""

    def __init__(self, run: RunId, recorded: Sequence[RecordedEvent], artifacts: ArtifactStore) -> None:
        self._run = run
        self._recorded = recorded
        self._stored_artifacts = artifacts
        self._is_beginning = False
        self.position = 0
        """How many events were derived, or copied."""
        self.compared: set[Digest] = set()
        """The artifacts that were derived and found in the store."""

    @property
    def derived(self) -> Sequence[RecordedEvent]:
        """The events so far."""
        return self._recorded[: self.position]

    @property
    def next_event(self) -> Event | None:
        """The next recorded event."""
        recorded = self._recorded
        return recorded[self.position].envelope.event if self.position < len(recorded) else None

    def find_event(self, head: int) -> Event | None:
        """The event after the first `head` ones, without the one that begins this session."""
        is_first = self._is_beginning and head == self.position
        at = head + 1 if is_first else head
        return self._recorded[at].envelope.event if at < len(self._recorded) else None

    @property
    def is_session_next(self) -> bool:
        """Whether another recorded session follows, perhaps after what operators did."""
        following = (each.envelope.event for each in self._recorded[self.position :])
        return isinstance(next((e for e in following if not isinstance(e, _OPERATORS)), None), RunResumed)

    def begin_session(self) -> None:
        """Let the event that begins a session be derived."""
        self._is_beginning = True

    def skip_forked(self) -> int:
        """Take over what another run has recorded: so many events, 0 where the run begins by itself.

        It holds what that run had brought to an end, without what was under way beside it, so it cannot be
        derived as sessions are.
        """
        for position, each in enumerate(self._recorded, start=1):
            if isinstance(each.envelope.event, RunForked):
                self.position = position
        return self.position

    def copy_operator_events(self) -> None:
        """Take over what came from outside of any session."""
        while isinstance(self.next_event, _OPERATORS):
            self.position += 1

    def check_is_open(self) -> None:
        """Raises _SessionOverError when nothing more of this session was recorded."""
        event = self.next_event
        is_next_session = isinstance(event, RunResumed) and not self._is_beginning
        if event is None or is_next_session or isinstance(event, _OPERATORS):
            raise _SessionOverError

    async def append(self, append: Append) -> None:
        """Compare a group with what was recorded, as far as its session was.

        Raises DiagnosticError (E_REPLAY_DIFFERS).
        """
        for event in append.events:
            self.check_is_open()
            self._is_beginning = False
            known = self._recorded[self.position].sealed
            if known.envelope != event.envelope:
                raise self.build_difference(known, event)
            self.position += 1
            if event.attachment:
                # The equal envelopes name its digest, which is that of what was derived.
                self.compared.add(digest_bytes(event.attachment))
        for artifact in append.artifacts:
            # Reading verifies, so equal digests mean equal bytes.
            self._stored_artifacts.get_artifact(artifact.digest)
            self.compared.add(artifact.digest)

    def build_difference(self, recorded: SealedEvent | None, derived: SealedEvent | None) -> Exception:
        """The error of two events that are not equal, or of which there is only one."""
        seq = recorded.seq if recorded is not None else derived.seq if derived is not None else 0
        return E_REPLAY_DIFFERS.error(
            run=self._run, seq=seq, recorded=_describe(recorded), derived=_describe(derived)
        )


def _describe(event: SealedEvent | None) -> str:
    """An event in few words: its type, where it belongs, and its digest."""
    if event is None:
        return "nothing"
    held = Envelope.model_validate_json(event.envelope).event
    place = "" if isinstance(held, RunStarted | RunResumed) else getattr(held, "state", "")
    instance = getattr(held, "instance", "")
    where = f" of {place} [{instance}]" if place else ""
    return f"{held.type}{where} ({event.digest[:12]})"


class RecordedOutside:
    """Answers every attempt as the history says it ended: effects, waits, and cancellation."""

    def __init__(
        self,
        run: RunId,
        recorded: Sequence[RecordedEvent],
        artifacts: ArtifactStore,
        stream: _RecordedStream,
        codec: ValueCodec,
    ) -> None:
        self._run = run
        self._artifacts = artifacts
        self._stream = stream
        self._codec = codec
        self._outcomes = _Outcomes(recorded)
        self.messages_read = 0

    # --- effects ----------------------------------------------------------------------------------

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectSession. Raises DiagnosticError (E_FACT_MISSING) for what was not recorded."""
        self._stream.check_is_open()
        return [self._answer(attempt.request, attempt.number) for attempt in attempts]

    async def wait(self, policy: Policy, failures: int) -> None:
        """Part of EffectSession: nothing is waited for."""

    # --- waits ------------------------------------------------------------------------------------

    def find_cancellation(self, head: int) -> str | None:
        """Part of WaitIo."""
        event = self._stream.find_event(head)
        return event.reason if isinstance(event, CancelRequested) else None

    def choose_due(self, request: EffectRequest) -> int | None:
        """Part of WaitIo. A time that was not recorded differs from every one that was."""
        match request.site.verb.name:
            case "time.until":
                return get_moment_ms(request)
            case "time.sleep":
                is_timed = True
            case _:
                is_timed = request.arguments.get("timeout_seconds") is not None
        return self._outcomes.dues.get((request.site.state, request.instance), 0) if is_timed else None

    async def settle(self, waits: Sequence[Wait], *, is_cancelling: bool) -> Settled:
        """Part of WaitIo."""
        event = self._stream.find_event(self._stream.position)
        if isinstance(event, CancelRequested) and not is_cancelling:
            return Cancelled(event.reason)
        self._stream.check_is_open()
        arrivals: list[Arrival] = []
        for wait in waits:
            site = wait.request.site
            answer = self._answer(wait.request, wait.attempt)
            stored = answer if isinstance(answer, EffectFailure) else self._codec.encode(site.type, answer)
            arrivals.append(Arrival(stored, self._outcomes.notes.get((site.state, wait.request.instance))))
        return arrivals

    def _answer(self, request: EffectRequest, attempt: int) -> Answer:
        site = request.site
        outcome = self._outcomes.ends.get((site.state, request.instance, attempt))
        if outcome is None:
            raise E_FACT_MISSING.error(
                site.pointer,
                run=self._run,
                state=site.state,
                instance=request.instance,
                attempt=attempt,
            )
        if isinstance(outcome, ErrorRecord):
            return EffectFailure(load_registry()[outcome.code], dict(outcome.fields))
        digest, content = outcome
        fact = read_artifact(self._artifacts, digest, Fact, content)
        return self._codec.decode(site.type, fact.value)


class _Outcomes:
    """What the attempts of a history ended with."""

    def __init__(self, recorded: Sequence[RecordedEvent]) -> None:
        self.ends: dict[tuple[str, str, int], ErrorRecord | tuple[str, bytes]] = {}
        """By state, instance and attempt: an error, or the fact recorded and its bytes if attached."""
        self.dues: dict[tuple[str, str], int] = {}
        self.notes: dict[tuple[str, str], SignalReceived | ChildRunCompleted] = {}
        self._attempts: dict[tuple[str, str], int] = {}
        for item in recorded:
            self._note(item.envelope.event, item.sealed.attachment)

    def _note(self, event: Event, attachment: bytes) -> None:
        match event:
            case StateEntered():
                self._attempts[event.state, event.instance] = event.attempt
            case FactRecorded():
                number = self._attempts.get((event.state, event.instance), 0)
                self.ends.setdefault((event.state, event.instance, number), (event.fact, attachment))
            case StateFailed():
                self.ends.setdefault((event.state, event.instance, event.attempt), event.error)
            case TimerSet():
                self.dues.setdefault((event.state, event.instance), event.due_at_epoch_ms)
            case SignalReceived() | ChildRunCompleted():
                self.notes[event.state, event.instance] = event
            case _:
                pass
