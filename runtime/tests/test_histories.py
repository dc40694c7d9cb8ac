"""Every recorded run in corpus/histories is derived again by this version, and will be by the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.histories import dump_history, load_history
from house.pins import ROOT
from house.record_histories import RECORDED
from opforge_runtime import get_run, get_timeline, replay_run
from opforge_runtime.history import read_run
from opforge_runtime.stores.protocol import ENDED
from opforge_runtime.verification import verify_run

HISTORIES = sorted((ROOT / "corpus" / "histories").glob("*.json"))


def test_there_are_histories_of_every_kind() -> None:
    runs = [get_run(*load_history(path)) for path in HISTORIES]
    assert {run.status for run in runs} == {"completed", "failed", "cancelled", "running"}
    assert max(run.sessions for run in runs) > 1
    assert {path.stem for path in HISTORIES} >= set(RECORDED)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_run_is_derived_again(path: Path) -> None:
    store, run = load_history(path)
    events = read_run(store, run)
    assert verify_run(store, run).problems == []
    report = replay_run(store, run)
    assert report.events == len(events)
    assert report.is_finished == (get_run(store, run).status in ENDED)
    assert get_timeline(store, run)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_history_file_is_written_as_it_would_be_today(path: Path) -> None:
    assert dump_history(*load_history(path)) == path.read_bytes()
