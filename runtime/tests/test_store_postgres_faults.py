"""A PostgreSQL store whose server refuses, breaks or goes away: a code each, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from house.cutting_proxy import CuttingProxy, run_proxy
from house.postgres_samples import get_store_url
from house.postgres_server import SOCKET_NAME, PostgresServer
from house.store_samples import (
    LEASE_MS,
    OTHER,
    RUN,
    begin,
    build_artifact,
    build_event,
    build_signal,
    follow,
)
from house.store_suite import append_one, describe
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.stores.postgres import PostgresStore
from opforge_runtime.stores.protocol import Append, Standing

SECRET = "swordfish-42"


@pytest.fixture
def url(postgres_server: PostgresServer, tmp_path: Path) -> str:
    return get_store_url(postgres_server, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    with PostgresStore(url, lock_timeout_ms=50) as opened:
        append_one(opened, begin())
        yield opened


@pytest.fixture
def raw(postgres_server: PostgresServer, url: str) -> Iterator[psycopg.Connection]:
    """The owner of the tables, who is in the schema."""
    with psycopg.connect(postgres_server.get_url(), autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (url.partition("schema=")[2],))
        yield connection


def refusal(url: str) -> tuple[str, dict[str, str | int]]:
    """Why a store cannot be opened; nothing that can be seen of it shows the password."""
    with pytest.raises(DiagnosticError) as refused:
        PostgresStore(url, reconnect_seconds=0.1)
    shown = "".join(traceback.format_exception(refused.value)) + repr(refused.value)
    assert SECRET not in shown
    (problem,) = refused.value.diagnostics
    return problem.code.name, problem.values


# --- the server cannot be reached, or does not let in -------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (f"postgresql://user:{SECRET}@[::1/runs", "it is not a URL"),
        (f"postgresql://user:{SECRET}@host/runs?nonsense={SECRET}", "PostgreSQL does not understand it"),
        (
            f"postgresql://user:{SECRET}@host/runs?schema=Robert');--",
            "the schema is not a name of lower-case letters, digits and _",
        ),
    ],
)
def test_a_url_that_cannot_be_read_is_refused_and_not_shown(wrong: str, problem: str) -> None:
    known = "postgresql://USER@HOST:PORT/DATABASE?schema=NAME"
    assert refusal(wrong) == ("E_STORE_URL", {"problem": problem, "known": known})


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    code, values = refusal(f"postgresql://user:{SECRET}@/runs?host={tmp_path}&schema=mine")
    assert (code, values) == ("E_STORE_UNREACHABLE", {"store": f"postgresql://{tmp_path}/runs?schema=mine"})


def test_who_is_not_let_in_is_told_so(postgres_server: PostgresServer, raw: psycopg.Connection) -> None:
    raw.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'".encode())
    postgres_server.wants_password("guarded")
    wrong = postgres_server.get_url(user="guarded", password=f"{SECRET}-not")
    no_database = postgres_server.get_url(database="nothing")
    found = [refusal(url) for url in (postgres_server.get_url(user="guarded"), wrong, no_database)]
    assert [(code, values["problem"]) for code, values in found] == [
        ("E_STORE_ACCESS_DENIED", "it wants a password, and none was given"),
        ("E_STORE_ACCESS_DENIED", "it refused, with a password"),
        ("E_STORE_ACCESS_DENIED", "it refused"),
    ]
    with_password = postgres_server.get_url(user="guarded", password=SECRET)
    code, values = refusal(f"{with_password}&schema=guarded")
    assert (code, values["problem"]) == ("E_STORE_ACCESS_DENIED", "a privilege is missing")


# --- the server refuses to write ----------------------------------------------------------------------


def test_a_run_that_another_transaction_holds_is_reported_as_locked(
    store: PostgresStore, raw: psycopg.Connection
) -> None:
    with raw.transaction():
        raw.execute("SELECT 1 FROM opforge_runs FOR UPDATE")
        with pytest.raises(DiagnosticError) as locked:
            store.append([follow(1)])
    code = describe(locked.value)
    assert code is not None
    assert (code[0], code[1]["waited_ms"]) == ("E_STORE_LOCKED", 50)
    append_one(store, follow(1))


def test_a_database_that_only_reads_is_reported(store: PostgresStore, url: str) -> None:
    with PostgresStore(f"{url}&options=-c%20default_transaction_read_only=on") as reading:
        assert reading.get_head(RUN) == 1
        with pytest.raises(DiagnosticError, match="E_STORE_READ_ONLY"):
            reading.append([follow(1)])
    append_one(store, follow(1))


FAILING = """
CREATE SEQUENCE failures;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('failures') <= {times} THEN
    RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '{sqlstate}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fails BEFORE INSERT ON opforge_segments FOR EACH ROW EXECUTE FUNCTION fail();
