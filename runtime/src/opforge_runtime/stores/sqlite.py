"""The embedded store: all roles in one SQLite file.

WAL with `synchronous=FULL`: an append that returned survives the loss of power, as far as the disk keeps
what it said it wrote. The file must stand on a local disk: SQLite's locks do not hold on network file
systems (sqlite.org/wal.html).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from opforge_ir.codes.store import (
    E_ARTIFACT_MISSING,
    E_LEASE_LOST,
    E_RUN_EXISTS,
    E_RUN_FINISHED,
    E_RUN_LEASED,
    E_RUN_UNKNOWN,
    E_STALE_HEAD,
)
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
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
from opforge_runtime.stores.segments import pack_segment
from opforge_runtime.stores.sqlite_file import DamagedRowError, SqliteFile
from opforge_runtime.stores.sqlite_rows import (
    build_condition,
    build_lease,
    build_message,
    build_record,
    get_id,
    get_place,
    read_segment,
)
from opforge_runtime.stores.sqlite_statements import (
    ADD_ARTIFACT,
    ADD_MESSAGE,
    ADD_RUN,
    ADD_SEGMENT,
    ADD_STEP,
    CLEAR_LEASE,
    SELECT_EVENTS,
    SELECT_LAST_MESSAGE,
    SELECT_LEASE,
    SELECT_MESSAGE_BY_ID,
    SELECT_MESSAGES,
    SELECT_RECORD,
    SELECT_RUN,
    SET_LEASE,
    SET_STANDING,
    WHERE_DRIVABLE,
)
from opforge_runtime.stores.wall_clock import get_epoch_ms

__all__ = ["SqliteStore"]

_BUSY_TIMEOUT_MS: Final = 10_000
_POLL_SECONDS: Final = 0.1
"""How often a run that waits looks whether another process has written; a look reads the log's index only."""


