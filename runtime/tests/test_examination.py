"""Whether a store and its runs are well."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from house.documents import build_document, build_op, return_none
from house.recorded_runs import NOW, build_runs
from house.run_builder import RunBuilder
from opforge_ir.digest import Digest
from opforge_runtime import Check, examine_store
from opforge_runtime.stores import MemoryStore, SealedArtifact, SqliteStore, Store

EMPTY = build_document({"main": build_op("None", [return_none()])})


def examine(store: Store, now: int = NOW) -> dict[str, Check]:
    return {check.name: check for check in examine_store(store, now)}


def get_codes(check: Check) -> list[str]:
    return [problem.code.name for problem in check.problems]


def test_a_store_that_is_well_has_no_problem() -> None:
    store = MemoryStore()
    RunBuilder(store, "sample-1", EMPTY).finish("None", None).append(NOW - 5, "completed")
    checks = examine(store)
    assert list(checks) == ["clock", "runs", "histories", "artifacts"]
    assert all(not check.problems and not check.stuck for check in checks.values())


def test_runs_that_do_not_go_on_are_named_with_their_command() -> None:
    stuck = examine(build_runs())["runs"].stuck
    assert {each.run: each.condition.commands[0].split()[1] for each in stuck} == {
        "payout-queued": "resume",
        "payout-doubtful": "runs",
        "payout-interrupted": "resume",
        "settle-child": "resume",
    }


def test_what_is_due_and_not_driven_is_named() -> None:
    later = NOW + 14 * 60_000
    stuck = [each.run for each in examine(build_runs(), later)["runs"].stuck]
    assert "approval-sleeping" in stuck
    assert "approval-waiting" not in stuck


def test_a_clock_that_is_behind_is_found() -> None:
    store = MemoryStore()
    RunBuilder(store, "sample-1", EMPTY).append(NOW)
    assert get_codes(examine(store, NOW - 5_000)["clock"]) == []
    late = examine(store, NOW - 60_000)["clock"]
    assert get_codes(late) == ["E_CLOCK_BEHIND"]
    assert late.problems[0].values == {"behind_ms": 60_000}


def test_a_changed_artifact_is_named() -> None:
    store = MemoryStore()
    store.put_artifact(SealedArtifact(Digest("0" * 64), b"{}"))
    assert get_codes(examine(store)["artifacts"]) == ["E_ARTIFACT_CORRUPT"]


def test_a_run_that_lacks_an_artifact_is_named() -> None:
    store = MemoryStore()
    RunBuilder(store, "sample-1", EMPTY).finish("None", None).append(NOW, "completed")
    for digest in store.list_artifacts():
        store.delete_artifact(digest)
    assert get_codes(examine(store)["histories"]) == ["E_ARTIFACT_MISSING"]


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with SqliteStore(path) as store:
        RunBuilder(store, "sample-1", EMPTY).append(NOW)
        assert examine(store)["file"].text == "whole"
    with sqlite3.connect(path) as connection:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'runs_by_parent'"
        ).fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    begin = (root - 1) * page_bytes
    data[begin : begin + page_bytes] = b"\xff" * page_bytes
    path.write_bytes(data)
    with SqliteStore(path) as store:
        assert [problem.code.name for problem in store.find_damage()] == ["E_STORE_DAMAGED"]
