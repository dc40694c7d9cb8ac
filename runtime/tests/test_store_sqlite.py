"""What the SQLite store promises besides: durability, a file that refuses changes, and codes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from house.pins import ROOT
from house.store_samples import (
    LEASE_MS,
    OTHER,
    OWNER,
    RUN,
    Clock,
    begin,
    build_artifact,
    build_event,
    build_signal,
    follow,
)
from house.store_suite import append_one, describe
from opforge_ir.diagnostics import DiagnosticError, FieldValue
from opforge_runtime.stores import SqliteStore
from opforge_runtime.stores.sqlite_migrations import SCHEMA_VERSION

ARTIFACT = build_artifact("a")
BASE = 1 << 32
"""The id before the first segment of the first run."""


def get_connection(store: Any) -> sqlite3.Connection:
    """The connection of a store, whose limits a test lowers."""
    connection: sqlite3.Connection = store._file.connection
    return connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as another program sees it: two runs, two events in one segment, a message and an artifact."""
    with SqliteStore(path) as store:
        append_one(store, replace(begin(count=2), artifacts=[ARTIFACT]))
        append_one(store, begin(OTHER))
        store.post_message(RUN, build_signal("go"))
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def refusal(path: Path, busy_timeout_ms: int = 10_000) -> tuple[str, dict[str, FieldValue]]:
    """The code with which opening a store and appending to it ends."""
    with (
        pytest.raises(DiagnosticError) as refused,
        SqliteStore(path, busy_timeout_ms=busy_timeout_ms) as store,
    ):
        append_one(store, follow(2))
    found = describe(refused.value)
    assert found is not None
    return found[0], dict(found[1])


def read_everything(store: SqliteStore) -> None:
    store.get_run(RUN)
    store.read_messages(RUN)
    store.read_events(RUN)


def test_an_append_is_flushed_through_the_write_ahead_log(path: Path) -> None:
    with SqliteStore(path) as store:
        modes = [
            get_connection(store).execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
        assert modes == ["wal", 2]


def test_an_append_of_the_steady_state_writes_a_page_of_segments_and_one_of_places(path: Path) -> None:
    with SqliteStore(path) as store:
        append_one(store, begin())
        log = Path(f"{path}-wal")
        before = log.stat().st_size
        append_one(store, follow(1))
        assert log.stat().st_size - before == 2 * (4096 + 24)


def test_a_step_goes_to_the_run_that_it_names(path: Path) -> None:
    """Also after the opening of a run was undone, and the next one has its number in the file."""
    with SqliteStore(path) as store:
        connection = get_connection(store)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DiagnosticError, match="E_STORE_FULL"):
            store.append([begin(OTHER, artifacts=[build_artifact("a" * 100_000)])])
        connection.execute("PRAGMA max_page_count = 1000000")
        append_one(store, begin(RUN))
        (refused,) = store.append([follow(1, OTHER)])
        assert refused is not None
        assert refused.diagnostics[0].code.name == "E_LEASE_LOST"
        assert store.get_head(RUN) == 1


