"""`run`, `resume`, `replay` and `runs`, as an operator calls them."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from house.forge_answers import GAS_KEEPER, Forge
from opforge_cli.exit_codes import ExitCode

COUNTING = '''\
from opforge import http, op, workload

workload("counting", version="1.0")


@op
def main(rounds: int = 5) -> list[str]:
    """Ask for one page after the other."""
    pages: list[str] = []
    for number in range(rounds):
        page = http.get(f"https://counter.example/{number}")
        pages.append(page.text)
    return pages
'''


class Counter(ThreadingHTTPServer):
    """A web server that remembers what it was asked, and can hold back its answer to one path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.held_path: str | None = None
        self.is_held = threading.Event()
        self.may_go_on = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        counter = cast("Counter", self.server)
        counter.asked.append(self.path)
        if self.path == counter.held_path:
            counter.is_held.set()
            counter.may_go_on.wait()
        body = f"page {self.path}".encode()
        try:
            # Without Date and Server: every answer to one path is the same bytes.
            self.send_response_only(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


@pytest.fixture
def counter() -> Generator[Counter]:
    server = Counter()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.may_go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def counting(tmp_path: Path, counter: Counter) -> Path:
    """A program that asks the server, in a folder with its configuration."""
    (tmp_path / "forge.toml").write_text(
        f'[http.resolve]\n"counter.example" = "http://127.0.0.1:{counter.server_port}"\n'
    )
    program = tmp_path / "counting.py"
    program.write_text(COUNTING)
    return program


def test_a_killed_run_goes_on_where_it_was(
    forge: Forge, counting: Path, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design 1.4: "A crash resumes from facts"."""
    monkeypatch.chdir(counting.parent)
    undisturbed = forge("run", counting, "--json").report["result"]
    assert counter.asked == [f"/{number}" for number in range(5)]

    counter.asked.clear()
    counter.held_path = "/3"
    command = [str(Path(sys.executable).parent / "forge"), "run", counting.name]
    with subprocess.Popen(command, cwd=counting.parent, stderr=subprocess.PIPE) as process:
        assert counter.is_held.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    counter.held_path = None
    counter.may_go_on.set()
    runs = forge("runs", "list", "--json").report["result"]["runs"]
    assert [run["status"] for run in runs] == ["completed", "running"]

    counter.asked.clear()
    resumed = forge("resume", runs[1]["run"], "--json").report["result"]
    assert counter.asked == ["/3", "/4"]
    assert resumed["output"] == undisturbed["output"]
    assert resumed["snapshot"] == undisturbed["snapshot"]
    replayed = forge("replay", runs[1]["run"], "--json").report["result"]
    assert (replayed["equal"], replayed["sessions"]) == (True, 2)


def test_a_replay_asks_nothing(
    forge: Forge, counting: Path, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(counting.parent)
    run = forge("run", counting, "--json").report["result"]["run"]
    counter.asked.clear()
    assert forge("replay", run, "--json").report["result"]["equal"] is True
    assert counter.asked == []


def test_a_changed_fact_is_found_by_its_digest(
    forge: Forge, counting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(counting.parent)
    result = forge("run", counting, "--json").report["result"]
    with sqlite3.connect(result["store"]) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        ((row, content),) = connection.execute(
            "SELECT id, content FROM segments WHERE CAST(content AS TEXT) LIKE '%page /2%'"
        ).fetchall()
        changed = bytes(content).replace(b"page /2", b"page /9")
        connection.execute("UPDATE segments SET content = ? WHERE id = ?", (changed, row))
    connection.close()
    answer = forge("replay", result["run"], "--json")
    assert answer.code == ExitCode.ENVIRONMENT
    assert answer.report["diagnostics"][0]["name"] == "E_ARTIFACT_CORRUPT"
    (digest,) = re.findall(rb'"fact":"([0-9a-f]{64})"', content)
    assert digest.decode() in answer.report["diagnostics"][0]["message"]


def test_a_finished_run_is_not_resumed(
    forge: Forge, pure_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pure_program.parent)
    answer = forge("run", pure_program, "--input", '{"number": 4}', "--json")
    assert answer.report["result"]["output"] == {"type": "int", "value": "8"}
    assert forge("resume", "pure", "--json").codes == ["E_RUN_FINISHED"]


def test_the_events_of_a_run_are_linked_by_digest(
    forge: Forge, pure_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design 7: "Each envelope carries the digest of the one before it"."""
    import hashlib

    monkeypatch.chdir(pure_program.parent)
    forge("run", pure_program)
    lines = forge("runs", "events", "pure").out.splitlines()
    previous = "0" * 64
    for seq, line in enumerate(lines, start=1):
        envelope = json.loads(line)
        assert (envelope["seq"], envelope["previous"]) == (seq, previous)
        previous = hashlib.sha256(line).hexdigest()
    assert len(lines) == 2


def test_a_failed_run_says_where_in_the_source(forge: Forge, tmp_path: Path) -> None:
    program = tmp_path / "failing.py"
    program.write_text(
        'from opforge import op, workload\n\nworkload("failing", version="1.0")\n\n\n'
        "@op\ndef main(number: int = 0) -> int:\n    return 10 // number\n"
    )
    store = tmp_path / "runs.db"
    answer = forge("run", program, "--store", store, "--json")
    assert answer.code == ExitCode.RUN_FAILED
    (diagnostic,) = answer.report["diagnostics"]
    assert diagnostic["fields"]["exception"] == "ZeroDivisionError"
    assert (diagnostic["span"]["line"], diagnostic["source_line"]) == (8, "    return 10 // number")
    assert forge("replay", "failing", "--store", store).code == ExitCode.FINE


def test_a_network_without_endpoint_is_named(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "forge.toml").write_text("")
    answer = forge(
        *("run", GAS_KEEPER, "--input", '{"wallets": []}', "--config", tmp_path / "forge.toml", "--json")
    )
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_NETWORK_WITHOUT_ENDPOINT"])


def test_no_endpoint_is_stored_or_printed(forge: Forge, tmp_path: Path) -> None:
    """Design 2.8: "Endpoint URLs with keys in them are secrets too"."""
    (tmp_path / "forge.toml").write_text('[networks.devnet]\nurl = "http://127.0.0.1:1/CANARY-KEY"\n')
    store = tmp_path / "runs.db"
    answer = forge(
        *("run", GAS_KEEPER, "--input", '{"wallets": []}', "--config", tmp_path / "forge.toml"),
        *("--store", store, "--json"),
    )
    assert answer.code == ExitCode.RUN_FAILED
    shown = forge("runs", "show", "gas", "--store", store)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("runs.db*"))
    assert "CANARY" not in answer.text + answer.err + shown.text + shown.err
    assert b"CANARY" not in stored
