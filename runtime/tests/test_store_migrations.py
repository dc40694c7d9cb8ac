"""Stores of earlier versions are brought forward: what they held reads, verifies and replays as before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from house.pins import ROOT
from opforge_ir.canonical import canonical_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime import replay_run
from opforge_runtime.history import read_run
from opforge_runtime.stores import SqliteStore
from opforge_runtime.stores.protocol import RunFilter
from opforge_runtime.stores.sqlite_schema import APPLICATION_ID, VERSION_1

HISTORIES = sorted(
    path
    for path in (ROOT / "corpus" / "histories").glob("*.json")
    if '"format": 2' not in path.read_text(encoding="utf-8")
)
"""The runs of the time when stores had version 1: a later run has facts beside its events."""
Held = dict[str, Any]
"""A file of `corpus/histories`."""


def load(path: Path) -> Held:
    held: Held = json.loads(path.read_bytes())
    return held


def seal_events(held: Held) -> list[tuple[int, bytes, int]]:
    """Seq, envelope and time of each event."""
    return [
        (seq, canonical_bytes(event["envelope"]), event["recorded_at_epoch_ms"])
        for seq, event in enumerate(held["events"], start=1)
    ]


def make_version_1(path: Path, histories: Sequence[Held]) -> None:
    """A store as opforge 0.1 wrote it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(VERSION_1)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    for held in histories:
        for seq, envelope, at in seal_events(held):
            row = (held["run"], seq, digest_bytes(envelope), envelope, at)
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", row)
        for digest, artifact in held["artifacts"].items():
            if not connection.execute("SELECT 1 FROM artifacts WHERE digest = ?", (digest,)).fetchone():
                connection.execute("INSERT INTO artifacts VALUES (?, ?)", (digest, canonical_bytes(artifact)))
    connection.close()


def get_version(path: Path) -> int:
    connection = sqlite3.connect(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(version)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.mark.parametrize("history", HISTORIES, ids=lambda path: path.stem)
def test_a_run_of_the_first_version_reads_as_before(path: Path, history: Path) -> None:
    make_version_1(path, [load(file) for file in HISTORIES])
    held = load(history)
    run = RunId(held["run"])
    with SqliteStore(path) as store:
        stored = [(e.sealed.seq, e.sealed.envelope, e.recorded_at_epoch_ms) for e in store.read_events(run)]
        assert stored == seal_events(held)
        assert all(not event.sealed.attachment for event in store.read_events(run))
        for digest, artifact in held["artifacts"].items():
            assert store.get_artifact(digest) == canonical_bytes(artifact)
        assert len(read_run(store, run)) == len(held["events"])
    assert get_version(path) == 2


@pytest.mark.parametrize("history", HISTORIES, ids=lambda path: path.stem)
def test_a_run_of_the_first_version_replays_as_before(path: Path, history: Path) -> None:
    held = load(history)
    make_version_1(path, [held])
    with SqliteStore(path) as store:
        assert replay_run(store, RunId(held["run"])).events == len(held["events"])


@pytest.mark.parametrize("history", HISTORIES, ids=lambda path: path.stem)
def test_how_a_run_stands_is_read_off_its_events(path: Path, history: Path) -> None:
    make_version_1(path, [load(file) for file in HISTORIES])
    held = load(history)
    run = RunId(held["run"])
    start, end = held["events"][0]["envelope"]["event"], held["events"][-1]["envelope"]["event"]
    ir = held["artifacts"][start["manifest"]]["ir"]
    head = held["artifacts"][ir]["workload"]
    with SqliteStore(path) as store:
        record = store.get_run(run)
        assert record is not None
        assert (record.opening.workload, record.opening.version) == (head["id"], head["version"])
        assert (record.opening.op, record.opening.ir, record.opening.parent) == (start["op"], ir, None)
        assert record.standing.status == end.get("outcome", "running")
        assert record.head == len(held["events"])
        assert record.started_at_epoch_ms == held["events"][0]["recorded_at_epoch_ms"]
        assert record.lease is None
        assert (run in store.list_drivable(99)) == (record.standing.status == "running")
        assert store.acquire_lease(run, "host:1", 1).token == 1


def test_runs_keep_their_order(path: Path) -> None:
    histories = [load(file) for file in HISTORIES]
    make_version_1(path, histories)
    histories.sort(key=lambda held: (held["events"][0]["recorded_at_epoch_ms"], held["run"]))
    with SqliteStore(path) as store:
        assert [record.run for record in store.list_runs()] == [held["run"] for held in histories]


def cut_first_event(held: Held) -> None:
    held["events"][0]["envelope"]["event"] = "gone"


def cut_last_event(held: Held) -> None:
    held["events"][-1]["envelope"]["event"] = "gone"


def lose_manifest(held: Held) -> None:
    del held["artifacts"][held["events"][0]["envelope"]["event"]["manifest"]]


def change_manifest(held: Held) -> None:
    held["artifacts"][held["events"][0]["envelope"]["event"]["manifest"]]["op"] = "other"


@pytest.mark.parametrize(
    ("damage", "workload", "status"),
    [
        (cut_first_event, "", "completed"),
        (cut_last_event, "sample", "needs_resolution"),
        (lose_manifest, "", "completed"),
        (change_manifest, "", "completed"),
    ],
)
def test_a_damaged_run_does_not_keep_the_others_from_being_brought_forward(
    path: Path, damage: Callable[[Held], None], workload: str, status: str
) -> None:
    damaged, sound = load(ROOT / "corpus/histories/chain-reads.json"), load(HISTORIES[0])
    damage(damaged)
    make_version_1(path, [damaged, sound])
    with SqliteStore(path) as store:
        record = store.get_run(RunId(damaged["run"]))
        assert record is not None
        assert (record.opening.workload, record.standing.status) == (workload, status)
        assert store.list_runs(RunFilter(beginning=sound["run"]))
        with pytest.raises(DiagnosticError):
            replay_run(store, RunId(damaged["run"]))


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    make_version_1(path, [load(HISTORIES[0])])
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE messages (x)")
    rows = connection.execute("SELECT count(*) FROM events").fetchone()
    with pytest.raises(DiagnosticError, match="E_STORE_IO"):
        SqliteStore(path)
    assert connection.execute("SELECT count(*) FROM events").fetchone() == rows
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.execute("DROP TABLE messages")
    connection.close()
    with SqliteStore(path) as store:
        assert len(store.list_runs()) == 1


def test_two_processes_may_bring_a_store_forward_at_once(path: Path) -> None:
    make_version_1(path, [load(file) for file in HISTORIES])
    with SqliteStore(path) as one, SqliteStore(path) as other:
        assert one.list_runs() == other.list_runs()
