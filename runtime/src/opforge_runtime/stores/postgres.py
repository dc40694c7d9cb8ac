"""The store of many machines: events, leases, messages and artifacts in one schema of a PostgreSQL database.

An append that returned is durable as far as the server is: it commits with `synchronous_commit = on`. Leases
expire by the server's clock, so the clocks of the machines need not agree. When the connection is lost, it is
made anew within a bounded time, and what was under way is finished or found to be done: nothing is stored
twice.

Needs the extra `postgres`, and a server of version 13 or later: reached directly, or through a pool
that keeps sessions apart, since settings and notices belong to a session.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Final, LiteralString, Self

from psycopg import Connection
from psycopg.rows import TupleRow

from opforge_ir.codes.store import (
    E_ARTIFACT_MISSING,
    E_LEASE_LOST,
    E_RUN_FINISHED,
    E_RUN_LEASED,
    E_RUN_UNKNOWN,
)
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.artifacts import verify_content
from opforge_runtime.stores.postgres_append import add_artifacts, append_segments, post
from opforge_runtime.stores.postgres_connection import PostgresConnection
from opforge_runtime.stores.postgres_notices import WORK, Listener, queue_notice
from opforge_runtime.stores.postgres_schema import migrate
from opforge_runtime.stores.postgres_url import read_postgres_url
from opforge_runtime.stores.protocol import (
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
from opforge_runtime.stores.segments import unpack_segment

__all__ = ["PostgresStore"]

_LOCK_TIMEOUT_MS: Final = 10_000
_RECONNECT_SECONDS: Final = 30.0
_PAGE: Final = 1_000

_EVENTS: Final = """
SELECT first_seq, last_digest, recorded_at_epoch_ms, content
FROM opforge_segments JOIN opforge_runs ON number = run_number
WHERE run = %(run)s AND first_seq >= coalesce((
  SELECT max(first_seq) FROM opforge_segments
  WHERE run_number = opforge_runs.number AND first_seq <= %(first_seq)s), 0)
ORDER BY first_seq
"""

_RECORDS: Final = """
SELECT run, workload, version, op, ir, parent, status, due_at_epoch_ms, messages_read, head,
  started_at_epoch_ms, last_event_at_epoch_ms, owner, token, lease_duration_ms, lease_expires_at_epoch_ms
FROM opforge_runs
"""

_MATCHING: Final = """
WHERE (%(statuses)s::text[] IS NULL OR status = ANY(%(statuses)s))
  AND (%(workload)s::text IS NULL OR workload = %(workload)s)
  AND (%(op)s::text IS NULL OR op = %(op)s)
  AND (%(parent)s::text IS NULL OR parent = %(parent)s)
  AND (%(started_from)s::bigint IS NULL OR started_at_epoch_ms >= %(started_from)s)
  AND (%(started_before)s::bigint IS NULL OR started_at_epoch_ms < %(started_before)s)
  AND starts_with(run, %(beginning)s)
ORDER BY started_at_epoch_ms DESC, run DESC LIMIT %(limit)s
"""

_DRIVABLE: Final = """
SELECT run FROM opforge_runs, (SELECT opforge_now() AS now) AS clock
WHERE status IN ('queued', 'running', 'sleeping', 'waiting')
  AND (lease_expires_at_epoch_ms IS NULL OR lease_expires_at_epoch_ms <= now)
  AND (status IN ('queued', 'running') OR due_at_epoch_ms <= now OR last_message > messages_read)
ORDER BY coalesce(due_at_epoch_ms, last_event_at_epoch_ms), run LIMIT %s
"""

_ACQUIRE: Final = """
UPDATE opforge_runs SET token = token + 1, acquisition = %(acquisition)s, owner = %(owner)s,
  lease_duration_ms = %(duration_ms)s, lease_expires_at_epoch_ms = opforge_now() + %(duration_ms)s
WHERE run = %(run)s
  AND (owner IS NULL OR owner = %(dead_owner)s OR lease_expires_at_epoch_ms <= opforge_now())
