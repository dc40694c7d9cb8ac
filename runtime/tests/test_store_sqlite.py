"""What the SQLite store promises besides: durability, a file that refuses changes, a code for every fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.stores import SealedArtifact, SealedEvent, SqliteStore
from opforge_runtime.stores.sqlite_schema import SCHEMA_VERSION

RUN = RunId("sample-0001")
FIRST = SealedEvent(1, digest_bytes(b"1"), b"1")
SECOND = SealedEvent(2, digest_bytes(b"2"), b"2")
ARTIFACT = SealedArtifact(digest_bytes(b"a"), b"a")


def get_connection(store: Any) -> sqlite3.Connection:
    """The connection of a store, whose limits a test lowers."""
    connection: sqlite3.Connection = store._connection
    return connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as another program sees it, with one event and one artifact in it."""
    with SqliteStore(path) as store:
        store.append(RUN, 0, [FIRST], [ARTIFACT], 7)
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def refusal(path: Path, busy_timeout_ms: int = 10_000) -> tuple[str, dict[str, str | int]]:
    with (
        pytest.raises(DiagnosticError) as refused,
        SqliteStore(path, busy_timeout_ms=busy_timeout_ms) as store,
    ):
        store.append(RUN, 1, [SECOND], [], 8)
    (problem,) = refused.value.diagnostics
    return problem.code.name, problem.values


def test_an_append_is_flushed_through_the_write_ahead_log(path: Path) -> None:
    with SqliteStore(path) as store:
        modes = [
            get_connection(store).execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
        assert modes == ["wal", 2]


def test_what_was_appended_is_there_when_the_file_is_opened_again(path: Path) -> None:
    with SqliteStore(path) as store:
        store.append(RUN, 0, [FIRST], [ARTIFACT], 7)
    with SqliteStore(path, is_created=False) as store:
        assert [e.sealed for e in store.read_events(RUN)] == [FIRST]
        assert store.get_artifact(ARTIFACT.digest) == b"a"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET envelope = x'00'",
        "UPDATE events SET recorded_at_epoch_ms = 0",
        "DELETE FROM events",
        f"REPLACE INTO events VALUES ('{RUN}', 1, '{FIRST.digest}', x'00', 0)",
        f"INSERT INTO events VALUES ('{RUN}', 3, '{FIRST.digest}', x'00', 0)",
        f"INSERT INTO events VALUES ('another', 2, '{FIRST.digest}', x'00', 0)",
        "UPDATE artifacts SET content = x'00'",
        "DELETE FROM artifacts",
        f"REPLACE INTO artifacts VALUES ('{ARTIFACT.digest}', x'00')",
        f"INSERT OR IGNORE INTO artifacts VALUES ('{ARTIFACT.digest}', x'00')",
    ],
)
def test_the_file_itself_refuses_a_changed_history(
    raw: sqlite3.Connection, path: Path, statement: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    with SqliteStore(path) as store:
        assert [e.sealed for e in store.read_events(RUN)] == [FIRST]
        assert store.get_artifact(ARTIFACT.digest) == b"a"


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


def test_a_damaged_file_is_reported(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert refusal(path)[0] in ("E_STORE_DAMAGED", "E_STORE_IO")


def test_a_full_disk_is_reported_and_nothing_is_half_written(raw: sqlite3.Connection, path: Path) -> None:
    with SqliteStore(path) as store:
        (pages,) = get_connection(store).execute("PRAGMA page_count").fetchone()
        get_connection(store).execute(f"PRAGMA max_page_count = {pages}")
        large = SealedArtifact(digest_bytes(b"x" * 100_000), b"x" * 100_000)
        with pytest.raises(DiagnosticError, match="E_STORE_FULL"):
            store.append(RUN, 1, [SECOND], [large], 8)
        assert store.get_head(RUN) == 1
        with pytest.raises(DiagnosticError, match="E_ARTIFACT_MISSING"):
            store.get_artifact(large.digest)


def test_a_store_that_cannot_be_written_is_reported(raw: sqlite3.Connection, path: Path) -> None:
    with SqliteStore(path) as store:
        get_connection(store).execute("PRAGMA query_only = ON")
        with pytest.raises(DiagnosticError, match="E_STORE_READ_ONLY"):
            store.append(RUN, 1, [SECOND], [], 8)
        assert store.get_head(RUN) == 1


def test_two_processes_may_make_the_store_at_once(path: Path) -> None:
    with SqliteStore(path) as one, SqliteStore(path) as other:
        one.append(RUN, 0, [FIRST], [], 7)
        with pytest.raises(DiagnosticError, match="E_STALE_HEAD"):
            other.append(RUN, 0, [FIRST], [], 7)
        other.append(RUN, 1, [SECOND], [], 8)
        assert [e.sealed.seq for e in one.read_events(RUN)] == [1, 2]


def test_another_error_of_the_database_keeps_its_name(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute("DROP TABLE events")
    assert refusal(path) == ("E_STORE_IO", {"store": str(path), "problem": "SQLITE_ERROR"})
