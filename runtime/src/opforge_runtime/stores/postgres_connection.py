"""One connection to PostgreSQL that outlives the server's restarts, and the errors of the server as codes.

Work is handed in and may be done twice: when the connection is lost in the middle, nobody knows whether the
server did it. It is then made anew within a bounded time, and the work is told that it is repeated; what it
must not do twice it looks for first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import psycopg
from psycopg import Connection, pq
from psycopg.rows import TupleRow

from opforge_ir.codes.server import E_STORE_ACCESS_DENIED, E_STORE_CONNECTION_LOST
from opforge_ir.codes.store import (
    E_STORE_DAMAGED,
    E_STORE_FULL,
    E_STORE_IO,
    E_STORE_LOCKED,
    E_STORE_READ_ONLY,
    E_STORE_UNREACHABLE,
)
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.stores.postgres_url import PostgresTarget

__all__ = ["PostgresConnection", "connect"]

_Result = TypeVar("_Result")

_FIRST_DELAY_SECONDS: Final = 0.05
_LONGEST_DELAY_SECONDS: Final = 2.0

_ROLLED_BACK: Final = ("40001", "40P01")
"""A serialization failure and a deadlock: the transaction left nothing, and may be tried again."""

_IDLE_TRANSACTION_MS: Final = 5_000
"""A process that is stopped in a transaction holds its locks no longer; less than others wait for them."""

_SETTINGS: Final = """
SELECT set_config('search_path', %(schema)s, false),
  set_config('lock_timeout', %(lock_timeout_ms)s, false),
  set_config('idle_in_transaction_session_timeout', %(idle_ms)s, false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
"""
"""`remote_apply` promises more than `on` does (postgresql.org/docs/current/runtime-config-wal.html)."""


class PostgresConnection:
    """A connection that is made when it is needed. One thread uses it at a time; others wait."""

    def __init__(self, target: PostgresTarget, *, lock_timeout_ms: int, reconnect_seconds: float) -> None:
        """`reconnect_seconds` bounds how long a lost server is waited for."""
        self._target = target
        self._lock_timeout_ms = lock_timeout_ms
        self._reconnect_seconds = reconnect_seconds
        self._connection: Connection[TupleRow] | None = None
        self._guard = threading.RLock()

    @property
    def name(self) -> str:
        """How the store is called in errors."""
        return self._target.name

    def close(self) -> None:
        """End the connection; the next work makes a new one."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def open(self) -> None:
        """Connect now.

        A server that is still starting is waited for.
        Raises DiagnosticError: E_STORE_UNREACHABLE, E_STORE_ACCESS_DENIED.
        """
        with self._guard:
            waiting = _Waiting(self._reconnect_seconds)
            is_ready = False
            while self._connection is None:
                try:
                    self._connection = connect(self._target, lock_timeout_ms=self._lock_timeout_ms)
                except psycopg.Error as error:
                    found = self._ping()
                    # Ready now, it may not have been when it refused.
                    is_again = found is pq.Ping.OK and not is_ready
                    is_ready = found is pq.Ping.OK
                    if not (is_again or (found is pq.Ping.REJECT and waiting.has_waited())):
                        raise self._explain_refusal(error, found) from error

    def perform(self, work: Callable[[Connection[TupleRow], bool], _Result]) -> _Result:
        """Do work that the server may be asked for again: its second argument says whether this is so.

        The connection commits each statement by itself, unless the work makes a transaction.
        Raises DiagnosticError: what the work raises, and the codes of the server's errors.
        """
        with self._guard:
            waiting = _Waiting(self._reconnect_seconds)
            is_repeated = False
            while True:
                try:
                    return work(self._require(), is_repeated)
                except psycopg.Error as error:
                    if self._connection is None or self._connection.closed:
                        is_repeated = True
                        self._connection = None
                        if waiting.has_waited():
                            continue
                        raise E_STORE_CONNECTION_LOST.error(
                            store=self.name, waited_ms=waiting.waited_ms
                        ) from error
                    if error.sqlstate in _ROLLED_BACK and waiting.has_waited():
                        continue
                    raise self._translate(error, waiting.waited_ms) from error

    def _require(self) -> Connection[TupleRow]:
        if self._connection is None:
            self._connection = connect(self._target, lock_timeout_ms=self._lock_timeout_ms)
        return self._connection

    def _ping(self) -> pq.Ping:
        return pq.Ping(pq.PGconn.ping(self._target.conninfo.encode()))

    def _explain_refusal(self, error: psycopg.Error, found: pq.Ping) -> DiagnosticError:
        """Why no connection was made: libpq gives a text and no code, so the server is asked for a sign."""
        if error.sqlstate is not None:
            return self._translate(error, 0)
        if found is not pq.Ping.OK:
            return E_STORE_UNREACHABLE.error(store=self.name)
        attempt = error.pgconn
        if attempt is not None and attempt.needs_password:
            problem = "it wants a password, and none was given"
        elif attempt is not None and attempt.used_password:
            problem = "it refused, with a password"
        else:
            problem = "it refused"
        return E_STORE_ACCESS_DENIED.error(store=self.name, problem=problem)

    def _translate(self, error: psycopg.Error, waited_ms: int) -> DiagnosticError:
        """A server's error as a code; its message may show values, so it is not repeated."""
        match error.sqlstate:
            case "55P03":
                return E_STORE_LOCKED.error(store=self.name, waited_ms=self._lock_timeout_ms)
            case "40001" | "40P01":
                return E_STORE_LOCKED.error(store=self.name, waited_ms=waited_ms)
            case "25006":
                return E_STORE_READ_ONLY.error(store=self.name)
            case "42501":
                return E_STORE_ACCESS_DENIED.error(store=self.name, problem="a privilege is missing")
            case "53100":
                return E_STORE_FULL.error(store=self.name)
            case "XX001" | "XX002":
                return E_STORE_DAMAGED.error(store=self.name)
            case sqlstate:
                problem = type(error).__name__ if sqlstate is None else f"SQLSTATE {sqlstate}"
                return E_STORE_IO.error(store=self.name, problem=problem)


class _Waiting:
    """A time that may be spent with waiting, in steps that grow."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._end = self._began + seconds
        self._delay = 0.0

    @property
    def waited_ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)

    def has_waited(self) -> bool:
        """Wait a step; False when the time is over. The first step takes no time."""
        left = self._end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(self._delay, left))
        self._delay = min(max(2 * self._delay, _FIRST_DELAY_SECONDS), _LONGEST_DELAY_SECONDS)
        return True


def connect(target: PostgresTarget, *, lock_timeout_ms: int) -> Connection[TupleRow]:
    """A new connection that commits each statement by itself. Raises psycopg.Error."""
    connection = psycopg.connect(target.conninfo, autocommit=True)
    settings = {
        "schema": target.schema,
        "lock_timeout_ms": str(lock_timeout_ms),
        "idle_ms": str(_IDLE_TRANSACTION_MS),
    }
    try:
        connection.execute(_SETTINGS, settings)
    except BaseException:
        connection.close()
        raise
    return connection
