"""What a store's file may suffer: each fault has a code, and costs nothing that was recorded.

The faults here are made with the means of SQLite and of the file system; those of the operating system are in
test_storage_system_faults.py.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from house.sample_program import answer, squares
from house.scripted_io import RUN, ScriptedIo, resume, start
from house.store_samples import OTHER, begin, build_artifact, follow
from house.store_suite import append_one, describe
from opforge_ir.codes.store import E_RUN_UNKNOWN, E_STORE_FULL, E_STORE_IO
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.events import FactRecorded, RunStarted
from opforge_ir.ids import RunId
from opforge_runtime import replay_run
from opforge_runtime.history import read_run
from opforge_runtime.history_rules import check_history
from opforge_runtime.log import SharedLog
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore, SealedArtifact, SqliteStore, sqlite_file
from opforge_runtime.stores.protocol import Append, Lease, SealedEvent

PROGRAM = squares(log=False)
INPUTS = {"ns": ["3", "1", "4"]}
LATER_EPOCH_MS = 4_000_000_000_000
"""When every lease of these tests is over."""

Inject = Callable[[SqliteStore], object]


def run_undisturbed() -> tuple[RunOutcome, int]:
    """How the run should end, and how many appends it takes."""
    watching = Disturber({})
    outcome = start(MemoryStore(), ScriptedIo(answer), PROGRAM, INPUTS, batch_size=1, observer=watching)
    return outcome, watching.appends


@dataclass(slots=True)
class Disturber:
    """Does something before an append, by its number, and remembers what was said to be durable."""

    actions: Mapping[int, Callable[[], object]]
    appends: int = 0
    acknowledged: list[SealedEvent] = field(default_factory=list[SealedEvent])

    def reach(self, point: str) -> None:
        """Part of Observer."""
        if point == "append":
            self.actions.get(self.appends, lambda: None)()
            self.appends += 1

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:
        """Part of Observer."""
        self.acknowledged += events


EXPECTED, APPENDS = run_undisturbed()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


def get_connection(store: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = store._file.connection
    return connection


def disturb(path: Path, at: int, inject: Inject) -> tuple[str, list[SealedEvent]]:
    """The code with which a run ends that is disturbed at its n-th append, and what was durable then."""
    with SqliteStore(path, busy_timeout_ms=20) as store:
        disturber = Disturber({at: lambda: inject(store)})
        with pytest.raises(DiagnosticError) as refused:
            start(store, ScriptedIo(answer), PROGRAM, INPUTS, batch_size=1, observer=disturber)
    found = describe(refused.value)
    assert found is not None
    return found[0], disturber.acknowledged


def check_goes_on(path: Path, acknowledged: Sequence[SealedEvent]) -> None:
    """A run that was disturbed has kept all that was durable, asks nothing of it again, and ends well."""
    effect_io = ScriptedIo(answer)
    with SqliteStore(path, now_epoch_ms=lambda: LATER_EPOCH_MS) as store:
        assert [e.sealed for e in store.read_events(RUN)][: len(acknowledged)] == list(acknowledged)
        outcome = go_on(store, effect_io)
        assert (outcome.outcome, outcome.output) == (EXPECTED.outcome, EXPECTED.output)
        assert outcome.snapshot == EXPECTED.snapshot
        events = [event.envelope for event in read_run(store, RUN)]
        assert check_history(events, is_closing=True) == []
        assert replay_run(store, RUN).is_finished
    durable = {
        (envelope.event.state, envelope.event.instance)
        for envelope in events[: len(acknowledged)]
        if isinstance(envelope.event, FactRecorded)
    }
    assert not durable & set(effect_io.answered)


def go_on(store: SqliteStore, effect_io: ScriptedIo) -> RunOutcome:
    """Resume the run, or start it when nothing of it was recorded."""
    try:
        return resume(store, effect_io)
    except DiagnosticError as error:
        if error.diagnostics[0].code is not E_RUN_UNKNOWN:
            raise
    return start(store, effect_io, PROGRAM, INPUTS, batch_size=1)


def resume_later(path: Path) -> None:
    with SqliteStore(path, now_epoch_ms=lambda: LATER_EPOCH_MS) as store:
        resume(store, ScriptedIo(answer))


# --- while it is used -------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(APPENDS))
def test_a_lock_of_another_process_stops_a_session_and_nothing_else(path: Path, at: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        code, acknowledged = disturb(path, at, lambda _: other.execute("BEGIN IMMEDIATE"))
        other.execute("ROLLBACK")
    assert code == "E_STORE_LOCKED"
    check_goes_on(path, acknowledged)


@pytest.mark.parametrize("at", range(APPENDS))
def test_a_log_that_is_removed_under_a_store_loses_nothing(path: Path, at: int) -> None:
    code, acknowledged = disturb(path, at, lambda _: Path(f"{path}-wal").unlink())
    assert code == "E_STORE_REPLACED"
    check_goes_on(path, acknowledged)


@pytest.mark.parametrize("at", range(APPENDS))
def test_a_file_that_is_moved_away_under_a_store_is_noticed(path: Path, at: int) -> None:
    elsewhere = path.with_name("moved.db")
    code, acknowledged = disturb(path, at, lambda _: path.rename(elsewhere))
    assert code == "E_STORE_REPLACED"
    elsewhere.rename(path)
    check_goes_on(path, acknowledged)


def test_a_file_that_is_replaced_under_a_store_is_soon_not_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which file it is, is looked at now and then: here the time for it has come."""
    copy = path.with_name("copy.db")

    def replace_by_copy(store: SqliteStore) -> None:
        with closing(sqlite3.connect(copy)) as target:
            get_connection(store).backup(target)
        copy.replace(path)
        monkeypatch.setattr(sqlite_file, "monotonic", lambda: math.inf)

    code, acknowledged = disturb(path, 2, replace_by_copy)
    assert code == "E_STORE_REPLACED"
    check_goes_on(path, acknowledged)


