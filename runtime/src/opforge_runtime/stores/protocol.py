"""What a store promises. A store holds bytes; what they mean is not its business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from opforge_ir.digest import Digest
from opforge_ir.ids import RunId

__all__ = ["ArtifactStore", "EventStore", "SealedArtifact", "SealedEvent", "Store", "StoredEvent"]


@dataclass(frozen=True, slots=True)
class SealedArtifact:
    """Canonical bytes and their digest."""

    digest: Digest
    content: bytes


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """The canonical bytes of one envelope, their digest, and the `seq` that they state."""

    seq: int
    digest: Digest
    envelope: bytes


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An envelope as it was stored, and when."""

    sealed: SealedEvent
    recorded_at_epoch_ms: int
    """Beside the envelope, and no part of its digest."""


class EventStore(Protocol):
    """Runs as lists of envelopes that only grow."""

    def append(
        self,
        run: RunId,
        expected_head: int,
        events: Sequence[SealedEvent],
        artifacts: Sequence[SealedArtifact],
        recorded_at_epoch_ms: int,
    ) -> None:
        """Add events, and the artifacts that they name: all of them durably, or none.

        `expected_head` is the `seq` of the run's last event, 0 for a run without any; the events follow
        it without a gap. An artifact that is there already is left as it is.
        Raises DiagnosticError: E_STALE_HEAD when the run ends elsewhere, or a code of the store's own.
        """
        ...

    def get_head(self, run: RunId) -> int:
        """The `seq` of the run's last event, 0 for a run without any."""
        ...

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """The events of a run from `first_seq` on, as they were stored; nothing is verified."""
        ...

    def list_runs(self) -> list[RunId]:
        """Every run, in the order in which they were begun; of equal times by id."""
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


class Store(EventStore, ArtifactStore, Protocol):
    """Both roles in one, so that events and their artifacts are appended together."""

    def close(self) -> None:
        """Release what the store holds; it cannot be used afterwards."""
        ...
