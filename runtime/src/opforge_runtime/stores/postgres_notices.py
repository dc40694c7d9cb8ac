"""Notices of a PostgreSQL store: who waits for a change is woken by the server (LISTEN and NOTIFY).

A notice says what happened and to which run; it is a hint, and who is woken looks again. It is sent when the
transaction commits, and lost when nobody listens.
"""

from __future__ import annotations

import asyncio
from typing import Final, Literal

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from opforge_ir.ids import RunId
from opforge_runtime.stores.postgres_connection import connect
from opforge_runtime.stores.postgres_url import PostgresTarget

__all__ = ["WORK", "Listener", "queue_notice"]

WORK: Final = "work"
"""The subject of whatever may make a run drivable; no run has this name, since a run's has a hyphen."""

NoticeKind = Literal["message", "queued", "ended"]

_QUEUE: Final = "SELECT pg_notify(current_schema() || '_runs', %s)"

_POLL_SECONDS: Final = 0.5
"""How often who waits looks, where no notice can reach him."""
_IDLE_SECONDS: Final = 60.0
"""A connection that nobody waits on is closed after this: the server keeps notices until they are fetched."""


def queue_notice(connection: Connection[TupleRow], kind: NoticeKind, run: RunId) -> None:
    """Send a notice with the present transaction."""
    connection.execute(_QUEUE, (f"{kind} {run}",))


class Listener:
    """The notices of one store, for all who wait in this process. For one event loop at a time.

    What is waited for is a subject: a run, or `WORK`.
    """

    def __init__(self, target: PostgresTarget, lock_timeout_ms: int) -> None:
        self._target = target
        self._lock_timeout_ms = lock_timeout_ms
        self._connection: Connection[TupleRow] | None = None
        self._watched: tuple[asyncio.AbstractEventLoop, int] | None = None
        """The loop that watches the connection's socket, and the socket: while somebody waits."""
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._is_noticed: dict[str, bool] = {}
        """Of each subject that was looked at, whether a notice has come since."""
        self._closing: asyncio.TimerHandle | None = None

    def note_look(self, subject: str) -> None:
        """Say that somebody looks at a subject now, and may wait for a change of what is seen."""
        self._is_noticed[subject] = False

    def forget(self, subject: str) -> None:
        """Say that nobody will wait for a change of the last look."""
        self._is_noticed.pop(subject, None)

    async def wait(self, subject: str, timeout_seconds: float) -> None:
        """Return when there is a notice of the subject since the last look, or after the time.

        The first call begins to listen and returns at once: what happened before is seen by who looks again.
        Where no connection is to be had it returns after a short time.
        """
        loop = asyncio.get_running_loop()
        if self._connection is None:
            await self._listen(timeout_seconds)
            self._close_later(loop)
            return
        if self._is_noticed.pop(subject, False):
            return
        woken: asyncio.Future[None] = loop.create_future()
        self._watch(loop, self._connection)
        self._waiting[woken] = subject
        try:
            await asyncio.wait([woken], timeout=timeout_seconds)
        finally:
            self._waiting.pop(woken, None)
            if not self._waiting:
                self._unwatch()
                self._close_later(loop)

    def close(self) -> None:
        """End the connection."""
        self._unwatch()
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    async def _listen(self, timeout_seconds: float) -> None:
        # In a thread it would outlive a wait that is cancelled, and nobody would close the connection.
        try:
            self._connection = self._connect()
        except psycopg.Error:
            await asyncio.sleep(min(timeout_seconds, _POLL_SECONDS))

    def _connect(self) -> Connection[TupleRow]:
        connection = connect(self._target, lock_timeout_ms=self._lock_timeout_ms)
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(f"{self._target.schema}_runs")))
        return connection

    def _watch(self, loop: asyncio.AbstractEventLoop, connection: Connection[TupleRow]) -> None:
        if self._watched is None:
            self._watched = loop, connection.fileno()
            loop.add_reader(connection.fileno(), self._receive, connection)

    def _unwatch(self) -> None:
        if self._watched is not None:
            loop, descriptor = self._watched
            loop.remove_reader(descriptor)
        self._watched = None

    def _receive(self, connection: Connection[TupleRow]) -> None:
        """Take in what has come, and wake whom it is for; everybody, when the connection is lost."""
        noticed: set[str] | None
        try:
            noticed = {
                subject for notify in connection.notifies(timeout=0) for subject in _read(notify.payload)
            }
        except psycopg.Error:
            noticed = None
            self.close()
        for subject in self._is_noticed:
            self._is_noticed[subject] |= noticed is None or subject in noticed
        for woken, subject in self._waiting.items():
            if not woken.done() and (noticed is None or subject in noticed):
                woken.set_result(None)

    def _close_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._closing is not None:
            self._closing.cancel()
        self._closing = loop.call_later(_IDLE_SECONDS, self._close_when_idle)

    def _close_when_idle(self) -> None:
        if not self._waiting:
            self.close()


def _read(payload: str) -> tuple[str, ...]:
    """The subjects of a notice."""
    kind, _, run = payload.partition(" ")
    return (run,) if kind == "ended" else (run, WORK)