"""
"""The server fails as often as asked: a sequence is not rolled back."""


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("53100", "E_STORE_FULL"),
        ("25006", "E_STORE_READ_ONLY"),
        ("42501", "E_STORE_ACCESS_DENIED"),
        ("XX001", "E_STORE_DAMAGED"),
        ("58030", "E_STORE_IO"),
    ],
)
def test_an_error_of_the_server_is_a_code_and_leaves_nothing(
    store: PostgresStore, raw: psycopg.Connection, sqlstate: str, code: str
) -> None:
    raw.execute(FAILING.format(times=1, sqlstate=sqlstate).encode())
    late = build_artifact("late")
    with pytest.raises(DiagnosticError) as refused:
        store.append([follow(1, artifacts=[late]), begin(OTHER)])
    (problem,) = refused.value.diagnostics
    assert problem.code.name == code
    if code == "E_STORE_IO":
        assert problem.values["problem"] == "SQLSTATE 58030"
    assert (store.get_head(RUN), store.get_head(OTHER)) == (1, 0)
    assert list(store.list_artifacts()) == []
    assert store.append([follow(1, artifacts=[late]), begin(OTHER)]) == [None, None]


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_transaction_that_the_server_rolled_back_is_tried_again(
    store: PostgresStore, raw: psycopg.Connection, sqlstate: str
) -> None:
    raw.execute(FAILING.format(times=3, sqlstate=sqlstate).encode())
    append_one(store, follow(1))
    assert [e.sealed for e in store.read_events(RUN)] == [build_event(1), build_event(2)]


def test_a_transaction_that_is_rolled_back_for_ever_is_given_up(
    store: PostgresStore, raw: psycopg.Connection, url: str
) -> None:
    raw.execute(FAILING.format(times=1_000_000, sqlstate="40001").encode())
    with PostgresStore(url, reconnect_seconds=0.1) as impatient, pytest.raises(DiagnosticError) as refused:
        impatient.append([follow(1)])
    assert refused.value.diagnostics[0].code.name == "E_STORE_LOCKED"


# --- the connection is lost ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_was_restarted_is_found_again(
    store: PostgresStore, postgres_server: PostgresServer, mode: str
) -> None:
    lease = replace(follow(0).lease)
    for head in range(1, 4):
        postgres_server.restart(mode)  # type: ignore[arg-type]
        append_one(store, follow(head))
        postgres_server.restart(mode)  # type: ignore[arg-type]
        assert store.renew_lease(lease).token == 1
    assert [e.sealed.seq for e in store.read_events(RUN)] == [1, 2, 3, 4]


def test_an_append_during_which_the_server_crashes_is_made_once(
    postgres_server: PostgresServer, url: str, raw: psycopg.Connection
) -> None:
    with PostgresStore(url) as store, ThreadPoolExecutor(1) as pool:
        append_one(store, begin())
        with psycopg.connect(postgres_server.get_url()) as holding:
            holding.execute("SELECT set_config('search_path', %s, true)", (url.partition("schema=")[2],))
            holding.execute("SELECT 1 FROM opforge_runs FOR UPDATE")
            appending = pool.submit(store.append, [follow(1), begin(OTHER)])
            while not raw.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").rowcount:
                time.sleep(0.01)
            postgres_server.restart("immediate")
            with pytest.raises(psycopg.OperationalError):
                holding.execute("SELECT 1")
        assert appending.result(timeout=60) == [None, None]
        assert [e.sealed for e in store.read_events(RUN)] == [build_event(1), build_event(2)]


def test_a_server_that_stays_away_is_a_code_and_may_come_back(
    postgres_server: PostgresServer, url: str
) -> None:
    with PostgresStore(url, reconnect_seconds=0.2) as store:
        append_one(store, begin())
        postgres_server.stop()
        try:
            with pytest.raises(DiagnosticError) as refused:
                store.append([follow(1)])
            (problem,) = refused.value.diagnostics
            assert problem.code.name == "E_STORE_CONNECTION_LOST"
            assert int(problem.values["waited_ms"]) >= 200
            with pytest.raises(DiagnosticError, match="E_STORE_UNREACHABLE"):
                PostgresStore(url)
        finally:
            postgres_server.start()
        append_one(store, follow(1))
        assert [e.sealed.seq for e in store.read_events(RUN)] == [1, 2]


# --- the server has done it, and its answer is lost ---------------------------------------------------


@pytest.fixture
def proxy(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[CuttingProxy]:
    folder = tmp_path / "p"
    folder.mkdir()
    with run_proxy(postgres_server.socket, folder / SOCKET_NAME) as running:
        yield running


@pytest.fixture
def url_of_proxy(postgres_server: PostgresServer, url: str, tmp_path: Path) -> str:
    """The same store, through the proxy."""
    return url.replace(str(postgres_server.folder), str(tmp_path / "p"))


@pytest.fixture
def cut_store(proxy: CuttingProxy, url_of_proxy: str) -> Iterator[PostgresStore]:
    """A store whose connection goes through the proxy."""
    with PostgresStore(url_of_proxy) as opened:
        append_one(opened, begin())
        yield opened


OPEN = """
import sys
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.stores.postgres import PostgresStore
try:
    PostgresStore(sys.argv[1], reconnect_seconds=float(sys.argv[2])).close()