def test_a_full_disk_is_reported_and_nothing_is_half_written(path: Path) -> None:
    """SQLite's own limit of pages stands for the end of the disk."""
    with SqliteStore(path) as store:
        append_one(store, begin())
        connection = get_connection(store)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        large = build_artifact("x" * 100_000)
        with pytest.raises(DiagnosticError, match="E_STORE_FULL"):
            store.append([follow(1, artifacts=[large])])
        assert store.get_head(begin().run) == 1
        with pytest.raises(DiagnosticError, match="E_ARTIFACT_MISSING"):
            store.get_artifact(large.digest)
        connection.execute("PRAGMA max_page_count = 100000")
        append_one(store, follow(1, artifacts=[large]))
        assert store.get_artifact(large.digest) == large.content


class BrokenStore(MemoryStore):
    """Refuses an append, and every lease after it."""

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        if any(append.expected_head for append in appends):
            raise E_STORE_FULL.error(store="broken")
        return super().append(appends)

    def release_lease(self, lease: Lease) -> None:
        raise E_STORE_IO.error(store="broken", problem="SQLITE_IOERR")


def test_the_first_refusal_of_a_store_is_the_one_that_is_said() -> None:
    with pytest.raises(DiagnosticError, match="E_STORE_FULL"):
        start(BrokenStore(), ScriptedIo(answer), PROGRAM, INPUTS)


@pytest.mark.parametrize("refusal", [E_STORE_FULL.error(store="broken"), RuntimeError("a mistake of ours")])
def test_all_who_share_a_commit_hear_why_it_failed(refusal: Exception) -> None:
    class RefusingStore(MemoryStore):
        def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
            raise refusal

    async def append_two() -> list[object]:
        log = SharedLog(RefusingStore())
        appends = [log.append(begin(RUN)), log.append(begin(OTHER))]
        return [*await asyncio.wait_for(asyncio.gather(*appends, return_exceptions=True), 60)]

    assert asyncio.run(append_two()) == [refusal, refusal]


# --- after a crash ----------------------------------------------------------------------------------


