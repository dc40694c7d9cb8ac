"""`forge worker` as processes on one PostgreSQL: killed, stopped, told to end; nothing is lost or twice."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from house.crash.server import RecordingServer
from house.forge_answers import Forge
from house.postgres_samples import get_store_url
from house.postgres_server import PostgresServer
from house.workers.trial import (
    ITEMS,
    WorkerProcess,
    build_order_id,
    count_ended,
    inspect_orders,
    start_workers,
    submit_orders,
    work_through,
)
from opforge_ir.events import RunCompleted
from opforge_ir.schema import build_schemas
from opforge_runtime.history import read_run
from opforge_runtime.replay import replay_run
from opforge_runtime.stores.postgres import PostgresStore
from opforge_runtime.stores.protocol import RunRecord

SCHEMA: Any = build_schemas()["command-results.schema.json"]

pytestmark = pytest.mark.xdist_group("workers")


class HoldingServer(RecordingServer):
    """Keeps the first post of an order waiting until it is let go; the next ones are answered at once."""

    def __init__(self) -> None:
        super().__init__()
        self.has_come, self.is_let_go = threading.Event(), threading.Event()

    def apply(self, path: str, key: str | None, text: str) -> tuple[str, bool]:
        if not self.has_come.is_set():
            self.has_come.set()
            assert self.is_let_go.wait(60)
        return super().apply(path, key, text)


@pytest.fixture
def url(postgres_server: PostgresServer, tmp_path: Path) -> str:
    return get_store_url(postgres_server, tmp_path)


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as serving:
        yield serving


@pytest.fixture
def holding() -> Iterator[HoldingServer]:
    with HoldingServer() as serving:
        yield serving
        serving.is_let_go.set()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def get_order(store: PostgresStore, order: int) -> RunRecord:
    record = store.get_run(build_order_id(order))
    assert record is not None
    return record


def test_workers_that_are_killed_at_random_leave_nothing_behind(
    url: str, server: RecordingServer, tmp_path: Path
) -> None:
    """`just workers 1000` does the same at length."""
    submit_orders(url, 40)
    assert work_through(url, server, tmp_path, orders=40, workers=3, kills=4, seed=7) == []
    assert inspect_orders(url, server, 40, replays=10) == []


def test_the_server_of_the_store_may_be_restarted(
    url: str, server: RecordingServer, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    submit_orders(url, 12)
    with closing(PostgresStore(url)) as store, start_workers(1, url, server, tmp_path) as (worker,):
        wait_until(lambda: count_ended(store) >= 3)
        postgres_server.restart("immediate")
        wait_until(lambda: count_ended(store) == 12)
        status, printed = worker.leave()
    assert status == 0, printed
    assert inspect_orders(url, server, 12, replays=2) == []


def test_a_worker_that_was_stopped_past_its_lease_finds_that_another_one_drives(
    url: str, holding: HoldingServer, tmp_path: Path
) -> None:
    """The first is stopped while its post is under way, and continued when the second has ended the run."""
    submit_orders(url, 3)
    first = WorkerProcess(url, holding.url, tmp_path, "--concurrency=1", "--lease=1")
    with closing(PostgresStore(url)) as store:
        try:
            assert holding.has_come.wait(60)
            (stopped,) = [order for order in range(3) if get_order(store, order).lease is not None]
            first.send(signal.SIGSTOP)
            with start_workers(1, url, holding, tmp_path, "--lease=1") as (second,):
                wait_until(lambda: count_ended(store) == 3)
                holding.is_let_go.set()
                first.send(signal.SIGCONT)
                wait_until(lambda: "E_LEASE_LOST" in first.read())
                assert f"{build_order_id(stopped)}: E3006 E_LEASE_LOST" in first.read()
                assert [each.leave()[0] for each in (first, second)] == [0, 0]
        finally:
            first.kill()
        events = [stored.envelope.event for stored in read_run(store, build_order_id(stopped))]
        assert sum(isinstance(event, RunCompleted) for event in events) == 1
        assert [event.type for event in events].count("run_resumed") == 2
    assert inspect_orders(url, holding, 3, replays=3) == []


def test_a_worker_that_is_told_to_end_gives_its_runs_back(
    url: str, holding: HoldingServer, tmp_path: Path
) -> None:
    submit_orders(url, 1)
    with closing(PostgresStore(url)) as store, start_workers(1, url, holding, tmp_path) as (worker,):
        assert holding.has_come.wait(60)
        worker.send(signal.SIGTERM)
        wait_until(lambda: "leaving" in worker.read())
        holding.is_let_go.set()
        status, printed = worker.wait()
        assert status == 0, printed
        record = get_order(store, 0)
        assert (record.standing.status, record.lease) == ("queued", None)
        assert len(holding.applied) == 1  # the post that was under way, and none after it
        assert replay_run(store, build_order_id(0)).is_finished is False
    once = WorkerProcess(url, holding.url, tmp_path, "--once")
    status, printed = once.wait()
    assert status == 0, printed
    # The order sleeps in the end: for a second, which is attended.
    assert len(holding.applied) >= ITEMS


def test_once_drives_what_there_is(forge: Forge, url: str, server: RecordingServer, tmp_path: Path) -> None:
    configuration = tmp_path / "forge.toml"
    configuration.write_text(f'[http.resolve]\n"shop.example" = "{server.url}"\n')
    options = ("worker", "--once", "--store", url, "--config", configuration)
    assert forge(*options).text == "nothing to drive\n"
    submit_orders(url, 4)
    done = forge(*options, "--json")
    jsonschema.validate(done.report["result"], SCHEMA["properties"]["worker"] | {"$defs": SCHEMA["$defs"]})
    sessions = {each["outcome"]: each["count"] for each in done.report["result"]["sessions"]}
    # One order waits for its child, and goes on when that is over.
    assert sessions["completed"] >= 4
    assert set(sessions) <= {"completed", "waiting", "sleeping"}
    assert done.code == 0


def test_a_store_of_one_machine_has_no_workers(forge: Forge, tmp_path: Path) -> None:
    refused = forge("worker", "--store", tmp_path / "runs.db", "--json")
    assert (refused.code, refused.codes) == (5, ["E_WORKER_STORE"])
    assert not (tmp_path / "runs.db").exists()


def test_no_output_of_a_worker_shows_the_password(forge: Forge, tmp_path: Path) -> None:
    refused = forge("worker", "--store", f"postgresql://user:swordfish@/runs?host={tmp_path}")
    assert refused.code == 5
    assert "E_STORE_UNREACHABLE" in refused.err
    assert "swordfish" not in refused.err + refused.text
