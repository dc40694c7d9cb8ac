"""Handing out runs by Procrastinate, a task queue in the same PostgreSQL database as the runs.

Its tables stand in a schema of their own, named after the store's schema and the version of the library: what
they hold can be found in the store at any time, so another version begins with an empty queue, and none is
ever migrated. `queueing_lock` is the run's id, so a run waits in the queue once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from opforge_ir.ids import RunId
from opforge_runtime.dispatch.port import Drive, QueueLostError
from opforge_runtime.stores.postgres_url import read_postgres_url

__all__ = ["ProcrastinateQueue", "open_queue"]

_TASK: Final = "opforge.drive"
_QUEUE: Final = "opforge"
_HEARTBEAT_SECONDS: Final = 10.0
_STALLED_SECONDS: Final = 60.0
"""A worker that has not been heard of for so long is gone, and what it had is forgotten."""
_POOL_SIZE: Final = 3

_LOST: Final = (ConnectorException, psycopg.Error)

# What these libraries have to say of each job and connection is not for the users of a worker, and may show
# where the server is; the worker reports in its own words.
for _name in ("procrastinate", "psycopg.pool"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


class ProcrastinateQueue:
    """Part of a worker: a Dispatcher. Of one event loop."""

    def __init__(self, app: procrastinate.App) -> None:
        """`app` is open, and stays so for as long as this is used."""
        self._app = app
        self._drive: Drive | None = None
        app.task(name=_TASK, queue=_QUEUE)(self._perform)

    async def hand_out(self, runs: Sequence[RunId]) -> None:
        """Part of Dispatcher."""
        try:
            await self._forget_stalled()
            waiting = await self._app.job_manager.list_jobs_async(queue=_QUEUE, status=Status.TODO.value)
            known = {job.queueing_lock for job in waiting}
            for run in runs:
                if run in known:
                    continue
                try:
                    deferrer = self._app.configure_task(_TASK, queue=_QUEUE, queueing_lock=run)
                    await deferrer.defer_async(run=run)
                except AlreadyEnqueued:  # another worker was faster
                    continue
        except _LOST as error:
            raise QueueLostError(_name_cause(error)) from error

    async def serve(
        self, drive: Drive, *, concurrency: int, stop: asyncio.Event, is_waiting: bool = True
    ) -> None:
        """Part of Dispatcher."""
        self._drive = drive
        serving = asyncio.ensure_future(
            self._app.run_worker_async(
                queues=[_QUEUE],
                concurrency=concurrency,
                wait=is_waiting,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=_STALLED_SECONDS,
            )
        )
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not serving.done():
                # Its way of being told to stop: it fetches nothing more, and waits for what is under way.
                serving.cancel()
        try:
            await serving
        except asyncio.CancelledError:
            if not serving.cancelled():
                raise
        except _LOST as error:
            raise QueueLostError(_name_cause(error)) from error

    async def _perform(self, run: str) -> None:
        assert self._drive is not None
        await self._drive(RunId(run))

    async def _forget_stalled(self) -> None:
        """Remove the jobs of workers that are gone; the store knows which of their runs are to be driven."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=_STALLED_SECONDS):
            await manager.finish_job(job, Status.FAILED, delete_job=True)


@asynccontextmanager
async def open_queue(url: str) -> AsyncGenerator[ProcrastinateQueue]:
    """The queue of the store at an address; its tables are made when they are not there.

    Raises DiagnosticError (E_STORE_URL) and QueueLostError.
    """
    target = read_postgres_url(url)
    schema = f"{target.schema}_queue_{'_'.join(procrastinate.__version__.split('.'))}"
    try:
        await asyncio.to_thread(_make_tables, target.conninfo, schema)
    except psycopg.Error as error:
        raise QueueLostError(_name_cause(error)) from error
    options = conninfo_to_dict(target.conninfo).get("options") or ""
    connector = procrastinate.PsycopgConnector(
        conninfo=make_conninfo(target.conninfo, options=f"{options} -c search_path={schema}".strip()),
        min_size=1,
        max_size=_POOL_SIZE,
    )
    app = procrastinate.App(connector=connector)
    try:
        await app.open_async()
    except _LOST as error:
        raise QueueLostError(_name_cause(error)) from error
    try:
        yield ProcrastinateQueue(app)
    finally:
        await app.close_async()


def _make_tables(conninfo: str, schema: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (schema,))
        found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            connection.execute("SELECT set_config('search_path', %s, true)", (schema,))
            connection.execute(SchemaManager.get_schema())


def _name_cause(error: BaseException) -> str:
    """What is behind an error, without the text of another program: it may show where the server is."""
    cause = error.__cause__ or error
    sqlstate = getattr(cause, "sqlstate", None)
    return f"SQLSTATE {sqlstate}" if sqlstate else type(cause).__name__
