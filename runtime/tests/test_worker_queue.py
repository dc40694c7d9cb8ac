"""The queue of the workers, in a real PostgreSQL: it hands out run ids, at least once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from house.postgres_samples import get_store_url
from house.postgres_server import PostgresServer
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.dispatch.opening import check_is_shared, get_work_source, open_dispatcher
from opforge_runtime.dispatch.port import Dispatcher, QueueLostError
from opforge_runtime.dispatch.procrastinate_queue import open_queue
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.opening import open_store

RUNS = [RunId(f"sample-{number:04}") for number in range(12)]


@pytest.fixture
def url(postgres_server: PostgresServer, tmp_path: Path) -> str:
    return get_store_url(postgres_server, tmp_path)


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


@asynccontextmanager
async def serve(
    queue: Dispatcher, drive: Callable[[RunId], Awaitable[None]]
) -> AsyncGenerator[asyncio.Event]:
    """Serve in the background; told to stop, and waited for, at the end."""
    stop = asyncio.Event()
    serving = asyncio.create_task(queue.serve(drive, concurrency=2, stop=stop))
    try:
        yield stop
    finally:
        stop.set()
        await serving


async def drain(queue: Dispatcher) -> list[RunId]:
    """What is in the queue."""
    found: list[RunId] = []

    async def note(run: RunId) -> None:
        found.append(run)

    await queue.serve(note, concurrency=1, stop=asyncio.Event(), is_waiting=False)
    return found


def test_a_run_waits_in_the_queue_once(url: str) -> None:
    async def work() -> None:
        async with open_queue(url) as one, open_queue(url) as other:
            await one.hand_out(RUNS[:3])
            await other.hand_out(RUNS[1:4])
            assert await drain(one) == RUNS[:4]
            await one.hand_out(RUNS[:1])
            assert await drain(other) == RUNS[:1]

    run(work)


def test_two_that_hand_out_the_same_at_once_do_not_fail(url: str) -> None:
    async def work() -> None:
        async with open_queue(url) as one, open_queue(url) as other:
            await asyncio.gather(one.hand_out(RUNS), other.hand_out(RUNS[::-1]))
            assert sorted(await drain(one)) == RUNS

    run(work)


def test_many_serve_one_queue(url: str) -> None:
    """Each run is driven by one of them, and a run that is handed out while it is driven is driven again."""
    driven: list[tuple[str, RunId]] = []

    async def work() -> None:
        is_over = asyncio.Event()
        async with open_queue(url) as one, open_queue(url) as other:

            def note(name: str) -> Callable[[RunId], Awaitable[None]]:
                async def drive(run: RunId) -> None:
                    driven.append((name, run))
                    if run == RUNS[0] and len([1 for _, each in driven if each == RUNS[0]]) == 1:
                        await one.hand_out([RUNS[0]])
                    if len(driven) == len(RUNS) + 1:
                        is_over.set()

                return drive

            async with serve(one, note("one")), serve(other, note("other")):
                await one.hand_out(RUNS)
                await is_over.wait()

    run(work)
    assert sorted(each for _, each in driven) == sorted([RUNS[0], *RUNS])


def test_who_is_told_to_stop_takes_nothing_more_and_ends_what_is_under_way(url: str) -> None:
    driven: list[RunId] = []

    async def work() -> None:
        is_begun, is_let_go = asyncio.Event(), asyncio.Event()

        async def drive(run: RunId) -> None:
            is_begun.set()
            await is_let_go.wait()
            driven.append(run)

        async with open_queue(url) as queue:
            async with serve(queue, drive) as stop:
                await queue.hand_out(RUNS)
                await is_begun.wait()
                stop.set()
                await asyncio.sleep(0)
                is_let_go.set()
            left = await drain(queue)
            assert 1 <= len(driven) <= 2
            assert sorted(driven + left) == RUNS

    run(work)


def test_what_a_worker_had_that_is_gone_is_forgotten(url: str, postgres_server: PostgresServer) -> None:
    """The store knows whether it is to be driven: the queue keeps nothing of it."""
    counted: list[int] = []

    def count_jobs() -> None:
        (row,) = connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchall()
        counted.append(row[0])

    async def work() -> None:
        async with open_queue(url) as queue:
            await queue.hand_out(RUNS[:2])
            (schema,) = find_schemas(connection, f"{url.partition('schema=')[2]}_queue")
            connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
            connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('epoch')")
            connection.execute(
                "UPDATE procrastinate_jobs SET status = 'doing',"
                " worker_id = (SELECT id FROM procrastinate_workers) WHERE queueing_lock = %s",
                (RUNS[0],),
            )
            count_jobs()
            await queue.hand_out([])
            count_jobs()
            assert await drain(queue) == RUNS[1:2]

    with psycopg.connect(postgres_server.get_url(), autocommit=True) as connection:
        run(work)
    assert counted == [2, 1]


def find_schemas(connection: psycopg.Connection, beginning: str) -> list[str]:
    rows = connection.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", (beginning,))
    return [name for (name,) in rows]


def test_another_version_of_the_library_has_a_queue_of_its_own(
    url: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with open_queue(url) as queue:
            await queue.hand_out(RUNS)
            monkeypatch.setattr("procrastinate.__version__", "9.9.9")
            async with open_queue(url) as newer:
                assert await drain(newer) == []
            assert await drain(queue) == RUNS

    run(work)
    with psycopg.connect(postgres_server.get_url()) as connection:
        found = find_schemas(connection, url.partition("schema=")[2])
    assert len(found) == 2
    assert [name.endswith("_queue_9_9_9") for name in found].count(True) == 1


def test_a_server_that_goes_away_is_the_end_of_serving_and_not_of_the_queue(
    url: str, postgres_server: PostgresServer
) -> None:
    async def work() -> None:
        async with open_dispatcher(url) as queue:
            await queue.hand_out(RUNS[:2])
            await asyncio.to_thread(postgres_server.restart)
            while True:  # the connections that are broken are found one by one
                with suppress(QueueLostError):
                    assert await drain(queue) == RUNS[:2]
                    return

    run(work)


def test_a_queue_that_cannot_be_reached_is_a_code(postgres_server: PostgresServer, url: str) -> None:
    async def work() -> None:
        async with open_dispatcher(url.replace("/postgres?", "/nothing?")):
            pass

    with pytest.raises(DiagnosticError, match="E_QUEUE_LOST"):
        run(work)


@pytest.mark.parametrize("address", ["runs.db", "sqlite:runs.db", "memory:"])
def test_a_store_that_others_cannot_reach_has_no_workers(address: str) -> None:
    with pytest.raises(DiagnosticError) as refused:
        check_is_shared(address)
    (problem,) = refused.value.diagnostics
    assert problem.code.name == "E_WORKER_STORE"
    with pytest.raises(TypeError, match="only a store in PostgreSQL"):
        get_work_source(MemoryStore())


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(name: str) -> None:
        return None

    monkeypatch.setattr("opforge_runtime.dispatch.opening.find_spec", find_nothing)
    with pytest.raises(DiagnosticError) as refused:
        check_is_shared("postgresql://host/runs")
    assert refused.value.diagnostics[0].values == {"library": "procrastinate"}


def test_a_store_whose_artifacts_are_elsewhere_has_workers(url: str, tmp_path: Path) -> None:
    store = open_store(url, f"files:{tmp_path / 'artifacts'}")
    assert type(get_work_source(store)).__name__ == "PostgresStore"
    store.close()