RETURNING token, lease_expires_at_epoch_ms
"""

_ACQUIRED: Final = """
SELECT token, lease_expires_at_epoch_ms FROM opforge_runs
WHERE run = %(run)s AND acquisition = %(acquisition)s AND owner IS NOT NULL
"""

_HELD: Final = "SELECT owner, lease_expires_at_epoch_ms - opforge_now() FROM opforge_runs WHERE run = %s"

_RENEW: Final = """
UPDATE opforge_runs
SET lease_duration_ms = %(duration_ms)s, lease_expires_at_epoch_ms = opforge_now() + %(duration_ms)s
WHERE run = %(run)s AND token = %(token)s AND owner IS NOT NULL RETURNING lease_expires_at_epoch_ms
"""

_RELEASE: Final = """
UPDATE opforge_runs SET owner = NULL, lease_duration_ms = NULL, lease_expires_at_epoch_ms = NULL
WHERE run = %s AND token = %s
"""

_MESSAGES: Final = """
SELECT position, kind, name, content, id, posted_at_epoch_ms
FROM opforge_messages JOIN opforge_runs ON number = run_number
WHERE run = %s AND position > %s ORDER BY position
"""

_FIND_MESSAGE: Final = """
SELECT status, (SELECT position FROM opforge_messages WHERE run_number = number AND id = %s)
FROM opforge_runs WHERE run = %s
"""


class PostgresStore:
    """All roles in one schema; a context manager. Threads wait for each other."""

    def __init__(
        self,
        url: str,
        *,
        is_created: bool = True,
        lock_timeout_ms: int = _LOCK_TIMEOUT_MS,
        reconnect_seconds: float = _RECONNECT_SECONDS,
    ) -> None:
        """Connect, and make the tables when they are not there and `is_created` holds.

        Raises DiagnosticError: E_STORE_URL, E_STORE_UNREACHABLE, E_STORE_ACCESS_DENIED, E_STORE_NOT_OURS,
        E_STORE_NEWER. Everything else may raise E_STORE_CONNECTION_LOST, E_STORE_LOCKED, E_STORE_READ_ONLY,
        E_STORE_FULL, E_STORE_DAMAGED and E_STORE_IO.
        """
        target = read_postgres_url(url)
        self._connection = PostgresConnection(
            target, lock_timeout_ms=lock_timeout_ms, reconnect_seconds=reconnect_seconds
        )
        self._listener = Listener(target, lock_timeout_ms)
        self._connection.open()
        try:
            self._connection.perform(
                lambda connection, _: migrate(connection, target.schema, target.name, is_created=is_created)
            )
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Part of Store."""
        self._listener.close()
        self._connection.close()

    # --- events -----------------------------------------------------------------------------------

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Part of EventStore."""
        for append in appends:
            if append.standing.status in RELEASED:
                self._listener.forget(append.run)
        return self._connection.perform(
            lambda connection, is_repeated: append_segments(connection, appends, is_repeated)
        )

    def get_head(self, run: RunId) -> int:
        """Part of EventStore."""
        rows = self._fetch("SELECT head FROM opforge_runs WHERE run = %s", (run,))
        return rows[0][0] if rows else 0

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """Part of EventStore."""
        return [
            event
            for first, digest, at, content in self._fetch(_EVENTS, {"run": run, "first_seq": first_seq})
            for event in unpack_segment(run, first, digest, at, content)
            if event.sealed.seq >= first_seq
        ]

    def get_run(self, run: RunId) -> RunRecord | None:
        """Part of EventStore."""
        rows = self._fetch(_RECORDS + "WHERE run = %s", (run,))
        return _build_record(rows[0]) if rows else None

    def list_runs(self, which: RunFilter = RunFilter()) -> list[RunRecord]:  # noqa: B008 - it cannot be changed
        """Part of EventStore."""
        values = {
            "statuses": list(which.statuses) or None,
            "workload": which.workload,
            "op": which.op,
            "parent": which.parent,
            "started_from": which.started_from_epoch_ms,
            "started_before": which.started_before_epoch_ms,
            "beginning": which.beginning,
            "limit": which.limit,
        }
        rows = self._fetch(_RECORDS + _MATCHING, values)
        return [_build_record(row) for row in reversed(rows)]

    def list_drivable(self, limit: int) -> list[RunId]:
        """Part of EventStore."""
        self._listener.note_look(WORK)
        return [RunId(run) for (run,) in self._fetch(_DRIVABLE, (limit,))]

    # --- leases -----------------------------------------------------------------------------------

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        """Part of LeaseStore."""
        values = {
            "run": run,
            "acquisition": uuid.uuid4(),
            "owner": owner,
            "duration_ms": duration_ms,
            "dead_owner": dead_owner,
        }

        def acquire(connection: Connection[TupleRow], is_repeated: bool) -> Lease:
            row = connection.execute(_ACQUIRED, values).fetchone() if is_repeated else None
            row = row or connection.execute(_ACQUIRE, values).fetchone()
            if row is not None:
                return Lease(run, owner, row[0], duration_ms, row[1])
            held = connection.execute(_HELD, (run,)).fetchone()
            if held is None:
                raise E_RUN_UNKNOWN.error(run=run)
            # Between the two looks it may have been given back: then nothing is left of it.
            raise E_RUN_LEASED.error(run=run, owner=held[0] or "nobody", left_ms=max(0, held[1] or 0))

        return self._connection.perform(acquire)

    def renew_lease(self, lease: Lease) -> Lease:
        """Part of LeaseStore."""
        values = {"run": lease.run, "token": lease.token, "duration_ms": lease.duration_ms}
        rows = self._fetch(_RENEW, values)
        if rows:
            return Lease(lease.run, lease.owner, lease.token, lease.duration_ms, rows[0][0])
        if self.get_run(lease.run) is None:
            raise E_RUN_UNKNOWN.error(run=lease.run)
        raise E_LEASE_LOST.error(run=lease.run, owner=lease.owner)

    def release_lease(self, lease: Lease) -> None:
        """Part of LeaseStore."""
        self._connection.perform(lambda connection, _: connection.execute(_RELEASE, (lease.run, lease.token)))

    # --- messages ---------------------------------------------------------------------------------

    def post_message(self, run: RunId, message: Message) -> int:
        """Part of Inbox."""

        def write(connection: Connection[TupleRow], _: bool) -> int:
            with connection.transaction():
                posted = post(connection, run, message).fetchone()
                if posted is not None:
                    queue_notice(connection, "message", run)
                    return int(posted[0])
            known = connection.execute(_FIND_MESSAGE, (message.id, run)).fetchone()
            if known is None:
                raise E_RUN_UNKNOWN.error(run=run)
            status, position = known
            if position is None:
                raise E_RUN_FINISHED.error(run=run, outcome=status)
            return int(position)

        return self._connection.perform(write)

    def read_messages(self, run: RunId, after: int = 0) -> list[StoredMessage]:
        """Part of Inbox."""
        self._listener.note_look(run)
        return [
            StoredMessage(position, Message(kind, name, content, id_), at)
            for position, kind, name, content, id_, at in self._fetch(_MESSAGES, (run, after))
        ]

    async def wait_for_change(self, run: RunId, timeout_seconds: float) -> None:
        """Part of Inbox: the server's notices wake it."""
        await self._listener.wait(run, timeout_seconds)

    async def wait_for_work(self, timeout_seconds: float) -> None:
        """Return when somebody has made a run drivable since `list_drivable`; at the latest after the time.

        A run that becomes drivable by time alone, since it is due or its lease is over, sends no notice.
        """
        await self._listener.wait(WORK, timeout_seconds)

    # --- artifacts --------------------------------------------------------------------------------

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore."""
        self._connection.perform(lambda connection, _: add_artifacts(connection, [artifact]))

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore."""
        rows = self._fetch("SELECT content FROM opforge_artifacts WHERE digest = %s", (digest,))
        if not rows:
            raise E_ARTIFACT_MISSING.error(digest=digest)
        return verify_content(digest, rows[0][0])

    def list_artifacts(self) -> Iterator[Digest]:
        """Part of ArtifactStore."""
        last = ""
        while True:
            # Page by page: a cursor would keep a transaction open for as long as the caller takes.
            page = self._fetch(
                "SELECT digest FROM opforge_artifacts WHERE digest > %s ORDER BY digest LIMIT %s",
                (last, _PAGE),
            )
            yield from (Digest(digest) for (digest,) in page)
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    def delete_artifact(self, digest: Digest) -> None:
        """Part of ArtifactStore."""

        def delete(connection: Connection[TupleRow], _: bool) -> None:
            with connection.transaction():
                connection.execute("SELECT set_config('opforge.collected', %s, true)", (digest,))
                connection.execute("DELETE FROM opforge_artifacts WHERE digest = %s", (digest,))

        self._connection.perform(delete)

    def _fetch(self, query: LiteralString, values: tuple[object, ...] | dict[str, Any]) -> list[TupleRow]:
        """The rows of one statement, which may be done twice. Bytes travel as they are, not as digits."""
        return self._connection.perform(
            lambda connection, _: connection.execute(query, values, binary=True).fetchall()
        )


def _build_record(row: TupleRow) -> RunRecord:
    """The record that a row of `_RECORDS` holds."""
    name, workload, version, op, ir, parent, status, due, messages_read, head, *times, owner = row[:13]
    token, duration_ms, expires_at = row[13:]
    run = RunId(name)
    return RunRecord(
        run=run,
        opening=Opening(workload, version, op, Digest(ir), None if parent is None else RunId(parent)),
        standing=Standing(status, due, messages_read),
        head=head,
        started_at_epoch_ms=times[0],
        last_event_at_epoch_ms=times[1],
        lease=None if owner is None else Lease(run, owner, token, duration_ms, expires_at),
    )
