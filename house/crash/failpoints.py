"""Named points of a process that drives runs, at which it may die.

| point | where |
| --- | --- |
| `append`, `appended` | around the append of a step (Observer) |
| `perform`, `performed` | around the requests of a group (Observer) |
| `wait` | before a wait (Observer) |
| `commit` | within the store: a transaction is about to be closed, or amid its only statement |
| `committed` | within the store: a transaction, or a statement of one, is closed |
| `send`, `post` | within the HTTP transport: before a GET leaves; before a POST does |
| `sent`, `answered` | within the HTTP transport: after all of it left; its answer has come |

The engine knows the points of its Observer only. The others are put into the libraries that this process has
loaded: SQLite takes another class of connections, psycopg other methods, and the HTTP library tells what it
does on the wire.
"""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from typing import Any, Final

import httpx

from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import SealedEvent

__all__ = ["POINTS", "TRANSACTION_POINTS", "PointObserver", "Points", "put_failpoints"]

POINTS: Final = (
    "append",
    "appended",
    "perform",
    "performed",
    "wait",
    "commit",
    "committed",
    "send",
    "post",
    "sent",
    "answered",
)

TRANSACTION_POINTS: Final = ("commit", "committed")
"""Of a pipeline of statements either may come before the transaction is closed."""

_ON_THE_WIRE: Final = {
    "http11.send_request_headers.started": {"GET": "send", "POST": "post"},
    "http11.send_request_body.complete": {"GET": "sent", "POST": "sent"},
    "http11.receive_response_body.complete": {"GET": "answered", "POST": "answered"},
}
"""The points by what httpcore calls them (its documentation, "Extensions", `trace`), and by method."""


class Points:
    """The points that this process reaches, each written down, and what befalls it at one of them."""

    def __init__(
        self, record: int, *, fall_at: int | None, signal_number: int, spared: Collection[str] = ()
    ) -> None:
        """`record` is a file's descriptor; at the point `fall_at`, from 0, the process signals itself.

        When that is one of the `spared` it is the next one that is not.
        """
        self._record = record
        self._fall_at = -1 if fall_at is None else fall_at
        self._spared = spared
        self._signal_number = signal_number
        self._reached = 0

    def reach(self, name: str) -> None:
        """The process is there."""
        os.write(self._record, f"{name}\n".encode())
        position, self._reached = self._reached, self._reached + 1
        if position != self._fall_at:
            return
        if name in self._spared:
            self._fall_at += 1
        else:
            os.kill(os.getpid(), self._signal_number)


class PointObserver:
    """An Observer that knows only where a run is."""

    def __init__(self, points: Points) -> None:
        self._points = points

    def reach(self, point: str) -> None:
        """Part of Observer."""
        self._points.reach(point)

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:
        """Part of Observer."""


def put_failpoints(points: Points) -> None:
    """Put the points of the store and of the transport into this process, for good."""
    _put_into_sqlite(points)
    _put_into_http(points)
    if find_spec("psycopg") is not None:
        _put_into_psycopg(points)


def _put_into_sqlite(points: Points) -> None:
    class Connection(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._changes_seen = 0
            self.set_trace_callback(self._note_statement)

        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *arguments)
            if self.total_changes != self._changes_seen and not self.in_transaction:
                self._changes_seen = self.total_changes
                points.reach("committed")
            return cursor

        def _note_statement(self, sql: str) -> None:
            """A statement begins, or a trigger within it."""
            is_alone = not self.in_transaction and sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))
            if sql == "COMMIT" or is_alone:
                points.reach("commit")

    setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Connection))  # noqa: B010


def _put_into_http(points: Points) -> None:
    send = httpx.AsyncHTTPTransport.handle_async_request

    async def send_traced(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        async def trace(event: str, _: object) -> None:
            if event in _ON_THE_WIRE:
                points.reach(_ON_THE_WIRE[event][request.method])

        request.extensions = {**request.extensions, "trace": trace}
        return await send(self, request)

    setattr(httpx.AsyncHTTPTransport, "handle_async_request", send_traced)  # noqa: B010


def _put_into_psycopg(points: Points) -> None:
    import psycopg

    close_transaction = psycopg.Transaction.__exit__
    close_pipeline = psycopg.Pipeline.__exit__
    execute = psycopg.Connection.execute

    def close_transaction_at_a_point(self: Any, *arguments: Any) -> Any:
        points.reach("commit")
        return close_transaction(self, *arguments)

    def close_pipeline_at_a_point(self: Any, *arguments: Any) -> Any:
        close_pipeline(self, *arguments)  # here the answers come, that of COMMIT too
        points.reach("committed")

    def execute_at_points(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        is_alone = self.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        is_writing = is_alone and str(query).lstrip().startswith(("INSERT", "UPDATE", "DELETE", "WITH"))
        if is_writing:
            points.reach("commit")
        cursor = execute(self, query, *arguments, **options)
        if is_writing:
            points.reach("committed")
        return cursor

    setattr(psycopg.Transaction, "__exit__", close_transaction_at_a_point)  # noqa: B010
    setattr(psycopg.Pipeline, "__exit__", close_pipeline_at_a_point)  # noqa: B010
    setattr(psycopg.Connection, "execute", execute_at_points)  # noqa: B010
