"""A store that forgets everything when it goes: for tests and for replay."""

from __future__ import annotations

from collections.abc import Sequence

from opforge_ir.codes.store import E_ARTIFACT_MISSING, E_STALE_HEAD
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.artifacts import verify_content
from opforge_runtime.stores.protocol import SealedArtifact, SealedEvent, StoredEvent

__all__ = ["MemoryStore"]


class MemoryStore:
    """Both roles, in dicts."""

    def __init__(self) -> None:
        self._runs: dict[RunId, list[StoredEvent]] = {}
        self._artifacts: dict[Digest, bytes] = {}

    def append(
        self,
        run: RunId,
        expected_head: int,
        events: Sequence[SealedEvent],
        artifacts: Sequence[SealedArtifact],
        recorded_at_epoch_ms: int,
    ) -> None:
        """Part of EventStore."""
        actual = self.get_head(run)
        if actual != expected_head:
            raise E_STALE_HEAD.error(run=run, expected=expected_head, actual=actual)
        if [event.seq for event in events] != list(range(actual + 1, actual + 1 + len(events))):
            raise ValueError("events follow the head without a gap")
        for artifact in artifacts:
            self.put_artifact(artifact)
        if events:
            stored = self._runs.setdefault(run, [])
            stored.extend(StoredEvent(event, recorded_at_epoch_ms) for event in events)

    def get_head(self, run: RunId) -> int:
        """Part of EventStore."""
        return len(self._runs.get(run, ()))

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """Part of EventStore."""
        return self._runs.get(run, [])[first_seq - 1 :]

    def list_runs(self) -> list[RunId]:
        """Part of EventStore."""
        return sorted(self._runs, key=lambda run: (self._runs[run][0].recorded_at_epoch_ms, run))

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore."""
        self._artifacts.setdefault(artifact.digest, artifact.content)

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore."""
        content = self._artifacts.get(digest)
        if content is None:
            raise E_ARTIFACT_MISSING.error(digest=digest)
        return verify_content(digest, content)

    def close(self) -> None:
        """Part of Store."""
        self._runs.clear()
        self._artifacts.clear()
