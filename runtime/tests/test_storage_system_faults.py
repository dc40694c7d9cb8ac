"""What an operating system may refuse while runs are driven; `faulty_driver.py` makes the kernel do so."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from house.pins import ROOT
from house.sample_program import answer, squares
from house.scripted_io import RUN, ScriptedIo, resume, start
from opforge_ir.codes.store import E_RUN_UNKNOWN
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime import replay_run
from opforge_runtime.history import read_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore, SqliteStore

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the faults are made by the filters of Linux, whose numbers of calls are known for two machines",
)

DRIVER = Path(__file__).with_name("faulty_driver.py")
PROGRAM, INPUTS = squares(log=False), {"ns": ["3", "1", "4"]}
EXPECTED = start(MemoryStore(), ScriptedIo(answer), PROGRAM, INPUTS, batch_size=1)

Drive = Callable[[Path, str, int], tuple[str, list[str]]]


@pytest.fixture(scope="module")
def drive() -> Iterator[Drive]:
    """Drive a run in another process until a fault: the code it ends with, and the digests durable then."""
    process = subprocess.Popen(
        [sys.executable, str(DRIVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    orders, answers = process.stdin, process.stdout

    def order(store: Path, fault: str, at: int) -> tuple[str, list[str]]:
        orders.write(json.dumps({"store": str(store), "fault": fault, "at": at}) + "\n")
        orders.flush()
        said: dict[str, Any] = json.loads(answers.readline())
        if said["code"].startswith("no filter"):
            pytest.skip(f"the kernel takes no filters here ({said['code']})")
        return said["code"], said["acknowledged"]

    yield order
    orders.close()
    answers.close()
    process.wait()


def check_goes_on(path: Path, acknowledged: list[str]) -> None:
    """On a system that is well again the run has kept what was durable, and ends as it should."""
    with SqliteStore(path) as store:
        digests = [event.sealed.digest for event in store.read_events(RUN)]
        assert digests[: len(acknowledged)] == acknowledged
        outcome = go_on(store)
        assert (outcome.outcome, outcome.output, outcome.snapshot) == (
            EXPECTED.outcome,
            EXPECTED.output,
            EXPECTED.snapshot,
        )
        assert [event.sealed.digest for event in read_run(store, RUN)][: len(acknowledged)] == acknowledged
        assert replay_run(store, RUN).is_finished


def go_on(store: SqliteStore) -> RunOutcome:
    try:
        return resume(store, ScriptedIo(answer))
    except DiagnosticError as error:
        if error.diagnostics[0].code is not E_RUN_UNKNOWN:
            raise
    return start(store, ScriptedIo(answer), PROGRAM, INPUTS, batch_size=1)


@pytest.mark.parametrize("at", [0, 1, 2, 4])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("write fails", "E_STORE_IO"),
        ("disk full", "E_STORE_FULL"),
        ("flush fails", "E_STORE_IO"),
        ("remounted", "E_STORE_IO"),
    ],
)
def test_a_system_that_refuses_to_write_costs_nothing_durable(
    tmp_path: Path, drive: Drive, fault: str, code: str, at: int
) -> None:
    path = tmp_path / "runs.db"
    ended, acknowledged = drive(path, fault, at)
    assert ended == code
    assert bool(acknowledged) == (at > 0)
    check_goes_on(path, acknowledged)


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("read fails", {"E_STORE_IO"}),
        ("read-only", {"E_STORE_READ_ONLY", "E_STORE_CANNOT_OPEN"}),
    ],
)
def test_a_system_that_refuses_from_the_beginning_changes_nothing(
    tmp_path: Path, drive: Drive, fault: str, codes: set[str]
) -> None:
    path = tmp_path / "runs.db"
    _, acknowledged = drive(path, "write fails", 3)
    ended, _ = drive(path, fault, -1)
    assert ended in codes
    check_goes_on(path, acknowledged)