except DiagnosticError as error:
    print(error.diagnostics[0].code.name)
else:
    print("opened")
"""


def open_elsewhere(url: str, reconnect_seconds: float) -> str:
    """What comes of it in another process: libpq's ping would not let the proxy's threads run in this one."""
    command = [sys.executable, "-c", OPEN, url, str(reconnect_seconds)]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout.strip()


@pytest.mark.parametrize("count", range(5))
def test_a_server_that_is_still_starting_is_waited_for(
    proxy: CuttingProxy, url_of_proxy: str, count: int
) -> None:
    """It becomes ready between any two of the questions that it is asked."""
    proxy.refuse_count = count
    assert open_elsewhere(url_of_proxy, 60) == "opened"
    assert proxy.refuse_count == 0


def test_a_server_that_goes_on_starting_is_given_up(proxy: CuttingProxy, url_of_proxy: str) -> None:
    proxy.refuse_count = 1_000_000
    assert open_elsewhere(url_of_proxy, 0.1) == "E_STORE_UNREACHABLE"


RELEASED = follow(1, standing=Standing("sleeping", 99))


@pytest.mark.parametrize(
    "appends",
    [
        [follow(1, artifacts=[build_artifact("a")])],
        [follow(1, posts=[(RUN, build_signal("go"))]), begin(OTHER)],
        [RELEASED],
        [replace(RELEASED, events=[])],
    ],
    ids=["follow", "open", "release", "stand"],
)
def test_an_append_that_was_taken_is_not_made_twice(
    proxy: CuttingProxy, cut_store: PostgresStore, appends: list[Append]
) -> None:
    proxy.cut_after(b"COMMIT")
    assert cut_store.append(appends) == [None] * len(appends)
    assert proxy.cut_count == 1
    for append in appends:
        head = append.expected_head + len(append.events)
        assert [e.sealed.seq for e in cut_store.read_events(append.run)] == list(range(1, head + 1))
        record = cut_store.get_run(append.run)
        assert record is not None
        assert record.standing == append.standing
    assert len(cut_store.read_messages(RUN)) == len(appends[0].posts)


def test_an_append_that_another_driver_made_meanwhile_is_not_taken_for_ones_own(
    proxy: CuttingProxy, cut_store: PostgresStore, url: str
) -> None:
    """The bytes are the same, the token is not."""
    with PostgresStore(url) as other:
        taken = other.acquire_lease(RUN, "host:2", LEASE_MS, dead_owner=follow(1).lease.owner)
        append_one(other, follow(1, token=taken.token, owner="host:2"))
    proxy.cut_after(b"COMMIT")
    (refused,) = cut_store.append([follow(1)])
    assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": follow(1).lease.owner})
    assert cut_store.get_head(RUN) == 2


def test_a_lease_that_was_taken_is_found(proxy: CuttingProxy, cut_store: PostgresStore) -> None:
    cut_store.release_lease(follow(1).lease)
    proxy.cut_after(b"acquisition")
    lease = cut_store.acquire_lease(RUN, "host:2", LEASE_MS)
    assert proxy.cut_count == 1
    assert (lease.token, lease.owner) == (2, "host:2")
    append_one(cut_store, follow(1, token=2, owner="host:2"))


def test_a_message_that_was_posted_is_posted_once(proxy: CuttingProxy, cut_store: PostgresStore) -> None:
    proxy.cut_after(b"COMMIT")
    assert cut_store.post_message(RUN, build_signal("go")) == 1
    assert proxy.cut_count == 1
    assert len(cut_store.read_messages(RUN)) == 1


# --- waiting ------------------------------------------------------------------------------------------


def test_who_waits_is_woken_when_the_server_goes_away(
    store: PostgresStore, postgres_server: PostgresServer
) -> None:
    async def wait() -> None:
        await store.wait_for_change(RUN, 3_600)  # begins to listen
        waiting = asyncio.ensure_future(store.wait_for_change(RUN, 3_600))
        await asyncio.sleep(0)
        await asyncio.to_thread(postgres_server.stop)
        try:
            await waiting
            await store.wait_for_change(RUN, 0.01)  # nothing to connect to: it polls
        finally:
            postgres_server.start()
        await store.wait_for_change(RUN, 3_600)  # listens again
        waiting = asyncio.ensure_future(store.wait_for_change(RUN, 3_600))
        await asyncio.sleep(0)
        store.post_message(RUN, build_signal("go"))
        await waiting

    asyncio.run(asyncio.wait_for(wait(), 60))
