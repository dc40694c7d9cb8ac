"""A worker: it drives the runs of a shared store, beside any number of others like it.

Each worker does two things side by side. It *sweeps*: what the store lists as drivable (queued, due,
signalled, or left by a driver that died) is handed out, now and then, whenever the store says that something
changed, and when a run that it left is due. And it *serves*: what is handed to it, it drives. So a run that
the queue loses, or whose worker is killed, is found again by the next sweep of any worker; and a run that is
handed out twice is driven by the one that gets its lease.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from opforge_ir.codes.command import E_INTERNAL
from opforge_ir.codes.server import E_QUEUE_LOST
from opforge_ir.codes.store import E_LEASE_LOST, E_RUN_FINISHED, E_RUN_LEASED, E_RUN_UNKNOWN
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.dispatch.port import Dispatcher, QueueLostError, WorkSource
from opforge_runtime.session import RunOutcome

__all__ = ["DEFAULT_SWEEP_SECONDS", "Resume", "Worker"]

Resume = Callable[[RunId], Awaitable[RunOutcome]]
"""Goes on with a run, as `Engine.resume` does."""

DEFAULT_SWEEP_SECONDS: Final = 5.0

_SWEEP_LIMIT: Final = 200
"""At most so many runs are handed out at once: the queue is kept short, since the store knows the rest."""
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 300.0

_TAKEN: Final = (E_RUN_LEASED, E_RUN_FINISHED, E_RUN_UNKNOWN)
"""What only says that another driver was faster."""


class Worker:
    """One process's share of the work, until it is told to stop."""

    def __init__(
        self,
        source: WorkSource,
        dispatcher: Dispatcher,
        resume: Resume,
        *,
        concurrency: int,
        report: Callable[[RunId | None, RunOutcome | Diagnostic], None],
        sweep_seconds: float = DEFAULT_SWEEP_SECONDS,
    ) -> None:
        """`report` is told how each session ended, and what went wrong besides.

        `sweep_seconds` is the time between two looks at the store when nothing makes it look earlier.
        """
        self._source = source
        self._dispatcher = dispatcher
        self._resume = resume
        self._concurrency = concurrency
        self._report = report
        self._sweep_seconds = sweep_seconds
        self._pauses: dict[RunId, tuple[float, float]] = {}
        """Runs whose sessions fail: when each may be tried again, and how long it had to wait before."""
        self._is_due = asyncio.Event()
        self.outcomes: Counter[str] = Counter()
        """How the sessions of this worker ended."""

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep and serve until `stop` is set and the runs under way have been left."""
        sweeping = asyncio.create_task(self._sweep_on(stop))
        try:
            while not stop.is_set():
                try:
                    await self._dispatcher.serve(self._drive, concurrency=self._concurrency, stop=stop)
                except QueueLostError as error:
                    self._report(None, E_QUEUE_LOST.at(problem=str(error)))
                # It also returns when it has lost what it needs.
                await _wait(stop, _FIRST_PAUSE_SECONDS)
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping

    async def run_once(self, stop: asyncio.Event) -> None:
        """Drive what there is to drive now, and what comes of it, until nothing is left or `stop` is set.

        Raises DiagnosticError: E_QUEUE_LOST, and what the store raises.
        """
        try:
            while not stop.is_set():
                found = self._find_work()
                if not found:
                    return
                await self._dispatcher.hand_out(found)
                await self._dispatcher.serve(
                    self._drive, concurrency=self._concurrency, stop=stop, is_waiting=False
                )
        except QueueLostError as error:
            raise E_QUEUE_LOST.error(problem=str(error)) from error

    # --- sweeping ---------------------------------------------------------------------------------

    async def _sweep_on(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = self._sweep_seconds
            try:
                found = self._find_work()
                if found:
                    await self._dispatcher.hand_out(found)
                # Not all at the same time, when there are many workers.
                pause *= random.uniform(0.5, 1.5)  # noqa: S311 - nothing secret depends on it
                await self._wait_for_work(pause)
            except DiagnosticError as error:
                self._report(None, error.diagnostics[0])
                await _wait(stop, pause)
            except QueueLostError as error:
                self._report(None, E_QUEUE_LOST.at(problem=str(error)))
                await _wait(stop, pause)

    async def _wait_for_work(self, seconds: float) -> None:
        reasons: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._source.wait_for_work(seconds)),
            asyncio.ensure_future(self._is_due.wait()),
        ]
        try:
            await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for reason in reasons:
                reason.cancel()
            await asyncio.gather(*reasons, return_exceptions=True)
        self._is_due.clear()

    def _find_work(self) -> list[RunId]:
        return [run for run in self._source.list_drivable(_SWEEP_LIMIT) if not self._is_paused(run)]

    # --- driving ----------------------------------------------------------------------------------

    async def _drive(self, run: RunId) -> None:
        if self._is_paused(run):
            return
        try:
            outcome = await self._resume(run)
        except DiagnosticError as error:
            problem = error.diagnostics[0]
            if problem.code in _TAKEN:
                return
            if problem.code is not E_LEASE_LOST:  # which leaves the run in good hands
                self._pause(run)
            self._report(run, problem)
        except Exception as error:  # noqa: BLE001 - a fault in one run does not end the others
            self._pause(run)
            self._report(run, E_INTERNAL.at(kind=type(error).__name__))
        else:
            self._pauses.pop(run, None)
            self.outcomes[outcome.outcome] += 1
            self._report(run, outcome)
            if outcome.due_at_epoch_ms is not None:
                left_seconds = outcome.due_at_epoch_ms / 1000 - time.time()
                asyncio.get_running_loop().call_later(max(0.0, left_seconds), self._is_due.set)

    def _is_paused(self, run: RunId) -> bool:
        until, _ = self._pauses.get(run, (0.0, 0.0))
        return time.monotonic() < until

    def _pause(self, run: RunId) -> None:
        """Leave a run alone for a time that grows: what stops its sessions may need a person."""
        _, before = self._pauses.get(run, (0.0, 0.0))
        seconds = min(max(2 * before, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
        self._pauses[run] = time.monotonic() + seconds, seconds


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    """Return after the time, or when it is time to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
