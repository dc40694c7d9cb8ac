"""What a store promises. A store holds bytes; what they mean is not its business.

A run is a list of segments: the events of one append, with the artifacts that belong to them. Who appends
holds the run's lease, and shows its token: a store refuses an append with an older one, whatever the clock of
the appending process says (Gray and Cheriton 1989 for leases; the token is a fencing token).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId

__all__ = [
    "ALL_RUNS",
    "ENDED",
    "RELEASED",
    "Append",
    "ArtifactStore",
    "EventStore",
    "Inbox",
    "Lease",
    "LeaseStore",
    "Message",
    "MessageKind",
    "Opening",
    "RunFilter",
    "RunRecord",
    "RunStatus",
    "SealedArtifact",
    "SealedEvent",
    "Standing",
    "Store",
    "StoredEvent",
    "StoredMessage",
]

RunStatus = Literal[
    "queued", "running", "sleeping", "waiting", "needs_resolution", "completed", "failed", "cancelled"
]
"""`sleeping` waits for a time, `waiting` for a message or another run; `running`: a driver had it last."""

ENDED: Final[frozenset[RunStatus]] = frozenset({"completed", "failed", "cancelled"})
"""A run that stands so is over."""

RELEASED: Final[frozenset[RunStatus]] = frozenset(
    {"queued", "sleeping", "waiting", "needs_resolution", "completed", "failed", "cancelled"}
)
"""An append that leaves a run so gives the lease back: nobody drives it now."""


class SealedArtifact(NamedTuple):
    """Canonical bytes and their digest."""

    digest: Digest
    content: bytes


class SealedEvent(NamedTuple):
    """The canonical bytes of one envelope, their digest, and the `seq` that they state."""

    seq: int
    digest: Digest
    envelope: bytes
    attachment: bytes = b""
    """The canonical bytes of a small artifact that the event names, kept beside it and nowhere else; empty
    when the event names none or the artifact store has it. Holds no line break, as no canonical JSON does."""


class StoredEvent(NamedTuple):
    """An envelope as it was stored, and when."""

    sealed: SealedEvent
    recorded_at_epoch_ms: int
    """Beside the envelope, and no part of its digest."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to append to a run, until it expires or is taken over."""

    run: RunId
    owner: str
    """Who drives: shown to people, and no secret."""
    token: int
    """From 1; each acquisition of a run's lease has a greater one."""
    duration_ms: int
    expires_at_epoch_ms: int
    """By the store's clock."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands after an append: what lists show and what workers look for.

    It can be derived from the events at any time; where the two differ, the events are right.
    """

    status: RunStatus
    due_at_epoch_ms: int | None = None
    """When something of it is due though nothing arrives; None for never."""
    messages_read: int = 0
    """The position of the last message that the run has taken in."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a store keeps of a new run, so that it is found without its events."""

    workload: str
    version: str
    op: str
    ir: Digest
    parent: RunId | None = None
    """The run that this one is a child of."""


MessageKind = Literal["signal", "cancel", "child"]


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody outside has to say to a run."""

    kind: MessageKind
    name: str
    """The signal's name, or the child's run id; empty for a cancellation."""
    content: bytes
    """Canonical JSON: the signal's value in stored form; the reason of a cancellation, or the outcome of a
    child, as a string."""
    id: str
    """Chosen by who posts: a second message of a run with the same id is the same message."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in its place."""

    position: int
    """From 1, without a gap, for each run."""
    message: Message
    posted_at_epoch_ms: int


@dataclass(slots=True)
class Append:
    """Events of one run, with the artifacts that they name: all of them durably, or none.

    One without events only says how the run stands.
    """

    lease: Lease
    expected_head: int
    """The `seq` of the run's last event, 0 for a run without any; the events follow it without a gap."""
    events: Sequence[SealedEvent]
    artifacts: Sequence[SealedArtifact]
    standing: Standing
    recorded_at_epoch_ms: int
    opening: Opening | None = None
    """With the first append of a run, and only then: the append takes the lease with it (token 1)."""
    posts: Sequence[tuple[RunId, Message]] = ()
    """Messages to other runs, posted with the events: a child tells its parent that it is over. One to a run
    that is unknown or over, or that was posted before, is left out."""

    def __post_init__(self) -> None:
        """Raises ValueError for what no store could take: a mistake of the caller."""
        for seq, event in enumerate(self.events, self.expected_head + 1):
            if event.seq != seq:
                raise ValueError("events follow the head without a gap")
        if self.opening is not None and (self.expected_head or self.lease.token != 1 or not self.events):
            raise ValueError("a run begins at the head 0, with an event and the token 1")

    @property
    def run(self) -> RunId:
        """The run that is appended to."""
        return self.lease.run


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as lists show it."""

    run: RunId
    opening: Opening
    standing: Standing
    head: int
    started_at_epoch_ms: int
    last_event_at_epoch_ms: int
    lease: Lease | None
    """The one that is held, also when it has expired; None when it was given back."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are asked for; what is empty or None does not restrict."""

    statuses: Collection[RunStatus] = ()
    workload: str | None = None
    op: str | None = None
    parent: RunId | None = None
    started_from_epoch_ms: int | None = None
    started_before_epoch_ms: int | None = None
    beginning: str = ""
    """What the id begins with."""
    limit: int | None = None
    """At most so many, the newest."""


