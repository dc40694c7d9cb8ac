"""A store that forgets everything when it goes: for tests and for replay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from opforge_ir.codes.store import (
    E_ARTIFACT_MISSING,
    E_LEASE_LOST,
    E_RUN_EXISTS,
    E_RUN_FINISHED,
    E_RUN_LEASED,
    E_RUN_UNKNOWN,
    E_STALE_HEAD,
)
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.artifacts import verify_content
from opforge_runtime.stores.protocol import (
    ALL_RUNS,
    ENDED,
    RELEASED,
    Append,
    Lease,
    Message,
    Opening,
    RunFilter,
    RunRecord,
    SealedArtifact,
    Standing,
    StoredEvent,
    StoredMessage,
)
from opforge_runtime.stores.selection import is_drivable, matches
from opforge_runtime.stores.wall_clock import get_epoch_ms

__all__ = ["MemoryStore"]

_POLL_SECONDS: Final = 0.01


@dataclass(slots=True)
class _Run:
    opening: Opening
    standing: Standing
    token: int = 0
    """The greatest that was given out."""
    lease: Lease | None = None
    events: list[StoredEvent] = field(default_factory=list[StoredEvent])
    messages: list[StoredMessage] = field(default_factory=list[StoredMessage])


class MemoryStore:
    """All roles, in dicts."""

    def __init__(self, now_epoch_ms: Callable[[], int] | None = None) -> None:
        """`now_epoch_ms` is the clock of its leases and due times; the machine's when it is None."""
        self._now_epoch_ms = now_epoch_ms or get_epoch_ms
        self._runs: dict[RunId, _Run] = {}
        self._artifacts: dict[Digest, bytes] = {}

    # --- events -----------------------------------------------------------------------------------

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Part of EventStore."""
        return [self._append_one(append) for append in appends]

    def _append_one(self, append: Append) -> DiagnosticError | None:
        run = self._runs.get(append.run)
        actual = len(run.events) if run else 0
        if append.opening is not None and run is not None:
            return E_RUN_EXISTS.error(run=append.run)
        if append.opening is None and (
            run is None or run.lease is None or run.lease.token != append.lease.token
        ):
            return E_LEASE_LOST.error(run=append.run, owner=append.lease.owner)
        if actual != append.expected_head:
            return E_STALE_HEAD.error(run=append.run, expected=append.expected_head, actual=actual)
        for artifact in append.artifacts:
            self.put_artifact(artifact)
        if run is None:
            assert append.opening is not None
            run = self._runs[append.run] = _Run(append.opening, append.standing, append.lease.token)
            expires = self._now_epoch_ms() + append.lease.duration_ms
            run.lease = replace(append.lease, expires_at_epoch_ms=expires)
        run.events.extend(StoredEvent(event, append.recorded_at_epoch_ms) for event in append.events)
        run.standing = append.standing
        if append.standing.status in RELEASED:
            run.lease = None
        for receiver, message in append.posts:
            known = self._runs.get(receiver)
            if known is not None and known.standing.status not in ENDED:
                self.post_message(receiver, message)
        return None

    def get_head(self, run: RunId) -> int:
        """Part of EventStore."""
        known = self._runs.get(run)
        return len(known.events) if known else 0

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """Part of EventStore."""
        known = self._runs.get(run)
        return known.events[first_seq - 1 :] if known else []

    def get_run(self, run: RunId) -> RunRecord | None:
        """Part of EventStore."""
        known = self._runs.get(run)
        return _build_record(run, known) if known else None

    def list_runs(self, which: RunFilter = ALL_RUNS) -> list[RunRecord]:
        """Part of EventStore."""
        records = [_build_record(run, known) for run, known in self._runs.items()]
        found = [record for record in records if matches(record, which)]
        found.sort(key=lambda record: (record.started_at_epoch_ms, record.run))
        return found if which.limit is None else found[max(0, len(found) - which.limit) :]

    def list_drivable(self, limit: int) -> list[RunId]:
        """Part of EventStore."""
        now = self._now_epoch_ms()
        due: list[tuple[int, RunId]] = []
        for run, known in self._runs.items():
            record = _build_record(run, known)
            if is_drivable(record, len(known.messages), now):
                due.append((record.standing.due_at_epoch_ms or record.last_event_at_epoch_ms, run))
        return [run for _, run in sorted(due)[:limit]]

    # --- leases -----------------------------------------------------------------------------------

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        """Part of LeaseStore."""
        known = self._require(run)
        now = self._now_epoch_ms()
        held = known.lease
        if held is not None and held.owner != dead_owner and held.expires_at_epoch_ms > now:
            raise E_RUN_LEASED.error(run=run, owner=held.owner, left_ms=held.expires_at_epoch_ms - now)
        known.token += 1
        known.lease = Lease(run, owner, known.token, duration_ms, now + duration_ms)
        return known.lease

    def renew_lease(self, lease: Lease) -> Lease:
        """Part of LeaseStore."""
        known = self._require(lease.run)
        if known.lease is None or known.lease.token != lease.token:
            raise E_LEASE_LOST.error(run=lease.run, owner=lease.owner)
        known.lease = replace(lease, expires_at_epoch_ms=self._now_epoch_ms() + lease.duration_ms)
        return known.lease

    def release_lease(self, lease: Lease) -> None:
        """Part of LeaseStore."""
        known = self._runs.get(lease.run)
        if known is not None and known.lease is not None and known.lease.token == lease.token:
            known.lease = None

    # --- messages ---------------------------------------------------------------------------------

    def post_message(self, run: RunId, message: Message) -> int:
        """Part of Inbox."""
        known = self._require(run)
        for stored in known.messages:
            if stored.message.id == message.id:
                return stored.position
        if known.standing.status in ENDED:
            raise E_RUN_FINISHED.error(run=run, outcome=known.standing.status)
        position = len(known.messages) + 1
        known.messages.append(StoredMessage(position, message, self._now_epoch_ms()))
        return position

    def read_messages(self, run: RunId, after: int = 0) -> list[StoredMessage]:
        """Part of Inbox."""
        known = self._runs.get(run)
        return known.messages[after:] if known else []

    async def wait_for_change(self, run: RunId, timeout_seconds: float) -> None:  # noqa: ARG002 - any run
        """Part of Inbox: it polls."""
        await asyncio.sleep(min(timeout_seconds, _POLL_SECONDS))

    # --- artifacts --------------------------------------------------------------------------------

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore."""
        self._artifacts.setdefault(artifact.digest, artifact.content)

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore."""
        content = self._artifacts.get(digest)
        if content is None:
            raise E_ARTIFACT_MISSING.error(digest=digest)
        return verify_content(digest, content)

    def list_artifacts(self) -> Iterator[Digest]:
        """Part of ArtifactStore."""
        return iter(list(self._artifacts))

    def delete_artifact(self, digest: Digest) -> None:
        """Part of ArtifactStore."""
        self._artifacts.pop(digest, None)

    def close(self) -> None:
        """Part of Store."""
        self._runs.clear()
        self._artifacts.clear()

    def _require(self, run: RunId) -> _Run:
        known = self._runs.get(run)
        if known is None:
            raise E_RUN_UNKNOWN.error(run=run)
        return known


def _build_record(run: RunId, known: _Run) -> RunRecord:
    return RunRecord(
        run=run,
        opening=known.opening,
        standing=known.standing,
        head=len(known.events),
        started_at_epoch_ms=known.events[0].recorded_at_epoch_ms,
        last_event_at_epoch_ms=known.events[-1].recorded_at_epoch_ms,
        lease=known.lease,
    )
