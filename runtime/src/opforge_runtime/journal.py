"""The one way by which a run writes: events sealed into hash-linked envelopes, appended in groups.

A group is one atomic append. The journal also holds the snapshot chain, which only a completed state
moves on. Snapshots of states are not stored: a snapshot is what its event and the one before it say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, Protocol

from opforge_ir.canonical import canonical_bytes
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.events import (
    ErrorRecord,
    Event,
    Output,
    RunCompleted,
    RunResumed,
    RunStarted,
    Snapshot,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_runtime.log import Log
from opforge_runtime.sealing import (
    build_completed,
    build_entered,
    build_envelope,
    build_event,
    build_fact,
    build_fact_recorded,
    digest_snapshot,
)
from opforge_runtime.stores.artifacts import seal_artifact
from opforge_runtime.stores.protocol import (
    Append,
    Lease,
    Message,
    Opening,
    RunStatus,
    SealedArtifact,
    SealedEvent,
    Standing,
)

__all__ = ["MAX_ATTACHMENT_BYTES", "Journal", "Observer", "SilentObserver"]

MAX_ATTACHMENT_BYTES: Final = 2048
"""A larger fact is an artifact."""

_RUNNING: Final = Standing("running")


class Observer(Protocol):
    """Who looks on while a run is driven: progress for people, crash points for tests."""

    def reach(self, point: str) -> None:
        """The run is at a named point: `append`, `appended`, `perform`, `performed`, `wait`."""
        ...

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:
        """Events are durable."""
        ...


class SilentObserver:
    """Looks away."""

    def reach(self, point: str) -> None:
        """Part of Observer."""

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:
        """Part of Observer."""


class Journal:
    """The end of one run's event stream. Events are added to a group, and the group is committed."""

    def __init__(
        self,
        log: Log,
        lease: Lease,
        *,
        head: int,
        previous: str,
        snapshot: str,
        clock: Callable[[], int],
        observer: Observer,
        opening: Opening | None = None,
        parent: RunId | None = None,
    ) -> None:
        """`previous` is the digest of the envelope at `head`, `snapshot` that of the last snapshot.

        `clock` gives milliseconds since the epoch. `opening` goes with the first append of a new run;
        `parent` is told of the end.
        """
        self._log = log
        self.lease = lease
        """The lease that appends are made under; who renews it puts the new one here."""
        self.run: Final = lease.run
        self._durable_head = head
        self._previous = previous
        self._clock = clock
        self._observer = observer
        self._opening = opening
        self._parent = parent
        self._events: list[SealedEvent] = []
        self._artifacts: list[SealedArtifact] = []
        self._posts: list[tuple[RunId, Message]] = []
        self._deferred_session = 0
        self.head = head
        """The `seq` of the last event, of this group included."""
        self.snapshot = snapshot
        """The digest of the last snapshot, of this group included."""
        self.messages_read = 0
        """The position of the last message that the run has looked at."""

    @property
    def holds_lease(self) -> bool:
        """Whether its lease was ever given: that of a new run is taken with the first append."""
        return self._opening is None

    @property
    def pending(self) -> int:
        """How many events wait for the commit."""
        return len(self._events)

    def start(self, op: str, manifest: SealedArtifact, document: SealedArtifact) -> None:
        """Add the first event of the run."""
        self._artifacts += [document, manifest]
        initial = Snapshot(
            artifact="snapshot", parent=manifest.digest, state="", instance="", fact=[], output=[]
        )
        self.snapshot = seal_artifact(initial).digest
        self.note(RunStarted(type="RunStarted", op=op, manifest=manifest.digest, snapshot=self.snapshot))

    def resume(self, session: int) -> None:
        """Add that another session drives the run, before the first thing that it does."""
        self._deferred_session = session

    def enter(self, state: str, instance: str, attempt: int) -> None:
        """Add the beginning of an attempt."""
        self._add(build_entered(state, instance, attempt, self.snapshot))

    def record_fact(self, state: str, instance: str, request: Digest, value: bytes) -> Digest:
        """Add an answer, by the canonical bytes of its value; returns the digest of the fact."""
        content = build_fact(state, instance, request, value)
        digest = digest_bytes(content)
        event = build_fact_recorded(state, instance, digest)
        if len(content) <= MAX_ATTACHMENT_BYTES:
            self._add(event, content)
        else:
            self._artifacts.append(SealedArtifact(digest, content))
            self._add(event)
        return digest

    def complete(self, state: str, instance: str, attempt: int, fact: str) -> None:
        """Add that an attempt ended well, and move the snapshot on."""
        self.snapshot = digest_snapshot(self.snapshot, state, instance, fact)
        self._add(build_completed(state, instance, attempt, self.snapshot))

    def fail(self, state: str, instance: str, attempt: int, error: ErrorRecord) -> None:
        """Add that an attempt ended with an error."""
        self.note(
            StateFailed(type="StateFailed", state=state, instance=instance, attempt=attempt, error=error)
        )

    def finish_completed(self, output: Output) -> None:
        """Add the end of a run that returned. Raises DiagnosticError when the output has no stored form."""
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
        self.snapshot = seal_artifact(final).digest
        self._add_end("completed", [sealed.digest], [])

    def finish_failed(self, error: ErrorRecord, *, is_cancelled: bool = False) -> None:
        """Add the end of a run that failed or was cancelled. The snapshot stays where it was."""
        self._add_end("cancelled" if is_cancelled else "failed", [], [error])

    def note(self, event: Event) -> None:
        """Add an event of any kind that does not move the snapshot."""
        self._add(build_event(event))

    def post(self, receiver: RunId, message: Message) -> None:
        """Send a message to another run together with the group."""
        self._posts.append((receiver, message))

    async def commit(self, status: RunStatus = "running", due_at_epoch_ms: int | None = None) -> None:
        """Append the group, in one piece, and say how the run stands.

        Raises what the store raises; nothing was written then.
        """
        events = self._events
        standing = _RUNNING
        if status != "running" or self.messages_read:
            standing = Standing(status, due_at_epoch_ms, self.messages_read)
        self._observer.reach("append")
        now = self._clock()
        append = Append(
            self.lease,
            self._durable_head,
            events,
            self._artifacts,
            standing,
            now,
            self._opening,
            self._posts,
        )
        await self._log.append(append)
        self._durable_head = self.head
        self._events, self._artifacts, self._posts, self._opening = [], [], [], None
        self._observer.reach("appended")
        self._observer.record(self.run, events, now)

    def _add_end(
        self,
        outcome: Literal["completed", "failed", "cancelled"],
        output: list[str],
        error: list[ErrorRecord],
    ) -> None:
        if self._parent is not None:
            message = Message("child", self.run, canonical_bytes(outcome), self.run)
            self.post(self._parent, message)
        self.note(
            RunCompleted(
                type="RunCompleted",
                outcome=outcome,
                snapshot=self.snapshot,
                output=output,
                error=error,
            )
        )

    def _add(self, event: str, attachment: bytes = b"") -> None:
        if self._deferred_session:
            session, self._deferred_session = self._deferred_session, 0
            self.note(RunResumed(type="run_resumed", session=session))
        seq = self.head = self.head + 1
        envelope = build_envelope(self.run, seq, self._previous, event)
        digest = self._previous = digest_bytes(envelope)
        self._events.append(SealedEvent(seq, digest, envelope, attachment))