class SqliteStore:
    """All roles in one file; a context manager. Not for several threads at once."""

    def __init__(
        self,
        path: Path,
        *,
        is_created: bool = True,
        busy_timeout_ms: int = _BUSY_TIMEOUT_MS,
        now_epoch_ms: Callable[[], int] | None = None,
    ) -> None:
        """Open the file, and make it when it is not there and `is_created` holds.

        `now_epoch_ms` is the clock of its leases and due times; the machine's when it is None.
        Raises DiagnosticError: E_STORE_CANNOT_OPEN, E_STORE_NOT_OURS, E_STORE_NEWER, and what appends raise.
        """
        self._now_epoch_ms = now_epoch_ms or get_epoch_ms
        self._file = SqliteFile(path, is_created=is_created, busy_timeout_ms=busy_timeout_ms)
        self._seen: dict[RunId, tuple[int, int]] = {}
        """How the file stood when the messages of a run were last read."""
        self._numbers: dict[RunId, int] = {}
        """The numbers of the runs that were appended to and not left."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Part of Store."""
        self._file.close()

    def find_damage(self) -> list[Diagnostic]:
        """Part of SelfChecking: reads the whole file."""
        return self._file.find_damage()

    # --- events -----------------------------------------------------------------------------------

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Part of EventStore. Raises DiagnosticError: E_STORE_LOCKED, E_STORE_READ_ONLY, E_STORE_FULL, …"""
        if len(appends) == 1 and self._append_step(appends[0]):
            return [None]
        with self._file.transaction() as connection:
            return [
                None if self._append_step(append) else self._append_one(connection, append)
                for append in appends
            ]

    def _append_step(self, append: Append) -> bool:
        """Make the append of one step of a run in one statement, if it is one and nothing speaks against it.

        The statement is a transaction of its own where there is none.
        What is checked elsewhere before a segment is added is the condition of this one: the lease, and that
        the standing stays as it is. A segment that does not follow is refused by the file.
        """
        number = self._numbers.get(append.run)
        if number is None or append.artifacts or append.posts or not append.events:
            return False
        last, standing = append.events[-1], append.standing
        if standing.status != "running":
            return False
        values = (
            number << 32 | append.expected_head + 1,
            last.seq,
            append.recorded_at_epoch_ms,
            last.digest,
            pack_segment(append.events),
            number,
            append.run,
            append.lease.token,
            standing.status,
            standing.due_at_epoch_ms,
            standing.messages_read,
        )
        return self._file.insert_step(ADD_STEP, values)

    def _append_one(self, connection: sqlite3.Connection, append: Append) -> DiagnosticError | None:
        row = connection.execute(SELECT_RUN, (append.run,)).fetchone()
        if append.opening is not None:
            if row is not None:
                return E_RUN_EXISTS.error(run=append.run)
            number, head = self._open_run(connection, append, append.opening), 0
            self._numbers[append.run] = number
        else:
            if row is None or row[5] is None or row[4] != append.lease.token:
                return E_LEASE_LOST.error(run=append.run, owner=append.lease.owner)
            number, head = row[0], row[6]
            self._numbers[append.run] = number
            if head != append.expected_head:
                return E_STALE_HEAD.error(run=append.run, expected=append.expected_head, actual=head)
            if row[1:4] != _get_columns(append.standing):
                connection.execute(SET_STANDING, (*_get_columns(append.standing), number))
        if append.events:
            last = append.events[-1]
            content = pack_segment(append.events)
            segment = (get_id(number, head + 1), last.seq, append.recorded_at_epoch_ms, last.digest, content)
            connection.execute(ADD_SEGMENT, segment)
        for artifact in append.artifacts:
            _add_artifact(connection, artifact)
        if append.standing.status in RELEASED:
            connection.execute(CLEAR_LEASE, (number,))
            self._seen.pop(append.run, None)
            self._numbers.pop(append.run, None)
        for receiver, message in append.posts:
            self._post(connection, receiver, message)
        return None

    def _open_run(self, connection: sqlite3.Connection, append: Append, opening: Opening) -> int:
        """Add the row of a new run; returns its number."""
        lease = append.lease
        row = (
            *(append.run, opening.workload, opening.version, opening.op, opening.ir, opening.parent),
            append.recorded_at_epoch_ms,
            *_get_columns(append.standing),
            *(lease.token, lease.owner, lease.duration_ms, self._now_epoch_ms() + lease.duration_ms),
        )
        number = connection.execute(ADD_RUN, row).lastrowid
        assert number is not None
        return number

    def get_head(self, run: RunId) -> int:
        """Part of EventStore."""
        rows = self._file.select(SELECT_RUN, (run,))
        return rows[0][6] if rows else 0

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """Part of EventStore. Raises DiagnosticError: E_EVENT_CORRUPT for a segment that is none."""
        events: list[StoredEvent] = []
        values = {"number": self._find_number(run), "first_seq": first_seq}
        with self._file.errors():
            for row in self._file.connection.execute(SELECT_EVENTS, values):
                events += read_segment(run, row)
        return [event for event in events if event.sealed.seq >= first_seq] if first_seq > 1 else events

    def get_run(self, run: RunId) -> RunRecord | None:
        """Part of EventStore."""
        found = self._select_records(f"{SELECT_RECORD} WHERE run = ?", (run,))
        return found[0] if found else None

    def list_runs(self, which: RunFilter = ALL_RUNS) -> list[RunRecord]:
        """Part of EventStore."""
        condition, values = build_condition(which)
        statement = f"{SELECT_RECORD} WHERE {condition} ORDER BY started_at_epoch_ms DESC, run DESC LIMIT ?"
        limit = -1 if which.limit is None else which.limit
        return self._select_records(statement, [*values, limit])[::-1]

    def list_drivable(self, limit: int) -> list[RunId]:
        """Part of EventStore."""
        found = self._select_records(
            f"{SELECT_RECORD} {WHERE_DRIVABLE}", {"now": self._now_epoch_ms(), "limit": limit}
        )
        return [record.run for record in found]

    def _select_records(
        self, statement: str, values: Sequence[object] | dict[str, object]
    ) -> list[RunRecord]:
        rows = self._file.select(statement, values)
        with self._file.errors():
            return [build_record(row) for row in rows]

    def _find_number(self, run: RunId) -> int:
        """The number of a run; 0, which no run has, when it is not there."""
        rows = self._file.select(SELECT_RUN, (run,))
        return rows[0][0] if rows else 0

    # --- leases -----------------------------------------------------------------------------------

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        """Part of LeaseStore."""
        with self._file.transaction() as connection:
            number, token, held = _select_lease(connection, run)
            now = self._now_epoch_ms()
            if held is not None and held.owner != dead_owner and held.expires_at_epoch_ms > now:
                left_ms = held.expires_at_epoch_ms - now
                raise E_RUN_LEASED.error(run=run, owner=held.owner, left_ms=left_ms)
            lease = Lease(run, owner, token + 1, duration_ms, now + duration_ms)
            _set_lease(connection, number, lease)
        return lease

    def renew_lease(self, lease: Lease) -> Lease:
        """Part of LeaseStore."""
        with self._file.transaction() as connection:
            number, _, held = _select_lease(connection, lease.run)
            if held is None or held.token != lease.token:
                raise E_LEASE_LOST.error(run=lease.run, owner=lease.owner)
            renewed = replace(lease, expires_at_epoch_ms=self._now_epoch_ms() + lease.duration_ms)
            _set_lease(connection, number, renewed)
        return renewed

    def release_lease(self, lease: Lease) -> None:
        """Part of LeaseStore."""
        with self._file.transaction() as connection:
            row = connection.execute(SELECT_LEASE, (lease.run,)).fetchone()
            if row is not None and row[1] == lease.token:
                connection.execute(CLEAR_LEASE, (row[0],))

    # --- messages ---------------------------------------------------------------------------------

    def post_message(self, run: RunId, message: Message) -> int:
        """Part of Inbox."""
        with self._file.transaction() as connection:
            posted = self._post(connection, run, message)
        if isinstance(posted, DiagnosticError):
            raise posted
        return posted

    def _post(self, connection: sqlite3.Connection, run: RunId, message: Message) -> int | DiagnosticError:
        """The position of a message, posted now unless it was before; or why it cannot be posted."""
        row = connection.execute(SELECT_RUN, (run,)).fetchone()
        if row is None:
            return E_RUN_UNKNOWN.error(run=run)
        number, status = row[:2]
        known = connection.execute(SELECT_MESSAGE_BY_ID, (number, message.id)).fetchone()
        if known is not None:
            return get_place(known[0])
        if status in ENDED:
            return E_RUN_FINISHED.error(run=run, outcome=status)
        last = connection.execute(SELECT_LAST_MESSAGE, {"number": number}).fetchone()
        position = 1 + (get_place(last[0]) if last else 0)
        what = (message.kind, message.name, message.content, message.id)
        connection.execute(ADD_MESSAGE, (get_id(number, position), *what, self._now_epoch_ms()))
        return position

    def read_messages(self, run: RunId, after: int = 0) -> list[StoredMessage]:
        """Part of Inbox."""
        # The marker comes first: what is written after it ends the next wait.
        self._seen[run] = self._file.get_marker()
        rows = self._file.select(SELECT_MESSAGES, {"number": self._find_number(run), "after": after})
        with self._file.errors():
            return [build_message(row) for row in rows]

    async def wait_for_change(self, run: RunId, timeout_seconds: float) -> None:
        """Part of Inbox: any change of the file may be one."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_seconds
        seen = self._seen.get(run) or self._file.get_marker()
        # Another process cannot set an event of this one.
        while self._file.get_marker() == seen and (left := end - loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left, _POLL_SECONDS))

    # --- artifacts --------------------------------------------------------------------------------

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore."""
        with self._file.transaction() as connection:
            _add_artifact(connection, artifact)

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore."""
        rows = self._file.select("SELECT content FROM artifacts WHERE digest = ?", (digest,))
        if not rows:
            raise E_ARTIFACT_MISSING.error(digest=digest)
        ((content,),) = rows
        with self._file.errors():
            if not isinstance(content, bytes):
                raise DamagedRowError
        return verify_content(digest, content)

    def list_artifacts(self) -> Iterator[Digest]:
        """Part of ArtifactStore."""
        return iter([Digest(digest) for (digest,) in self._file.select("SELECT digest FROM artifacts")])

    def delete_artifact(self, digest: Digest) -> None:
        """Part of ArtifactStore. The file lets go of what it was told the name of, and of nothing else."""
        with self._file.transaction() as connection:
            connection.execute("INSERT INTO collected (only, digest) VALUES (1, ?)", (digest,))
            connection.execute("DELETE FROM artifacts WHERE digest = ?", (digest,))
            connection.execute("DELETE FROM collected")


def _get_columns(standing: Standing) -> tuple[str, int | None, int]:
    return standing.status, standing.due_at_epoch_ms, standing.messages_read


def _add_artifact(connection: sqlite3.Connection, artifact: SealedArtifact) -> None:
    connection.execute(ADD_ARTIFACT, {"digest": artifact.digest, "content": artifact.content})


def _select_lease(connection: sqlite3.Connection, run: RunId) -> tuple[int, int, Lease | None]:
    """Number, greatest token and held lease of a run. Raises DiagnosticError (E_RUN_UNKNOWN)."""
    row: tuple[Any, ...] | None = connection.execute(SELECT_LEASE, (run,)).fetchone()
    if row is None:
        raise E_RUN_UNKNOWN.error(run=run)
    number, token, owner, duration, expires_at = row
    return number, token, build_lease(run, token, owner, duration, expires_at)


def _set_lease(connection: sqlite3.Connection, number: int, lease: Lease) -> None:
    row = (lease.token, lease.owner, lease.duration_ms, lease.expires_at_epoch_ms, number)
    connection.execute(SET_LEASE, row)
