"""A worker finds work, drives it, and goes on whatever fails: on a queue and with a driver that stand in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from house.store_samples import OTHER, RUN, begin, build_signal, follow
from house.store_suite import append_one
from opforge_ir.codes.store import E_ARTIFACT_CORRUPT, E_LEASE_LOST, E_RUN_LEASED, E_STORE_IO
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.dispatch import worker as worker_module
from opforge_runtime.dispatch.port import Drive, QueueLostError
from opforge_runtime.dispatch.worker import Worker
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Standing


class ListQueue:
    """A dispatcher in memory, that fails when it is told to."""

    def __init__(self) -> None:
        self.handed_out: list[RunId] = []
        self.losses = 0
        """So many of the next hand-outs are lost without a word."""
        self.failures = 0
        """So many of the next calls find no queue."""
        self._runs: asyncio.Queue[RunId] = asyncio.Queue()

    async def hand_out(self, runs: Sequence[RunId]) -> None:
        """Part of Dispatcher."""
        self._fail()
        self.handed_out += runs
        if self.losses:
            self.losses -= 1
            return
        for run in runs:
            self._runs.put_nowait(run)

    async def serve(
        self, drive: Drive, *, concurrency: int, stop: asyncio.Event, is_waiting: bool = True
    ) -> None:
        """Part of Dispatcher: one run after the other."""
        self._fail()
        while not stop.is_set():
            if self._runs.empty():
                if not is_waiting:
                    return
                await asyncio.sleep(0)
                continue
            await drive(self._runs.get_nowait())

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise QueueLostError("as the test wants it")


class NoisyStore(MemoryStore):
    """Says all the time that there may be work."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0

    def list_drivable(self, limit: int) -> list[RunId]:
        if self.failures:
            self.failures -= 1
            raise E_STORE_IO.error(store="here", problem="as the test wants it")
        return super().list_drivable(limit)

    async def wait_for_work(self, timeout_seconds: float) -> None:
        await asyncio.sleep(0)


def outcome_of(run: RunId) -> RunOutcome:
    return RunOutcome(run, "completed", None, None, Digest("0" * 64), 2)


class Bench:
    """A worker on a store with two queued runs; a driver that ends each run at once, or fails first."""

    def __init__(self) -> None:
        self.store, self.queue = NoisyStore(), ListQueue()
        self.store.append([begin(RUN, status="queued"), begin(OTHER, status="queued")])
        self.errors: dict[RunId, list[Exception]] = {}
        """What the next sessions of a run end with, in order."""
        self.driven: Counter[RunId] = Counter()
        self.reported: list[tuple[RunId | None, str]] = []
        self.stop = asyncio.Event()
        self.is_enough: Callable[[], bool] = self.is_over
        self.worker = Worker(
            self.store, self.queue, self.resume, concurrency=2, report=self.report, sweep_seconds=0.0
        )

    def is_over(self) -> bool:
        return not self.store.list_drivable(9)

    async def resume(self, run: RunId) -> RunOutcome:
        self.driven[run] += 1
        if self.errors.get(run):
            raise self.errors[run].pop(0)
        lease = self.store.acquire_lease(run, "host:1", 1_000)
        append_one(self.store, follow(1, run, token=lease.token, standing=Standing("completed")))
        return outcome_of(run)

    def report(self, run: RunId | None, found: RunOutcome | Diagnostic) -> None:
        self.reported.append((run, found.outcome if isinstance(found, RunOutcome) else found.code.name))
        if self.is_enough():
            self.stop.set()

    def run(self, *, is_once: bool = False) -> None:
        work = self.worker.run_once if is_once else self.worker.run
        asyncio.run(asyncio.wait_for(work(self.stop), 60))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(worker_module, "_FIRST_PAUSE_SECONDS", 0.01)
    return Bench()


@pytest.mark.parametrize("is_once", [True, False])
def test_what_is_drivable_is_driven(bench: Bench, is_once: bool) -> None:
    bench.run(is_once=is_once)
    assert bench.driven == {RUN: 1, OTHER: 1}
    assert bench.worker.outcomes == {"completed": 2}
    assert sorted(bench.reported) == [(RUN, "completed"), (OTHER, "completed")]


def test_a_task_that_the_queue_loses_is_handed_out_again(bench: Bench) -> None:
    bench.queue.losses = 3
    bench.run()
    assert bench.driven == {RUN: 1, OTHER: 1}
    assert bench.queue.handed_out.count(RUN) > 3


def test_what_comes_of_work_is_done_too(bench: Bench) -> None:
    """The first run wakes one that has waited until then."""
    waiting = RunId("waiting-0001")
    append_one(bench.store, begin(waiting, status="waiting"))
    resume = bench.resume

    async def resume_and_wake(run: RunId) -> RunOutcome:
        if run == RUN:
            bench.store.post_message(waiting, build_signal("go"))
        return await resume(run)

    bench.worker = Worker(bench.store, bench.queue, resume_and_wake, concurrency=2, report=bench.report)
    bench.run(is_once=True)
    assert bench.driven == {RUN: 1, OTHER: 1, waiting: 1}


def test_a_run_that_another_worker_has_is_left_to_it(bench: Bench) -> None:
    """Nothing is said of it, and nobody waits before it is tried again."""
    leased = E_RUN_LEASED.error(run=RUN, owner="host:2", left_ms=9)
    bench.errors = {RUN: [leased] * 3}
    bench.run()
    assert bench.driven == {RUN: 4, OTHER: 1}
    assert sorted(bench.reported) == [(RUN, "completed"), (OTHER, "completed")]


def test_a_lease_that_was_lost_is_reported(bench: Bench) -> None:
    bench.errors = {RUN: [E_LEASE_LOST.error(run=RUN, owner="host:1")]}
    bench.run()
    assert (RUN, "E_LEASE_LOST") in bench.reported
    assert bench.worker.outcomes == {"completed": 2}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (E_ARTIFACT_CORRUPT.error(digest="a" * 64, actual="b" * 64), "E_ARTIFACT_CORRUPT"),
        (RuntimeError("a fault"), "E_INTERNAL"),
    ],
)
def test_a_run_that_cannot_be_driven_does_not_hold_up_the_others(
    bench: Bench, error: Exception, code: str
) -> None:
    """It is tried again after a pause that grows, and not each time that somebody looks for work."""
    bench.errors = {RUN: [error] * 3}
    bench.run()
    assert bench.worker.outcomes == {"completed": 2}
    assert [found for run, found in bench.reported if run == RUN] == [code] * 3 + ["completed"]


def test_once_does_not_wait_for_a_run_that_cannot_be_driven(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_FIRST_PAUSE_SECONDS", 3_600.0)
    bench.errors = {RUN: [RuntimeError("a fault")]}
    bench.run(is_once=True)
    assert bench.driven == {RUN: 1, OTHER: 1}
    assert bench.store.list_drivable(9) == [RUN]


def test_a_queue_or_a_store_that_is_away_for_a_while_is_reported_and_waited_for(bench: Bench) -> None:
    bench.queue.failures, bench.store.failures = 2, 1
    bench.is_enough = lambda: bench.worker.outcomes.total() == 2
    bench.run()
    assert Counter(code for run, code in bench.reported if run is None) == {
        "E_QUEUE_LOST": 2,
        "E_STORE_IO": 1,
    }


def test_once_ends_with_the_code_when_there_is_no_queue(bench: Bench) -> None:
    bench.queue.failures = 1
    with pytest.raises(DiagnosticError, match="E_QUEUE_LOST"):
        bench.run(is_once=True)
