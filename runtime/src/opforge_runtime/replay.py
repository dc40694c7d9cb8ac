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
from opforge_ir.digest import Digest
from opforge_ir.document import Document, Policy
from opforge_ir.events import (
    Envelope,
    ErrorRecord,
    Fact,
    FactRecorded,
    Manifest,
    RunResumed,
    RunStarted,
    StateEntered,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_ir.values import ValueCodec
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import Surroundings, begin_run, continue_run, load_program
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import RecordedEvent, build_history, read_run
from opforge_runtime.journal import SilentObserver
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.memory import MemoryStore
from opforge_runtime.stores.protocol import ArtifactStore, SealedArtifact, SealedEvent, Store

__all__ = ["ReplayReport", "replay_run"]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay derived again and found equal."""

    run: RunId
    events: int
    artifacts: int
    sessions: int
    is_finished: bool
    """Whether the run had ended; otherwise it was derived as far as it was recorded."""


def replay_run(store: Store, run: RunId) -> ReplayReport:
    """Derive a run again and compare.

    Raises DiagnosticError: E_REPLAY_DIFFERS at the first event that differs, E_EVENT_CORRUPT,
    E_ARTIFACT_CORRUPT or E_ARTIFACT_MISSING with the artifact's digest, E_FACT_MISMATCH, E_FACT_MISSING.
    """
    recorded = read_run(store, run)
    history = build_history(recorded)
    manifest = read_artifact(store, history.start.manifest, Manifest)
    program = load_program(store, manifest.ir)
    document = SealedArtifact(Digest(manifest.ir), store.get_artifact(Digest(manifest.ir)))
    stream = _RecordedStream(run, recorded, store)
    answers = _RecordedIo(run, recorded, store, stream, program.codec)
    around = Surroundings(stream, answers, _no_clock, SilentObserver())
    _run_session(begin_run(around, run, manifest, program, document))
    while stream.is_session_next:
        so_far = build_history(read_run(stream, run))
        stream.begin_session()
        _run_session(continue_run(around, so_far, manifest, program))
    if stream.position != len(recorded):
        raise stream.build_difference(recorded[stream.position].sealed, None)
    return ReplayReport(
        run=run,
        events=len(recorded),
        artifacts=len(stream.compared),
        sessions=history.sessions,
        is_finished=history.end is not None,
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


class _RecordedStream(MemoryStore):
    """A store that takes only what was recorded, in the same order."""

    def __init__(self, run: RunId, recorded: Sequence[RecordedEvent], artifacts: ArtifactStore) -> None:
        super().__init__()
        self._run = run
        self._recorded = recorded
        self._stored_artifacts = artifacts
        self._is_beginning = False
        self.compared: set[Digest] = set()
        """The artifacts that were derived and found in the store."""

    @property
    def position(self) -> int:
        """How many events were derived."""
        return self.get_head(self._run)

    @property
    def is_session_next(self) -> bool:
        """Whether the next recorded event begins another session."""
        recorded = self._recorded
        return self.position < len(recorded) and isinstance(
            recorded[self.position].envelope.event, RunResumed
        )

    def begin_session(self) -> None:
        """Let the event that begins a session be derived."""
        self._is_beginning = True

    def check_is_open(self) -> None:
        """Raises _SessionOverError when nothing more of this session was recorded."""
        if self.position == len(self._recorded) or (self.is_session_next and not self._is_beginning):
            raise _SessionOverError

    def append(
        self,
        run: RunId,
        expected_head: int,
        events: Sequence[SealedEvent],
        artifacts: Sequence[SealedArtifact],
        recorded_at_epoch_ms: int,
    ) -> None:
        """Compare a group with what was recorded. Raises DiagnosticError (E_REPLAY_DIFFERS)."""
        self.check_is_open()
        self._is_beginning = False
        for event in events:
            known = self._recorded[event.seq - 1].sealed if event.seq <= len(self._recorded) else None
            if known is None or known.envelope != event.envelope:
                raise self.build_difference(known, event)
        for artifact in artifacts:
            # Reading verifies, so equal digests mean equal bytes.
            self._stored_artifacts.get_artifact(artifact.digest)
            self.compared.add(artifact.digest)
        super().append(run, expected_head, events, artifacts, recorded_at_epoch_ms)

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


class _RecordedIo:
    """Answers every attempt as the history says it ended."""

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
        self._outcomes = _index_outcomes(recorded)

    def begin(self, document: Document, policy: Policy) -> None:
        """Part of EffectIo: nothing is needed."""

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectIo. Raises DiagnosticError (E_FACT_MISSING) for what the history does not hold."""
        self._stream.check_is_open()
        return [self._answer(attempt) for attempt in attempts]

    async def wait(self, failures: int) -> None:
        """Part of EffectIo: nothing is waited for."""

    def _answer(self, attempt: Attempt) -> Answer:
        request = attempt.request
        site = request.site
        outcome = self._outcomes.get((site.state, request.instance, attempt.number))
        if outcome is None:
            raise E_FACT_MISSING.error(
                site.pointer,
                run=self._run,
                state=site.state,
                instance=request.instance,
                attempt=attempt.number,
            )
        if isinstance(outcome, ErrorRecord):
            return EffectFailure(load_registry()[outcome.code], dict(outcome.fields))
        fact = read_artifact(self._artifacts, outcome, Fact)
        return self._codec.decode(site.type, fact.value)


def _index_outcomes(recorded: Sequence[RecordedEvent]) -> dict[tuple[str, str, int], ErrorRecord | str]:
    """What each attempt ended with: an error, or the digest of the fact that it recorded."""
    attempts: dict[tuple[str, str], int] = {}
    outcomes: dict[tuple[str, str, int], ErrorRecord | str] = {}
    for item in recorded:
        event = item.envelope.event
        match event:
            case StateEntered():
                attempts[event.state, event.instance] = event.attempt
            case FactRecorded():
                number = attempts.get((event.state, event.instance), 0)
                outcomes.setdefault((event.state, event.instance, number), event.fact)
            case StateFailed():
                outcomes[event.state, event.instance, event.attempt] = event.error
            case _:
                pass
    return outcomes