ALL_RUNS: Final = RunFilter()


class EventStore(Protocol):
    """Runs as lists of envelopes that only grow."""

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Make appends of different runs durable together; each is taken, or refused by itself.

        Gives, for each append, None when it was taken or the error that refused it, looked for in this order:
        E_RUN_EXISTS when an opening names a run that is there, E_LEASE_LOST when the token is not that of the
        run's lease (an expired lease that nobody has taken over still appends), E_STALE_HEAD when the run
        ends elsewhere. An append that was refused has left nothing: no artifact, no post.
        An artifact that is there already is left as it is.
        Raises DiagnosticError with a code of the store's own when nothing was taken.
        """
        ...

    def get_head(self, run: RunId) -> int:
        """The `seq` of the run's last event, 0 for a run without any."""
        ...

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """The events of a run from `first_seq` on, as they were stored; nothing is verified."""
        ...

    def get_run(self, run: RunId) -> RunRecord | None:
        """A run as lists show it; None when there is none."""
        ...

    def list_runs(self, which: RunFilter = ALL_RUNS) -> list[RunRecord]:
        """Runs in the order in which they were begun; of equal times by id."""
        ...

    def list_drivable(self, limit: int) -> list[RunId]:
        """Runs that somebody should drive now, the longest due first.

        Queued ones; sleeping and waiting ones that are due, by the store's clock, or have a message that they
        have not read; running ones whose lease has expired or was given back.
        """
        ...


class LeaseStore(Protocol):
    """Who drives which run. All times are of the store's clock."""

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        """Take the lease of a run when nobody holds it, it has expired, or `dead_owner` holds it.

        The caller vouches that the process which called itself `dead_owner` is gone.
        Raises DiagnosticError: E_RUN_UNKNOWN, E_RUN_LEASED with the owner and how long the lease still holds.
        """
        ...

    def renew_lease(self, lease: Lease) -> Lease:
        """Hold a lease for its duration from now on. Raises DiagnosticError (E_LEASE_LOST)."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give a lease back; nothing happens when it is held no more."""
        ...


class Inbox(Protocol):
    """Messages to runs, in the order in which they were posted; kept for ever."""

    def post_message(self, run: RunId, message: Message) -> int:
        """Keep a message durably; returns its position, which is an earlier one when its id is known already.

        Raises DiagnosticError: E_RUN_UNKNOWN, E_RUN_FINISHED when the run is over.
        """
        ...

    def read_messages(self, run: RunId, after: int = 0) -> list[StoredMessage]:
        """The messages of a run after a position."""
        ...

    async def wait_for_change(self, run: RunId, timeout_seconds: float) -> None:
        """Return when a message of the run may have arrived; at the latest after the time.

        Who waits reads the messages first: one that came after that reading ends the wait at once. May return
        early for no reason: who waits looks again.
        """
        ...


class ArtifactStore(Protocol):
    """Immutable bytes by their digest."""

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Keep an artifact durably. One that is there already is left as it is."""
        ...

    def get_artifact(self, digest: Digest) -> bytes:
        """The bytes of an artifact, verified.

        Raises DiagnosticError: E_ARTIFACT_MISSING, E_ARTIFACT_CORRUPT, or a code of the store's own.
        """
        ...

    def list_artifacts(self) -> Iterator[Digest]:
        """Every artifact, in any order. One that is put meanwhile may be missing."""
        ...

    def delete_artifact(self, digest: Digest) -> None:
        """Remove an artifact that nothing refers to; nothing happens when it is not there.

        For the collector only.
        """
        ...


class Store(EventStore, LeaseStore, Inbox, ArtifactStore, Protocol):
    """All roles in one, so that events and their artifacts are appended together."""

    def close(self) -> None:
        """Release what the store holds; it cannot be used afterwards."""
        ...