def crash(path: Path, at: int, *, copied_at: int = -1) -> list[SealedEvent]:
    """Leave the file and its log as a process that dies before its n-th append leaves them.

    Before the append `copied_at` the log was copied into the file. Gives what was durable.
    """
    live = path.with_name("live.db")
    durable: list[SealedEvent] = []

    def copy_files() -> None:
        durable.extend(disturber.acknowledged)
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{path}{suffix}")

    with SqliteStore(live) as store:
        connection = get_connection(store)
        disturber = Disturber(
            {copied_at: lambda: connection.execute("PRAGMA wal_checkpoint(PASSIVE)"), at: copy_files}
        )
        start(store, ScriptedIo(answer), PROGRAM, INPUTS, batch_size=1, observer=disturber)
    return durable


@pytest.mark.parametrize("at", range(APPENDS))
def test_a_run_goes_on_after_a_crash(path: Path, at: int) -> None:
    check_goes_on(path, crash(path, at))


@pytest.mark.parametrize("kept", [0, 31, 32, 3_000, 4_151, 4_152, 4_153, 60_000, 75_000, 90_000])
def test_a_log_that_was_cut_gives_back_what_stands_before(path: Path, kept: int) -> None:
    """What was cut off is made again: the commits before it are whole."""
    durable = crash(path, APPENDS - 1)
    with Path(f"{path}-wal").open("r+b") as log:
        log.truncate(kept)
    with SqliteStore(path) as store:
        left = [event.sealed for event in store.read_events(RUN)]
    assert left == durable[: len(left)]
    check_goes_on(path, left)


@pytest.mark.parametrize("copied_at", range(1, APPENDS - 1))
def test_a_log_that_was_deleted_gives_back_what_was_copied(path: Path, copied_at: int) -> None:
    durable = crash(path, APPENDS - 1, copied_at=copied_at)
    Path(f"{path}-wal").unlink()
    with SqliteStore(path) as store:
        left = [event.sealed for event in store.read_events(RUN)]
    assert left
    assert left == durable[: len(left)]
    check_goes_on(path, left)


# --- damage -----------------------------------------------------------------------------------------


def flip(path: Path, position: int) -> None:
    """Change one bit, or change it back."""
    with path.open("r+b") as file:
        file.seek(position)
        (value,) = file.read(1)
        file.seek(position)
        file.write(bytes([value ^ 0x04]))


@pytest.mark.parametrize("position", [5, 40, 60, 5_000, 60_000])
def test_a_damaged_log_is_not_taken_for_one_that_was_being_written(path: Path, position: int) -> None:
    durable = crash(path, APPENDS - 1)
    log = Path(f"{path}-wal")
    flip(log, position)
    sound = log.read_bytes()
    with pytest.raises(DiagnosticError) as refused:
        SqliteStore(path)
    found = describe(refused.value)
    assert found is not None
    code, values = found
    damaged_from = int(values["position"])
    assert (code, values["store"]) == ("E_STORE_LOG_DAMAGED", str(path))
    assert damaged_from <= position
    assert log.read_bytes() == sound
    flip(log, position)
    check_goes_on(path, durable)


def test_a_damaged_log_may_be_given_up_from_the_damage_on(path: Path) -> None:
    crash(path, APPENDS - 1)
    log = Path(f"{path}-wal")
    flip(log, log.stat().st_size - 10_000)
    with pytest.raises(DiagnosticError) as refused:
        SqliteStore(path)
    with log.open("r+b") as file:
        file.truncate(int(refused.value.diagnostics[0].values["position"]))
    with SqliteStore(path) as store:
        left = [event.sealed for event in store.read_events(RUN)]
    assert left
    check_goes_on(path, left)


