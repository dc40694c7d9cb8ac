"""SIGKILL at every point of a run; what was recorded is kept, and the run ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    field_of,
    handler,
    lit,
    map_node,
    no_headers,
    ref,
    return_node,
    try_node,
    yield_node,
)
from house.scripted_io import RUN
from opforge_ir.events import FactRecorded, RunCompleted, StateFailed
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import RunOutcome, resume_run
from opforge_runtime.history import read_run
from opforge_runtime.history_rules import check_history
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import SqliteStore

DRIVER = Path(__file__).with_name("crashing_driver.py")
READS = 5


class CountingServer:
    """Answers every path with its own name, and counts. Odd numbers are said to be elsewhere."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        counts = self.counts

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                counts[self.path] += 1
                body = self.path.encode()
                is_moved = self.path.startswith("/moved/") and int(self.path[-1]) % 2
                self.send_response_only(
                    302 if is_moved else 200
                )  # without a date: the facts are to be the same
                if is_moved:
                    self.send_header("Location", "http://elsewhere.example/")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[CountingServer]:
    counting = CountingServer()
    yield counting
    counting.close()


def program(host: str) -> Json:
    url = apply("str.concat", lit("str", f"http://{host}/"), apply("int.str", ref("i")))
    body = [effect("got", "http.get", "Response", url=url, headers=no_headers())]
    body += [yield_node(field_of(ref("got"), "text"))]
    nodes = [
        map_node("texts", "list[str]", ref("ns"), {"i": "int"}, body),
        effect("said", "log.info", "None", message=apply("str.join", lit("str", ","), ref("texts"))),
        effect("drawn", "random.integer", "int", low=lit("int", "7"), high=lit("int", "7")),
        return_node(ref("texts")),
    ]
    main = build_op("list[str]", nodes, {"ns": "list[int]"})
    return build_document({"main": main})


def careful_program(host: str) -> Json:
    """One that goes on after a failed read, and says which ones failed."""
    url = apply("str.concat", lit("str", f"http://{host}/moved/"), apply("int.str", ref("i")))
    got = effect("got", "http.get", "Response", url=url, headers=no_headers())
    nothing = apply("str.concat", lit("str", "no "), field_of(ref("e"), "message"))
    attempt = try_node(
        "try",
        [got, yield_node(field_of(ref("got"), "text"))],
        handler("HttpError", "e", effect("said", "log.info", "None", message=nothing), yield_node(nothing)),
    )
    drawn = effect("drawn", "random.integer", "int", low=lit("int", "1"), high=lit("int", "0"))
    nodes = [
        map_node("texts", "list[str]", ref("ns"), {"i": "int"}, [attempt]),
        try_node("try-draw", [drawn], handler("RandomError", "e-2", return_node(ref("texts")))),
        return_node({"kind": "list", "type": "list[str]", "items": []}),
    ]
    return build_document({"main": build_op("list[str]", nodes, {"ns": "list[int]"})})


Crash = Callable[[Path, Json, int], str]


@pytest.fixture
def crash() -> Iterator[Crash]:
    """Start a run in another process, which is killed at a point; the point's name, or `done`."""
    process = subprocess.Popen(
        [sys.executable, str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    orders, answers = process.stdin, process.stdout

    def order(store: Path, document: Json, crash_at: int) -> str:
        line = {"store": str(store), "document": document, "crash_at": crash_at, "batch_size": 2}
        orders.write(json.dumps({**line, "inputs": {"ns": list(range(READS))}}) + "\n")
        orders.flush()
        return answers.readline().strip()

    yield order
    orders.close()
    assert process.wait() == 0
    answers.close()


def go_on(store: SqliteStore) -> RunOutcome:
    async def drive() -> RunOutcome:
        async with open_live_io({}, log=lambda level, message: None) as effect_io:
            return await resume_run(store, effect_io, RUN, clock=lambda: 2_000)

    return asyncio.run(drive())


def test_a_run_killed_at_any_point_ends_as_if_it_had_not_been(
    server: CountingServer, crash: Crash, tmp_path: Path
) -> None:
    document = program(server.host)
    assert crash(tmp_path / "whole.db", document, 10_000) == "done"
    with SqliteStore(tmp_path / "whole.db") as store:
        whole = read_run(store, RUN)[-1].envelope.event
        assert isinstance(whole, RunCompleted)
    points: Counter[str] = Counter()
    resumed = 0
    for crash_at in range(1000):
        server.counts.clear()
        path = tmp_path / f"{crash_at}.db"
        point = crash(path, document, crash_at)
        if point == "done":
            break
        points[point] += 1
        with SqliteStore(path) as store:
            if store.get_head(RUN) == 0:
                continue
            before = [e.envelope.event for e in read_run(store, RUN)]
            if isinstance(before[-1], RunCompleted):
                continue
            known = [e.instance for e in before if isinstance(e, FactRecorded)]
            asked_before = Counter(server.counts)
            outcome = go_on(store)
            resumed += 1
            assert outcome.snapshot == whole.snapshot
            assert outcome.output is not None
            assert outcome.output.value == [f"/{n}" for n in range(READS)]
            for n in range(READS):
                if f"texts[{n}]" in known:
                    assert server.counts[f"/{n}"] == asked_before[f"/{n}"] == 1
                else:
                    assert server.counts[f"/{n}"] == asked_before[f"/{n}"] + 1
            assert check_history([e.envelope for e in read_run(store, RUN)]) == []
            report = replay_run(store, RUN)
            assert (report.sessions, report.is_finished) == (2, True)
    # start; three groups of reads, one of the log line, one of the number drawn; the end
    assert points == {"append": 12, "appended": 12, "perform": 5, "performed": 5}
    assert resumed == 32


def test_a_failure_that_was_caught_is_the_same_failure_after_a_crash_at_any_point(
    server: CountingServer, crash: Crash, tmp_path: Path
) -> None:
    document = careful_program(server.host)
    assert crash(tmp_path / "whole.db", document, 10_000) == "done"
    with SqliteStore(tmp_path / "whole.db") as store:
        whole = read_run(store, RUN)[-1].envelope.event
        assert isinstance(whole, RunCompleted)
    resumed = 0
    for crash_at in range(1000):
        server.counts.clear()
        path = tmp_path / f"{crash_at}.db"
        if crash(path, document, crash_at) == "done":
            break
        with SqliteStore(path) as store:
            before = [e.envelope.event for e in read_run(store, RUN)] if store.get_head(RUN) else []
            if not before or isinstance(before[-1], RunCompleted):
                continue
            settled = [e.instance for e in before if isinstance(e, StateFailed | FactRecorded)]
            asked_before = Counter(server.counts)
            outcome = go_on(store)
            resumed += 1
            assert outcome.snapshot == whole.snapshot
            assert outcome.output is not None
            failed = "no E_HTTP_REDIRECT_REFUSED"
            assert outcome.output.value == [failed if n % 2 else f"/moved/{n}" for n in range(READS)]
            for n in range(READS):
                more = 0 if f"texts[{n}]" in settled else 1
                assert server.counts[f"/moved/{n}"] == asked_before[f"/moved/{n}"] + more
            assert check_history([e.envelope for e in read_run(store, RUN)]) == []
            report = replay_run(store, RUN)
            assert (report.sessions, report.is_finished) == (2, True)
    assert resumed > 30
