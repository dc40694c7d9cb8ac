"""One connection to the file of a SQLite store: opening, transactions, and a code for every fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from os import F_OK, access
from pathlib import Path
from time import monotonic
from typing import Any, Final

from opforge_ir.codes.store import (
    E_STORE_CANNOT_OPEN,
    E_STORE_DAMAGED,
    E_STORE_FULL,
    E_STORE_IO,
    E_STORE_LOCKED,
    E_STORE_LOG_DAMAGED,
    E_STORE_NEWER,
    E_STORE_NOT_OURS,
    E_STORE_READ_ONLY,
    E_STORE_REPLACED,
)
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_runtime.stores.sqlite_log import find_damage
from opforge_runtime.stores.sqlite_migrations import MIGRATIONS, SCHEMA_VERSION
from opforge_runtime.stores.sqlite_schema import APPLICATION_ID

__all__ = ["DamagedRowError", "SqliteFile"]

_LOOK_SECONDS: Final = 1.0
_PRIMARY_CODE: Final = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""

_CHECKPOINT_PAGES: Final = 400
"""How long the log grows before it is copied into the file. A log that is used again costs less to flush than
one that grows, and copying costs two flushes: between 250 and 500 pages both are small."""


class DamagedRowError(Exception):
    """A row holds what was never written there."""


class SqliteFile:
    """A connection whose errors are DiagnosticErrors. Not for several threads at once."""

    def __init__(self, path: Path, *, is_created: bool, busy_timeout_ms: int) -> None:
        """Open the file and bring it to the present version; make it, when `is_created` allows it.

        Raises DiagnosticError: E_STORE_CANNOT_OPEN, E_STORE_NOT_OURS, E_STORE_NEWER, and what writing raises.
        """
        self._path = str(path)
        self._names = (self._path, self._path + "-wal")
        self._look_at = 0.0
        self._busy_timeout_ms = busy_timeout_ms
        if not is_created and not path.exists():
            raise E_STORE_CANNOT_OPEN.error(store=self._path)
        damaged_from = find_damage(path)
        if damaged_from is not None:
            raise E_STORE_LOG_DAMAGED.error(store=self._path, position=damaged_from)
        with self.errors():
            self.connection = sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self.connection.close()
                raise
        self._files = self._identify_files()

    def close(self) -> None:
        """Let go of the file; the last one to do so copies the log into it."""
        with self.errors():
            self.connection.close()

    def select(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> list[Any]:
        """All rows of a query."""
        with self.errors():
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """All or nothing. The write lock is taken first, so that what is read stays true until the end.

        Raises DiagnosticError; nothing was written then. When it was the last flush that failed, all of it
        may be found written after a crash: who was refused so looks at the head before going on.
        """
        try:
            self._refuse_replaced_files()
            self.connection.execute("BEGIN IMMEDIATE")
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException as error:
            # SQLite has rolled back by itself when the disk was full, for example.
            if self.connection.in_transaction:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error | DamagedRowError):
                raise self._translate(error) from error
            raise

    def insert_step(self, statement: str, values: tuple[object, ...]) -> bool:
        """Execute one statement, as a transaction of its own where there is none; whether it has added a row.

        Nothing was written when it has not, also where a rule of the file was against it.
        Raises DiagnosticError as `transaction` does.
        """
        try:
            if not self.connection.in_transaction:
                self._refuse_replaced_files()
            return self.connection.execute(statement, values).rowcount == 1
        except sqlite3.IntegrityError:
            return False
        except sqlite3.Error as error:
            raise self._translate(error) from error

    @contextmanager
    def errors(self) -> Generator[None]:
        """SQLite's errors as codes; its messages are not repeated."""
        try:
            yield
        except (sqlite3.Error, DamagedRowError) as error:
            raise self._translate(error) from error

    def find_damage(self) -> list[Diagnostic]:
        """E_STORE_DAMAGED when SQLite finds the file not to be as it should; reads all of it."""
        try:
            rows = self.select("PRAGMA quick_check(1)")
        except DiagnosticError as error:
            return error.diagnostics
        return [] if rows == [("ok",)] else [E_STORE_DAMAGED.at(None, store=self._path)]

    def get_marker(self) -> tuple[int, int]:
        """Another value after every transaction that changed the file, of this connection or of another."""
        with self.errors():
            return self._get_pragma("data_version"), self.connection.total_changes

    def _prepare(self) -> None:
        """Know the file, bring it to the present version, and set how this connection writes."""
        version = self._check_is_ours()
        if version < SCHEMA_VERSION:
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                # Another process may have been first; the lock is ours now.
                for migrate in MIGRATIONS[self._check_is_ours() :]:
                    migrate(self.connection)
                self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    def _check_is_ours(self) -> int:
        """The schema's version; 0 for a file that is empty. Refuses any other file."""
        version = self._get_pragma("user_version")
        application = self._get_pragma("application_id")
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application != APPLICATION_ID and (application or version or tables):
            raise E_STORE_NOT_OURS.error(store=self._path, problem="another program's database")
        if version > SCHEMA_VERSION:
            raise E_STORE_NEWER.error(store=self._path, version=version, known=SCHEMA_VERSION)
        return version

    def _get_pragma(self, name: str) -> int:
        (value,) = self.connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    def _identify_files(self) -> list[tuple[int, int] | None]:
        """Device and inode of the file and its log; None for one that is not there."""
        identities: list[tuple[int, int] | None] = []
        for name in self._names:
            try:
                status = Path(name).stat()
            except OSError:
                identities.append(None)
            else:
                identities.append((status.st_dev, status.st_ino))
        return identities

    def _refuse_replaced_files(self) -> None:
        """Refuse to write into files that nobody will find again, and save what stands in the log.

        Before each commit it is asked whether there are such files; which ones they are, now and then only:
        where a file's times were asked for, the next write has to record them, and that costs a third of it.
        Raises DiagnosticError (E_STORE_REPLACED).
        """
        names = self._names
        if not (access(names[0], F_OK) and access(names[1], F_OK)):
            present = self._identify_files()
        else:
            now = monotonic()
            if now < self._look_at:
                return
            self._look_at = now + _LOOK_SECONDS
            present = self._identify_files()
        if present == self._files:
            return
        if present[0] == self._files[0]:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raise E_STORE_REPLACED.error(store=self._path)

    def _translate(self, error: sqlite3.Error | DamagedRowError) -> DiagnosticError:
        extended = getattr(error, "sqlite_errorcode", None)
        match None if extended is None else extended & _PRIMARY_CODE:
            case None if isinstance(error, DamagedRowError | sqlite3.OperationalError):
                # Without a code: a text that is no UTF-8.
                return E_STORE_DAMAGED.error(store=self._path)
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return E_STORE_LOCKED.error(store=self._path, waited_ms=self._busy_timeout_ms)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                return E_STORE_READ_ONLY.error(store=self._path)
            case sqlite3.SQLITE_CANTOPEN:
                return E_STORE_CANNOT_OPEN.error(store=self._path)
            case sqlite3.SQLITE_NOTADB:
                return E_STORE_NOT_OURS.error(store=self._path, problem="not a SQLite database")
            case sqlite3.SQLITE_CORRUPT:
                return E_STORE_DAMAGED.error(store=self._path)
            case sqlite3.SQLITE_FULL:
                return E_STORE_FULL.error(store=self._path)
            case _:
                problem = getattr(error, "sqlite_errorname", type(error).__name__)
                return E_STORE_IO.error(store=self._path, problem=problem)
