"""The one way by which a run writes: events sealed into hash-linked envelopes, appended in groups.

A group is one atomic append. The journal also holds the snapshot chain, which only a completed state
moves on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.events import (
    Envelope,
    ErrorRecord,
    Event,
    Fact,
    FactRecorded,
    Output,
    RunCompleted,
    RunResumed,
    RunStarted,
    Snapshot,
    StateCompleted,
    StateEntered,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_runtime.stores.artifacts import seal_artifact
from opforge_runtime.stores.protocol import EventStore, SealedArtifact, SealedEvent

__all__ = ["Journal", "Observer", "SilentObserver"]


class Observer(Protocol):
    """Who looks on while a run is driven: progress for people, crash points for tests."""

    def reach(self, point: str) -> None:
        """The run is at a named point: `append`, `appended`, `perform`, `performed`."""
        ...

    def record(self, envelope: Envelope, recorded_at_epoch_ms: int) -> None:
        """An event is durable."""
        ...


class SilentObserver:
    """Looks away."""

    def reach(self, point: str) -> None:
        """Part of Observer."""

    def record(self, envelope: Envelope, recorded_at_epoch_ms: int) -> None:
        """Part of Observer."""


class Journal:
    """The end of one run's event stream. Events are added to a group, and the group is committed."""

    def __init__(
        self,
        store: EventStore,
        run: RunId,
        *,
        head: int,
        previous: str,
        snapshot: str,
        clock: Callable[[], int],
        observer: Observer,
    ) -> None:
        """`previous` is the digest of the envelope at `head`, `snapshot` that of the last snapshot.

        `clock` gives milliseconds since the epoch.
        """
        self._store = store
        self.run = run
        self._head = head
        self._previous = previous
        self._clock = clock
        self._observer = observer
        self._events: list[tuple[Envelope, SealedEvent]] = []
        self._artifacts: list[SealedArtifact] = []
        self.snapshot = snapshot
        """The digest of the last snapshot, of this group included."""

    @property
    def head(self) -> int:
        """The `seq` of the last event, of this group included."""
        return self._head + len(self._events)

    def start(self, op: str, manifest: SealedArtifact, document: SealedArtifact) -> None:
        """Add the first event of the run."""
        self._artifacts += [document, manifest]
        initial = Snapshot(
            artifact="snapshot", parent=manifest.digest, state="", instance="", fact=[], output=[]
        )
        self._advance(initial)
        self._add(RunStarted(type="RunStarted", op=op, manifest=manifest.digest, snapshot=self.snapshot))

    def resume(self, session: int) -> None:
        """Add that another session drives the run."""
        self._add(RunResumed(type="run_resumed", session=session))

    def enter(self, state: str, instance: str, attempt: int) -> None:
        """Add the beginning of an attempt."""
        self._add(
            StateEntered(
                type="StateEntered", state=state, instance=instance, attempt=attempt, base=self.snapshot
            )
        )

    def record_fact(self, state: str, instance: str, request: Digest, value: JsonValue) -> Digest:
        """Add an answer from outside; returns the fact's digest."""
        fact = seal_artifact(
            Fact(
                artifact="fact",
                state=state,
                instance=instance,
                request=request,
                value=value,
            )
        )
        self._artifacts.append(fact)
        self._add(FactRecorded(type="fact_recorded", state=state, instance=instance, fact=fact.digest))
        return fact.digest

    def complete(self, state: str, instance: str, attempt: int, fact: Digest) -> None:
        """Add that an attempt ended well, and move the snapshot on."""
        self._advance(
            Snapshot(
                artifact="snapshot",
                parent=self.snapshot,
                state=state,
                instance=instance,
                fact=[fact],
                output=[],
            )
        )
        self._add(
            StateCompleted(
                type="StateCompleted",
                state=state,
                instance=instance,
                attempt=attempt,
                snapshot=self.snapshot,
            )
        )

    def fail(self, state: str, instance: str, attempt: int, error: ErrorRecord) -> None:
        """Add that an attempt ended with an error."""
        self._add(
            StateFailed(type="StateFailed", state=state, instance=instance, attempt=attempt, error=error)
        )

    def finish_completed(self, output: Output) -> Digest:
        """Add the end of a run that returned; returns the output's digest."""
        sealed = seal_artifact(output)
        self._artifacts.append(sealed)
        final = Snapshot(
            artifact="snapshot",
            parent=self.snapshot,
            state="",
            instance="",
            fact=[],
            output=[sealed.digest],
        )
        self._advance(final)
        self._add_end("completed", [sealed.digest], [])
        return sealed.digest

    def finish_failed(self, error: ErrorRecord) -> None:
        """Add the end of a run that failed. The snapshot stays where the last completed state left it."""
        self._add_end("failed", [], [error])

    def commit(self) -> None:
        """Append the group, in one piece. Raises what the store raises; nothing was written then."""
        self._observer.reach("append")
        now = self._clock()
        events = self._events
        self._store.append(self.run, self._head, [sealed for _, sealed in events], self._artifacts, now)
        self._head += len(events)
        self._events, self._artifacts = [], []
        self._observer.reach("appended")
        for envelope, _ in events:
            self._observer.record(envelope, now)

    def _add_end(self, outcome: str, output: list[str], error: list[ErrorRecord]) -> None:
        self._add(
            RunCompleted(
                type="RunCompleted",
                outcome=outcome,  # type: ignore[arg-type]
                snapshot=self.snapshot,
                output=output,
                error=error,
            )
        )

    def _advance(self, snapshot: Snapshot) -> None:
        sealed = seal_artifact(snapshot)
        self._artifacts.append(sealed)
        self.snapshot = sealed.digest

    def _add(self, event: Event) -> None:
        seq = self.head + 1
        envelope = Envelope(artifact="event", run=self.run, seq=seq, previous=self._previous, event=event)
        content = canonical_bytes(cast("JsonValue", envelope.model_dump()))
        digest = digest_bytes(content)
        self._previous = digest
        self._events.append((envelope, SealedEvent(seq, digest, content)))
