"""Events in one store, artifacts in another.

The artifacts of an append are durable before its events are: an event never names an artifact that is not
there. An append that is refused, or a process that dies in between, leaves artifacts that nothing names,
which a collector removes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from opforge_ir.codes.store import E_ARTIFACT_MISSING
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import (
    Append,
    ArtifactStore,
    Lease,
    Message,
    RunFilter,
    RunRecord,
    SealedArtifact,
    Store,
    StoredEvent,
    StoredMessage,
)

__all__ = ["OpenArtifactStore", "SplitStore"]


class OpenArtifactStore(ArtifactStore, Protocol):
    """An artifact store that holds something open."""

    def close(self) -> None:
        """Release what the store holds; it cannot be used afterwards."""
        ...


class SplitStore:
    """All roles, of two stores that it closes."""

    def __init__(self, events: Store, artifacts: OpenArtifactStore) -> None:
        """`events` keeps everything but new artifacts; those that it holds from before are read there."""
        self.events = events
        self.artifacts = artifacts

    # --- events -----------------------------------------------------------------------------------

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Part of EventStore."""
        for append in appends:
            for artifact in append.artifacts:
                self.artifacts.put_artifact(artifact)
        return self.events.append([replace(append, artifacts=()) for append in appends])

    def get_head(self, run: RunId) -> int:
        """Part of EventStore."""
        return self.events.get_head(run)

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """Part of EventStore."""
        return self.events.read_events(run, first_seq)

    def get_run(self, run: RunId) -> RunRecord | None:
        """Part of EventStore."""
        return self.events.get_run(run)

    def list_runs(self, which: RunFilter = RunFilter()) -> list[RunRecord]:  # noqa: B008 - it cannot be changed
        """Part of EventStore."""
        return self.events.list_runs(which)

    def list_drivable(self, limit: int) -> list[RunId]:
        """Part of EventStore."""
        return self.events.list_drivable(limit)

    # --- leases and messages ----------------------------------------------------------------------

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        """Part of LeaseStore."""
        return self.events.acquire_lease(run, owner, duration_ms, dead_owner=dead_owner)

    def renew_lease(self, lease: Lease) -> Lease:
        """Part of LeaseStore."""
        return self.events.renew_lease(lease)

    def release_lease(self, lease: Lease) -> None:
        """Part of LeaseStore."""
        self.events.release_lease(lease)

    def post_message(self, run: RunId, message: Message) -> int:
        """Part of Inbox."""
        return self.events.post_message(run, message)

    def read_messages(self, run: RunId, after: int = 0) -> list[StoredMessage]:
        """Part of Inbox."""
        return self.events.read_messages(run, after)

    async def wait_for_change(self, run: RunId, timeout_seconds: float) -> None:
        """Part of Inbox."""
        await self.events.wait_for_change(run, timeout_seconds)

    # --- artifacts --------------------------------------------------------------------------------

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore."""
        self.artifacts.put_artifact(artifact)

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore. What is older than the artifacts' own store is found too."""
        try:
            return self.artifacts.get_artifact(digest)
        except DiagnosticError as error:
            if error.diagnostics[0].code != E_ARTIFACT_MISSING:
                raise
            return self.events.get_artifact(digest)

    def list_artifacts(self) -> Iterator[Digest]:
        """Part of ArtifactStore. Those that the event store holds from before are not among them."""
        return self.artifacts.list_artifacts()

    def delete_artifact(self, digest: Digest) -> None:
        """Part of ArtifactStore."""
        self.artifacts.delete_artifact(digest)

    def close(self) -> None:
        """Part of Store."""
        try:
            self.artifacts.close()
        finally:
            self.events.close()