def test_appends_of_many_runs_are_one_transaction(path: Path) -> None:
    with SqliteStore(path) as store:
        statements: list[str] = []
        get_connection(store).set_trace_callback(statements.append)
        store.append([begin(RUN), begin(OTHER)])
        assert [s for s in statements if s.split()[0] in ("BEGIN", "COMMIT")] == ["BEGIN IMMEDIATE", "COMMIT"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE segments SET content = x'00'",
        "UPDATE segments SET recorded_at_epoch_ms = 0",
        f"UPDATE segments SET place = {BASE + 5} WHERE place = {BASE + 1}",
        "DELETE FROM segments",
        f"REPLACE INTO segments VALUES (NULL, {BASE + 1}, 2, 0, '{ARTIFACT.digest}', x'00')",
        f"REPLACE INTO segments VALUES (NULL, {BASE + 2}, 2, 0, '{ARTIFACT.digest}', x'00')",
        f"INSERT INTO segments VALUES (NULL, {BASE + 4}, 4, 0, '{ARTIFACT.digest}', x'00')",
        f"INSERT INTO segments VALUES (NULL, {BASE + 3}, 2, 0, '{ARTIFACT.digest}', x'00')",
        f"INSERT INTO segments VALUES (NULL, {3 * BASE + 1}, 1, 0, '{ARTIFACT.digest}', x'00')",
        f"REPLACE INTO segments VALUES (1, {BASE + 3}, 3, 0, '{ARTIFACT.digest}', x'00')",
        f"INSERT INTO segments SELECT NULL, 0, 9, 0, '{ARTIFACT.digest}', x'00'",
        "UPDATE messages SET content = x'00'",
        "DELETE FROM messages",
        f"REPLACE INTO messages VALUES ({BASE + 1}, 'x', 'signal', 'go', 0, x'00')",
        f"REPLACE INTO messages VALUES ({BASE + 2}, 'go', 'signal', 'go', 0, x'00')",
        f"INSERT INTO messages VALUES ({BASE + 3}, 'x', 'signal', 'go', 0, x'00')",
        f"INSERT INTO messages VALUES ({3 * BASE + 1}, 'x', 'signal', 'go', 0, x'00')",
        "UPDATE runs SET run = 'another-0001' WHERE number = 1",
        "UPDATE runs SET number = 7 WHERE number = 1",
        "UPDATE runs SET workload = 'another'",
        "UPDATE runs SET token = 0",
        "DELETE FROM runs",
        "REPLACE INTO runs SELECT * FROM runs WHERE number = 1",
        "UPDATE artifacts SET content = x'00'",
        "DELETE FROM artifacts",
        f"REPLACE INTO artifacts VALUES ('{ARTIFACT.digest}', x'00')",
        f"INSERT OR IGNORE INTO artifacts VALUES ('{ARTIFACT.digest}', x'00')",
        f"INSERT INTO collected VALUES (2, '{ARTIFACT.digest}')",
    ],
)
def test_the_file_itself_refuses_a_changed_history(
    raw: sqlite3.Connection, path: Path, statement: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    with SqliteStore(path) as store:
        assert [e.sealed for e in store.read_events(RUN)] == [build_event(1), build_event(2)]
        assert [e.sealed for e in store.read_events(OTHER)] == [build_event(1)]
        assert [m.message for m in store.read_messages(RUN)] == [build_signal("go")]
        assert store.get_artifact(ARTIFACT.digest) == b"a"


def test_the_file_deletes_the_artifact_that_was_named_and_no_other(
    raw: sqlite3.Connection, path: Path
) -> None:
    with SqliteStore(path) as store:
        store.put_artifact(build_artifact("b"))
        store.delete_artifact(ARTIFACT.digest)
        assert list(store.list_artifacts()) == [build_artifact("b").digest]
    assert raw.execute("SELECT count(*) FROM collected").fetchone() == (0,)
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute("DELETE FROM artifacts")


def test_a_locked_store_is_reported_after_a_wait(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute("BEGIN IMMEDIATE")
    assert refusal(path, busy_timeout_ms=20) == ("E_STORE_LOCKED", {"store": str(path), "waited_ms": 20})
    raw.execute("ROLLBACK")


def test_a_newer_store_is_left_alone(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert refusal(path) == (
        "E_STORE_NEWER",
        {"store": str(path), "version": SCHEMA_VERSION + 1, "known": SCHEMA_VERSION},
    )


def test_another_programs_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    assert refusal(path)[0] == "E_STORE_NOT_OURS"
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to look like one might" * 20)
    before = path.read_bytes()
    assert refusal(path)[0] == "E_STORE_NOT_OURS"
    assert path.read_bytes() == before


def test_a_store_that_is_not_there_is_not_made_unasked(path: Path) -> None:
    with pytest.raises(DiagnosticError, match="E_STORE_CANNOT_OPEN"):
        SqliteStore(path, is_created=False)
    assert not path.exists()
    with pytest.raises(DiagnosticError, match="E_STORE_CANNOT_OPEN"):
        SqliteStore(path / "below" / "nothing.db")


def test_a_store_that_cannot_be_written_is_reported(raw: sqlite3.Connection, path: Path) -> None:
    with SqliteStore(path) as store:
        get_connection(store).execute("PRAGMA query_only = ON")
        with pytest.raises(DiagnosticError, match="E_STORE_READ_ONLY"):
            append_one(store, follow(2))
        assert store.get_head(RUN) == 2


def test_two_processes_may_make_the_store_at_once(path: Path) -> None:
    with SqliteStore(path) as one, SqliteStore(path) as other:
        append_one(one, begin())
        with pytest.raises(DiagnosticError, match="E_RUN_EXISTS"):
            append_one(other, begin())
        append_one(other, follow(1))
        assert [e.sealed.seq for e in one.read_events(RUN)] == [1, 2]


def test_another_error_of_the_database_keeps_its_name(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute("DROP TABLE segments")
    assert refusal(path) == ("E_STORE_IO", {"store": str(path), "problem": "SQLITE_ERROR"})


def test_a_run_has_one_driver(path: Path) -> None:
    clock = Clock()
    with SqliteStore(path, now_epoch_ms=clock) as one, SqliteStore(path, now_epoch_ms=clock) as other:
        append_one(one, begin())
        with pytest.raises(DiagnosticError) as refused:
            other.acquire_lease(RUN, "host:2", LEASE_MS)
        values = {"run": RUN, "owner": OWNER, "left_ms": LEASE_MS}
        assert describe(refused.value) == ("E_RUN_LEASED", values)
        clock.now_epoch_ms += LEASE_MS
        other.acquire_lease(RUN, "host:2", LEASE_MS)
        for _ in range(2):
            with pytest.raises(DiagnosticError) as lost:
                append_one(one, follow(1))
            assert describe(lost.value) == ("E_LEASE_LOST", {"run": RUN, "owner": OWNER})
        append_one(other, follow(1, token=2, owner="host:2"))


APPENDER = """
import sys
from pathlib import Path
from house.store_samples import begin, follow
from house.store_suite import append_one
from opforge_ir.ids import RunId
from opforge_runtime.stores import SqliteStore

runs = [RunId(f"run-{sys.argv[2]}-{number:03}") for number in range(2)]
with SqliteStore(Path(sys.argv[1])) as store:
    sys.stdin.readline()
    store.append([begin(run) for run in runs])
    for head in range(1, 40):
        if head % 2:
            store.append([follow(head, run) for run in runs])
        else:
            for run in runs:
                append_one(store, follow(head, run))
"""


def test_several_processes_write_to_one_file(path: Path) -> None:
    SqliteStore(path).close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(path), str(number)], stdin=subprocess.PIPE, cwd=ROOT
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
    assert [process.wait() for process in processes] == [0, 0, 0]
    with SqliteStore(path) as store:
        records = store.list_runs()
        assert len(records) == 6
        for record in records:
            events = [event.sealed for event in store.read_events(record.run)]
            assert events == [build_event(seq) for seq in range(1, 41)]


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("runs", "status = 'nonsense'", "E_STORE_DAMAGED"),
        ("runs", "owner = CAST(x'ff' AS TEXT)", "E_STORE_DAMAGED"),
        ("messages", "kind = 'nonsense'", "E_STORE_DAMAGED"),
        ("segments", "last_seq = last_seq + 1", "E_EVENT_CORRUPT"),
        ("segments", "digest = replace(digest, substr(digest, 1, 1), 'x')", "E_EVENT_CORRUPT"),
        ("segments", "content = x''", "E_EVENT_CORRUPT"),
    ],
)
def test_a_row_that_holds_what_was_never_written_there_is_reported(
    raw: sqlite3.Connection, path: Path, table: str, change: str, code: str
) -> None:
    for (trigger,) in raw.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ).fetchall():
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.execute(f"UPDATE {table} SET {change}")
    with SqliteStore(path) as store, pytest.raises(DiagnosticError) as refused:
        read_everything(store)
    assert refused.value.diagnostics[0].code.name == code