def test_no_flipped_bit_of_the_log_costs_more_than_the_last_commit(path: Path) -> None:
    durable = crash(path, APPENDS - 1)
    with closing(sqlite3.connect(path.with_name("live.db"))) as connection:
        (last_seq,) = connection.execute(
            "SELECT place & 0xFFFFFFFF FROM segments WHERE last_seq = ?", (durable[-1].seq,)
        ).fetchone()
    log = Path(f"{path}-wal")
    sound, file = log.read_bytes(), path.read_bytes()
    codes: set[str] = set()
    for position in range(0, len(sound), 211):
        path.write_bytes(file)
        log.write_bytes(sound)
        flip(log, position)
        try:
            with SqliteStore(path) as store:
                events = [event.sealed for event in store.read_events(RUN)]
        except DiagnosticError as error:
            codes.add(error.diagnostics[0].code.name)
            continue
        assert events == durable[: len(events)]
        assert len(events) >= last_seq - 1
    assert codes == {"E_STORE_LOG_DAMAGED"}


def leave_unfinished(path: Path) -> list[SealedEvent]:
    """A store that was closed, with a run that is not over; gives the run's events."""
    durable = crash(path, APPENDS - 1)
    SqliteStore(path).close()
    return durable


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (b'"artifact":"manifest"', "E_ARTIFACT_CORRUPT"),
        (b'"type":"RunStarted"', "E_EVENT_CORRUPT"),
        (b'"type":"fact_recorded"', "E_EVENT_CORRUPT"),
        (b'"artifact":"fact"', "E_ARTIFACT_CORRUPT"),
        (b"SQLite format 3", "E_STORE_NOT_OURS"),
    ],
)
def test_a_flipped_bit_is_found_and_the_run_goes_on_when_it_is_mended(
    path: Path, damaged: bytes, code: str
) -> None:
    durable = leave_unfinished(path)
    position = path.read_bytes().index(damaged) + 5
    flip(path, position)
    with pytest.raises(DiagnosticError) as refused:
        resume_later(path)
    assert refused.value.diagnostics[0].code.name == code
    flip(path, position)
    check_goes_on(path, durable)


def test_no_flipped_bit_is_taken_for_what_was_recorded(path: Path) -> None:
    """A page that lost the last rows of a run shows an earlier head; nothing else is shown for recorded."""
    durable = leave_unfinished(path)
    sound = path.read_bytes()
    codes: set[str] = set()
    for position in range(0, len(sound), 61):
        path.write_bytes(sound)
        flip(path, position)
        try:
            with SqliteStore(path) as store:
                store.list_runs()
                store.list_drivable(9)
                store.read_messages(RUN)
                events = [event.sealed.envelope for event in read_run(store, RUN)]
                for digest in store.list_artifacts():
                    store.get_artifact(digest)
        except DiagnosticError as error:
            codes.add(error.diagnostics[0].code.name)
            continue
        assert events == [event.envelope for event in durable[: len(events)]]
    assert codes >= {"E_ARTIFACT_CORRUPT", "E_EVENT_CORRUPT", "E_STORE_DAMAGED"}


def test_an_artifact_that_was_deleted_is_named_and_can_be_put_back(path: Path) -> None:
    durable = leave_unfinished(path)
    with SqliteStore(path, now_epoch_ms=lambda: LATER_EPOCH_MS) as store:
        start_event = read_run(store, RUN)[0].envelope.event
        assert isinstance(start_event, RunStarted)
        digest = Digest(start_event.manifest)
        content = store.get_artifact(digest)
        store.delete_artifact(digest)
        with pytest.raises(DiagnosticError) as refused:
            resume(store, ScriptedIo(answer))
        assert describe(refused.value) == ("E_ARTIFACT_MISSING", {"digest": digest})
        store.put_artifact(SealedArtifact(digest, content))
    check_goes_on(path, durable)


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        (0, "E_RUN_UNKNOWN"),
        (100, "E_STORE_DAMAGED"),
        (4_096, "E_STORE_DAMAGED"),
        (10_000, "E_STORE_DAMAGED"),
    ],
)
def test_a_file_that_was_cut_has_a_code(path: Path, kept: int, code: str) -> None:
    durable = leave_unfinished(path)
    sound = path.read_bytes()
    path.write_bytes(sound[:kept])
    with pytest.raises(DiagnosticError) as refused:
        resume_later(path)
    assert refused.value.diagnostics[0].code.name == code
    path.write_bytes(sound)
    check_goes_on(path, durable)
