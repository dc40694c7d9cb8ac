"""The embedded store: events and artifacts in one SQLite file.

WAL with `synchronous=FULL`: an append that returned survives the loss of power, as far as the disk keeps
what it said it wrote. The file must stand on a local disk: SQLite's locks do not hold on network file
systems (sqlite.org/wal.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from opforge_ir.codes.store import (
    E_ARTIFACT_MISSING,
    E_STALE_HEAD,
    E_STORE_CANNOT_OPEN,
    E_STORE_DAMAGED,
    E_STORE_FULL,
    E_STORE_IO,
    E_STORE_LOCKED,
    E_STORE_NEWER,
    E_STORE_NOT_OURS,
    E_STORE_READ_ONLY,
)
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.artifacts import verify_content
from opforge_runtime.stores.protocol import SealedArtifact, SealedEvent, StoredEvent
from opforge_runtime.stores.sqlite_schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION

__all__ = ["SqliteStore"]

_BUSY_TIMEOUT_MS: Final = 10_000
_PRIMARY_CODE: Final = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""

_ADD_EVENT = "INSERT INTO events (run, seq, digest, envelope, recorded_at_epoch_ms) VALUES (?, ?, ?, ?, ?)"
_ADD_ARTIFACT = (
    "INSERT INTO artifacts (digest, content) SELECT :digest, :content"
    " WHERE NOT EXISTS (SELECT 1 FROM artifacts WHERE digest = :digest)"
)


class SqliteStore:
    """Both roles in one file; a context manager. Not for several threads at once."""

    def __init__(
        self, path: Path, *, is_created: bool = True, busy_timeout_ms: int = _BUSY_TIMEOUT_MS
    ) -> None:
        """Open the file, and make it when it is not there and `is_created` holds.

        Raises DiagnosticError: E_STORE_CANNOT_OPEN, E_STORE_NOT_OURS, E_STORE_NEWER, and what appends raise.
        """
        self._name = str(path)
        self._busy_timeout_ms = busy_timeout_ms
        if not is_created and not path.exists():
            raise E_STORE_CANNOT_OPEN.error(store=self._name)
        with self._errors():
            self._connection = sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)
            try:
                self._prepare()
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
        with self._errors():
            self._connection.close()

    def append(
        self,
        run: RunId,
        expected_head: int,
        events: Sequence[SealedEvent],
        artifacts: Sequence[SealedArtifact],
        recorded_at_epoch_ms: int,
    ) -> None:
        """Part of EventStore. Raises DiagnosticError: E_STORE_LOCKED, E_STORE_READ_ONLY, E_STORE_FULL, …"""
        if [event.seq for event in events] != list(range(expected_head + 1, expected_head + 1 + len(events))):
            raise ValueError("events follow the head without a gap")
        with self._errors(), self._transaction():
            actual = self._select_head(run)
            if actual != expected_head:
                raise E_STALE_HEAD.error(run=run, expected=expected_head, actual=actual)
            self._connection.executemany(_ADD_ARTIFACT, map(_name_columns, artifacts))
            self._connection.executemany(
                _ADD_EVENT, [(run, e.seq, e.digest, e.envelope, recorded_at_epoch_ms) for e in events]
            )

    def get_head(self, run: RunId) -> int:
        """Part of EventStore."""
        with self._errors():
            return self._select_head(run)

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        """Part of EventStore."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT seq, digest, envelope, recorded_at_epoch_ms FROM events"
                " WHERE run = ? AND seq >= ? ORDER BY seq",
                (run, first_seq),
            ).fetchall()
        return [StoredEvent(SealedEvent(seq, digest, envelope), at) for seq, digest, envelope, at in rows]

    def list_runs(self) -> list[RunId]:
        """Part of EventStore."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT run FROM events WHERE seq = 1 ORDER BY recorded_at_epoch_ms, run"
            ).fetchall()
        return [RunId(run) for (run,) in rows]

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore."""
        with self._errors(), self._transaction():
            self._connection.execute(_ADD_ARTIFACT, _name_columns(artifact))

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore."""
        with self._errors():
            row = self._connection.execute(
                "SELECT content FROM artifacts WHERE digest = ?", (digest,)
            ).fetchone()
        if row is None:
            raise E_ARTIFACT_MISSING.error(digest=digest)
        return verify_content(digest, row[0])

    def _select_head(self, run: RunId) -> int:
        (head,) = self._connection.execute("SELECT max(seq) FROM events WHERE run = ?", (run,)).fetchone()
        return head or 0

    def _prepare(self) -> None:
        """Know the file, bring it to the present version, and set how this connection writes."""
        version = self._check_is_ours()
        if version < SCHEMA_VERSION:
            self._connection.execute("PRAGMA journal_mode = WAL")
            with self._transaction():
                # Another process may have been first; the lock is ours now.
                for migration in MIGRATIONS[self._get_pragma("user_version") :]:
                    for statement in _split_statements(migration):
                        self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._connection.execute("PRAGMA synchronous = FULL")

    def _check_is_ours(self) -> int:
        """The schema's version; 0 for a file that is empty. Refuses any other file."""
        version = self._get_pragma("user_version")
        application = self._get_pragma("application_id")
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application != APPLICATION_ID and (application or version or tables):
            raise E_STORE_NOT_OURS.error(store=self._name, problem="another program's database")
        if version > SCHEMA_VERSION:
            raise E_STORE_NEWER.error(store=self._name, version=version, known=SCHEMA_VERSION)
        return version

    def _get_pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    @contextmanager
    def _transaction(self) -> Generator[None]:
        """All or nothing. The write lock is taken first, so that what is read stays true until the end."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself when the disk was full, for example.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self) -> Generator[None]:
        """SQLite's errors as codes; its messages are not repeated."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._translate(error) from error

    def _translate(self, error: sqlite3.Error) -> DiagnosticError:
        extended = getattr(error, "sqlite_errorcode", None)
        match None if extended is None else extended & _PRIMARY_CODE:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return E_STORE_LOCKED.error(store=self._name, waited_ms=self._busy_timeout_ms)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                return E_STORE_READ_ONLY.error(store=self._name)
            case sqlite3.SQLITE_CANTOPEN:
                return E_STORE_CANNOT_OPEN.error(store=self._name)
            case sqlite3.SQLITE_NOTADB:
                return E_STORE_NOT_OURS.error(store=self._name, problem="not a SQLite database")
            case sqlite3.SQLITE_CORRUPT:
                return E_STORE_DAMAGED.error(store=self._name)
            case sqlite3.SQLITE_FULL:
                return E_STORE_FULL.error(store=self._name)
            case _:
                problem = getattr(error, "sqlite_errorname", type(error).__name__)
                return E_STORE_IO.error(store=self._name, problem=problem)


def _name_columns(artifact: SealedArtifact) -> dict[str, str | bytes]:
    return {"digest": artifact.digest, "content": artifact.content}


def _split_statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction around them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
