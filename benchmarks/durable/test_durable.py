"""Our drivers do what the tables say of them, with few steps."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.durable.__main__ import PROGRAM
from benchmarks.durable.measures import Results, build_plan
from benchmarks.durable.measuring import Driver, Watch, add_arguments, carry_out
from benchmarks.durable.systems import (
    BARE_LOOP,
    GROUPED,
    STRICT,
    SYSTEMS,
    DriverError,
    Report,
    Sitting,
    System,
)
from benchmarks.durable.tables import print_tables
from opforge_compiler.emit import emit_file

OURS = [system for system in SYSTEMS if not system.is_peer]


@pytest.fixture
def sitting(tmp_path: Path) -> Sitting:
    document = tmp_path / "add_up.json"
    document.write_bytes(emit_file(PROGRAM).canonical)
    return Sitting(document, None)


@pytest.mark.parametrize("system", OURS, ids=lambda system: system.name)
def test_every_measure_of_our_drivers_is_taken(
    system: System, sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = build_plan([30], runs=3, resumed=20, rounds=1)
    results = Results()
    results.take(sitting, plan, [system], lambda text: None)
    found = {
        measure: report
        for measure, rounds in results.rounds.items()
        for each in rounds
        for report in each.values()
    }
    made = {measure: report.made for measure, report in found.items()}
    again = made.pop("resume")
    replayed = {"replay": 20} if system.is_replayable else {}
    assert made == {"first": 10, "steps 30": 30, "runs": 30} | replayed
    # What `grouped` durability has left pending is made again: here all of it.
    assert again == (21 if system is GROUPED else 1)
    assert all(report.seconds_to_seen > report.seconds_to_watched > 0 for report in found.values())
    assert found["steps 30"].stored_bytes > 0
    print_tables(plan, results, [system])
    assert capsys.readouterr().out.count(f"| {system.name} |") == 2


def build_report(seconds: float) -> Report:
    return Report(
        seconds=seconds,
        seen_at=0,
        seconds_to_watched=0,
        made=1,
        peak_bytes=0,
        stored_bytes=0,
        seconds_to_seen=0,
    )


def test_a_ratio_compares_within_a_round() -> None:
    other = System("other", "")
    pairs = [(1.0, 2.0), (10.0, 30.0), (100.0, 400.0), (7.0, None)]
    results = Results()
    results.rounds["steps"] = [
        {BARE_LOOP.name: build_report(bare)} | ({} if own is None else {other.name: build_report(own)})
        for bare, own in pairs
    ]
    assert results.get_ratio("steps", other, BARE_LOOP, lambda report: report.seconds) == 3
    assert results.get_median("steps", other, lambda report: report.seconds) == 30
    assert results.get_ratio("steps", STRICT, BARE_LOOP, lambda report: report.seconds) is None


def test_peers_take_part_in_few_rounds_and_in_what_they_can() -> None:
    plan = build_plan([1_000, 100_000], runs=1, resumed=10)
    peer = System("peer", "", requirements=("peer",), largest=10_000)
    taken = {
        measure.name: sum(measure.is_taken_of(peer, number) for number in range(measure.rounds))
        for measure in plan.measures
    }
    assert taken == {"first": 3, "steps 1000": 3, "steps 100000": 0, "runs": 3, "resume": 3, "replay": 0}


class WrongDriver:
    """Makes one step too few."""

    def __init__(self, folder: Path, watch: Watch) -> None:
        self._watch = watch

    def run(self, name: str, steps: int) -> int:
        return sum(map(self._make, range(steps - 1)))

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        return [self.run(name, steps) for name in names]

    def resume(self, name: str, steps: int) -> int:
        return self.run(name, steps)

    def count_bytes(self) -> int:
        return 0

    def close(self) -> None:
        pass

    def _make(self, number: int) -> int:
        self._watch.begin(number)
        return number


@pytest.mark.parametrize("task", ["steps", "runs", "first", "resume"])
def test_a_wrong_sum_is_no_result(task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    wrong: type[Driver] = WrongDriver
    with pytest.raises(SystemExit, match="should have come to 45"):
        carry_out(parser.parse_args([task, str(tmp_path), "10"]), wrong)
    assert capsys.readouterr().out == ""


def test_a_driver_that_fails_or_survives_is_told(sitting: Sitting, tmp_path: Path) -> None:
    missing = System("missing", "drivers.no_such_driver")
    with pytest.raises(DriverError, match=r"cannot steps: .*no_such_driver"):
        sitting.carry_out(missing, "steps", tmp_path, 1)
    with pytest.raises(DriverError, match="ended with 1"):
        sitting.crash(missing, tmp_path, 1)
    needs_server = System("DBOS", "drivers.bare_loop", ("{server}",))
    with pytest.raises(DriverError, match="no PostgreSQL server"):
        sitting.carry_out(needs_server, "steps", tmp_path, 1)
