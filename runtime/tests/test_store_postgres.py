"""The PostgreSQL store: it keeps what every store promises, and the database itself guards what it holds."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from house.postgres_samples import ServerClock, get_store_url, open_clocked_store
from house.postgres_server import PostgresServer
from house.store_machine import StoreMachine
from house.store_samples import (
    OTHER,
    RUN,
    Clock,
    begin,
    build_artifact,
    build_event,
    build_signal,
    follow,
)
from house.store_suite import SharedStoreSuite, append_one, describe
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.stores import Store
from opforge_runtime.stores.postgres import PostgresStore
from opforge_runtime.stores.postgres_schema import SCHEMA_VERSION
from opforge_runtime.stores.protocol import Standing


class TestPostgresStore(SharedStoreSuite):
    @pytest.fixture(autouse=True)
    def server(self, postgres_server: PostgresServer) -> None:
        self._server = postgres_server

    @pytest.fixture
    def clock(self) -> Clock:
        return ServerClock(self._server)

    def open(self, tmp_path: Path, clock: Clock) -> Store:
        return open_clocked_store(self._server, tmp_path)


def test_random_histories_agree_with_a_model(postgres_server: PostgresServer) -> None:
    class PostgresMachine(StoreMachine):
        def __init__(self) -> None:
            super().__init__()
            self.clock = ServerClock(postgres_server)

        def open(self, folder: Path, clock: Clock) -> Store:
            return open_clocked_store(postgres_server, folder)

    # A failing history is shown as it was found: to shrink it takes a server thousands of schemas.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    run_state_machine_as_test(
        PostgresMachine, settings=settings(max_examples=15, stateful_step_count=40, phases=phases)
    )


@pytest.fixture
def url(postgres_server: PostgresServer, tmp_path: Path) -> str:
    return get_store_url(postgres_server, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    with PostgresStore(url) as opened:
        yield opened


@pytest.fixture
def raw(postgres_server: PostgresServer, url: str) -> Iterator[psycopg.Connection]:
    """The owner of the tables, who is in the schema."""
    with psycopg.connect(postgres_server.get_url(), autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (url.partition("schema=")[2],))
        yield connection


def refusal(url: str, **options: bool) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(DiagnosticError) as refused:
        PostgresStore(url, **options)
    (problem,) = refused.value.diagnostics
    return problem.code.name, problem.values


_FOLLOW = (
    "INSERT INTO opforge_segments SELECT run_number, {}, last_digest, token, 0, content FROM opforge_segments"
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE opforge_segments SET content = ''",
        "DELETE FROM opforge_segments",
        "TRUNCATE opforge_segments",
        "UPDATE opforge_messages SET content = ''",
        "DELETE FROM opforge_messages",
        "TRUNCATE opforge_messages",
        "UPDATE opforge_artifacts SET content = ''",
        "DELETE FROM opforge_artifacts",
        "TRUNCATE opforge_artifacts",
        "TRUNCATE opforge_runs CASCADE",
        "DELETE FROM opforge_runs",
        "UPDATE opforge_runs SET token = token - 1",
        "UPDATE opforge_runs SET head = head - 1",
        "UPDATE opforge_runs SET last_message = 0",
        "UPDATE opforge_runs SET run = 'other-0001'",
        _FOLLOW.format("2, 3"),
        _FOLLOW.format("4, 4"),
        _FOLLOW.format("3, 2"),
        "INSERT INTO opforge_segments VALUES (77, 1, 1, repeat('a', 64), 1, 0, '')",
        "INSERT INTO opforge_messages SELECT run_number, 1, '2', kind, name, '', 0 FROM opforge_messages",
        "INSERT INTO opforge_artifacts SELECT * FROM opforge_artifacts",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_stored(
    store: PostgresStore, raw: psycopg.Connection, statement: str
) -> None:
    append_one(store, replace(begin(count=2), artifacts=[build_artifact("a")]))
    store.post_message(RUN, build_signal("go"))
    before = (
        store.get_run(RUN),
        store.read_events(RUN),
        store.read_messages(RUN),
        list(store.list_artifacts()),
    )
    with pytest.raises(psycopg.errors.IntegrityError):
        raw.execute(statement.encode())
    assert (
        store.get_run(RUN),
        store.read_events(RUN),
        store.read_messages(RUN),
        list(store.list_artifacts()),
    ) == before


def test_a_segment_that_follows_is_taken_by_the_database(
    store: PostgresStore, raw: psycopg.Connection
) -> None:
    append_one(store, begin(count=2))
    raw.execute(_FOLLOW.format("3, 3").encode())


def test_a_store_of_a_newer_version_is_refused(
    store: PostgresStore, raw: psycopg.Connection, url: str
) -> None:
    raw.execute("UPDATE opforge_schema SET version = version + 1")
    code, values = refusal(url)
    assert (code, values["version"], values["known"]) == ("E_STORE_NEWER", SCHEMA_VERSION + 1, SCHEMA_VERSION)


def test_tables_of_another_program_are_left_alone(raw: psycopg.Connection, url: str) -> None:
    schema = url.partition("schema=")[2]
    raw.execute(f"CREATE SCHEMA {schema}".encode())
    raw.execute("CREATE TABLE theirs (x integer)")
    assert refusal(url)[0] == "E_STORE_NOT_OURS"
    tables = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    assert tables == [("theirs",)]


def test_a_store_that_is_not_there_is_not_made_unasked(raw: psycopg.Connection, url: str) -> None:
    assert refusal(url, is_created=False)[0] == "E_STORE_NOT_OURS"
    schema = url.partition("schema=")[2]
    assert raw.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchall() == []
    PostgresStore(url).close()
    PostgresStore(url, is_created=False).close()


def test_many_processes_may_make_the_store_at_once(url: str) -> None:
    barrier = threading.Barrier(8, timeout=60)

    def open_one(index: int) -> None:
        barrier.wait()
        with PostgresStore(url) as store:
            append_one(store, begin(RunId(f"sample-{index}")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_one, range(8)))
    with PostgresStore(url) as store:
        assert len(store.list_runs()) == 8


def wait_for_locks(raw: psycopg.Connection, count: int) -> None:
    """Until so many sessions wait for a lock of another one."""
    while raw.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").rowcount < count:
        time.sleep(0.01)


MIDDLE = RunId("sample-0001-middle")
PLACES = {
    "artifacts": "INSERT INTO opforge_artifacts VALUES ('{digest}', '')",
    "openings": (
        "INSERT INTO opforge_runs (run, workload, version, op, ir, head, started_at_epoch_ms, token,"
        " last_event_at_epoch_ms, status, messages_read) SELECT 'new-1', workload, version, op, ir, head,"
        " started_at_epoch_ms, token, last_event_at_epoch_ms, status, messages_read FROM opforge_runs LIMIT 1"
    ),
    "posts": "SELECT 1 FROM opforge_runs WHERE run = '{middle}' FOR UPDATE",
}
"""Statements that hold the middle one of three places which two drivers ask for, one in each direction."""


@pytest.mark.parametrize("kind", PLACES)
def test_drivers_that_ask_for_the_same_places_wait_in_turn_and_never_in_a_circle(
    postgres_server: PostgresServer, url: str, raw: psycopg.Connection, kind: str
) -> None:
    count_deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = raw.execute(count_deadlocks).fetchone()
    with PostgresStore(url) as store:
        store.append([begin(RUN), begin(MIDDLE), begin(OTHER), begin(RunId("own-1")), begin(RunId("own-2"))])
    artifacts = sorted(
        (build_artifact(name) for name in ("a", "b", "c")), key=lambda artifact: artifact.digest
    )

    def drive(number: int) -> list[DiagnosticError | None]:
        """What the second driver asks for is the same, the other way round."""
        step = 1 if number == 1 else -1
        own = replace(follow(1, RunId(f"own-{number}")), events=[])
        receivers = (RUN, MIDDLE, OTHER)[::step]
        appends = {
            "artifacts": [replace(own, artifacts=artifacts[::step])],
            "openings": [begin(RunId(f"new-{index}")) for index in range(3)][::step],
            "posts": [replace(own, posts=[(run, build_signal(own.run)) for run in receivers])],
        }
        with PostgresStore(url) as store:
            return store.append(appends[kind])

    statement = PLACES[kind].format(digest=artifacts[1].digest, middle=MIDDLE)
    with ThreadPoolExecutor(2) as pool:
        with raw.transaction(force_rollback=True):
            raw.execute(statement.encode())
            driving = [pool.submit(drive, number) for number in (1, 2)]
            with psycopg.connect(postgres_server.get_url(), autocommit=True) as watching:
                wait_for_locks(watching, 2)
        answers = [future.result(timeout=60) for future in driving]
    # One of two openings is refused; whatever else both ask for, both get.
    refused = [refusal for refusals in answers for refusal in refusals if refusal is not None]
    assert len(refused) == (3 if kind == "openings" else 0)
    # A deadlock would have been tried again, and is seen by the server only.
    assert raw.execute(count_deadlocks).fetchone() == before


def test_a_run_is_opened_once_by_many(url: str) -> None:
    barrier = threading.Barrier(4, timeout=60)

    def open_run(index: int) -> DiagnosticError | None:
        with PostgresStore(url) as store:
            barrier.wait()
            (refused,) = store.append([begin(RUN)])
            return refused

    with ThreadPoolExecutor(4) as pool:
        refusals = list(pool.map(open_run, range(4)))
    assert sorted(map(describe, refusals), key=str) == [("E_RUN_EXISTS", {"run": RUN})] * 3 + [None]


def test_many_pages_of_artifacts_are_listed(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opforge_runtime.stores.postgres._PAGE", 3)
    artifacts = [build_artifact(str(number)) for number in range(6)]
    for artifact in artifacts:
        store.put_artifact(artifact)
    assert list(store.list_artifacts()) == sorted(artifact.digest for artifact in artifacts)


def test_a_role_that_owns_nothing_can_drive_and_cannot_take_the_guards_away(
    postgres_server: PostgresServer, url: str, raw: psycopg.Connection
) -> None:
    """With the grants of docs/guides/many-machines.md."""
    PostgresStore(url).close()
    schema = url.partition("schema=")[2]
    raw.execute(f"CREATE ROLE {schema} LOGIN".encode())
    raw.execute(f"GRANT USAGE ON SCHEMA {schema} TO {schema}".encode())
    raw.execute(f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {schema} TO {schema}".encode())
    with PostgresStore(url.replace("//postgres@", f"//{schema}@")) as store:
        append_one(store, replace(begin(), artifacts=[build_artifact("a")]))
        store.post_message(RUN, build_signal("go"))
        append_one(store, follow(1, standing=Standing("waiting")))
        append_one(store, follow(2, token=store.acquire_lease(RUN, "host:2", 1_000).token, owner="host:2"))
        with pytest.raises(DiagnosticError, match="E_STORE_ACCESS_DENIED"):
            store.delete_artifact(build_artifact("a").digest)
    with psycopg.connect(postgres_server.get_url(user=schema), autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
        with pytest.raises(psycopg.errors.IntegrityError):
            connection.execute("UPDATE opforge_segments SET content = ''")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE opforge_segments DISABLE TRIGGER ALL")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET session_replication_role = replica")


@pytest.mark.parametrize("is_queued", [True, False])
def test_who_looks_for_work_is_woken(store: PostgresStore, url: str, is_queued: bool) -> None:
    append_one(store, begin(OTHER, status="waiting"))

    async def wait() -> list[RunId]:
        with PostgresStore(url) as other:
            while not (found := store.list_drivable(9)):
                waiting = asyncio.ensure_future(store.wait_for_work(3_600))
                await asyncio.sleep(0)
                if is_queued:
                    append_one(other, begin(RUN, status="queued"))
                else:
                    other.post_message(OTHER, build_signal("go"))
                await waiting
            return found

    # The first wait begins to listen and returns; the signal or run that was first is found by the look.
    assert asyncio.run(asyncio.wait_for(wait(), 60)) == [RUN if is_queued else OTHER]


def test_a_notice_between_the_look_and_the_wait_is_not_lost(store: PostgresStore, url: str) -> None:
    """Another wait of the same process takes the notice from the socket before this one begins."""
    append_one(store, begin(RUN))
    append_one(store, begin(OTHER))

    async def wait() -> None:
        with PostgresStore(url) as other:
            await store.wait_for_change(OTHER, 3_600)  # begins to listen
            assert store.read_messages(RUN) == []
            elsewhere = asyncio.ensure_future(store.wait_for_change(OTHER, 3_600))
            await asyncio.sleep(0)
            other.post_message(RUN, build_signal("one"))
            other.post_message(OTHER, build_signal("two"))
            await elsewhere
            await store.wait_for_change(RUN, 3_600)

    asyncio.run(asyncio.wait_for(wait(), 60))


def test_a_store_waits_in_one_event_loop_after_another(store: PostgresStore) -> None:
    append_one(store, begin(RUN))
    for name in ("one", "two", "three"):
        store.read_messages(RUN)
        store.post_message(RUN, build_signal(name))
        asyncio.run(asyncio.wait_for(store.wait_for_change(RUN, 3_600), 60))


def test_a_standing_change_of_many_runs_is_one_append(store: PostgresStore) -> None:
    runs = [RunId(f"many-{number:03}") for number in range(200)]
    store.append([begin(run) for run in runs])
    assert store.append([follow(1, run, standing=Standing("queued")) for run in runs]) == [None] * 200
    assert sorted(store.list_drivable(500)) == runs
    assert [e.sealed for e in store.read_events(runs[7])] == [build_event(1), build_event(2)]
