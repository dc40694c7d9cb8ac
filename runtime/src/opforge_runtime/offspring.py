"""The child runs of one session: driven in this process, or handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final, cast

from opforge_ir.codes.store import E_RUN_LEASED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import ENDED, RunRecord, Store
from opforge_runtime.waits import ChildStart

__all__ = ["Offspring"]

_LONGEST_LOOK_SECONDS: Final = 1.0
"""How long a child that somebody else drives is left alone before its lease is looked at again."""


class Offspring:
    """Part of LiveWaits: sees to it that the children of one run are driven."""

    def __init__(
        self,
        store: Store,
        drive: Callable[[ChildStart], Coroutine[None, None, None]],
        *,
        is_handed_out: bool,
        clock: Callable[[], int],
    ) -> None:
        """`drive` starts a child or goes on with it. With `is_handed_out` it only queues one that is new."""
        self._store = store
        self._drive = drive
        self._is_handed_out = is_handed_out
        self._clock = clock
        self._tasks: dict[RunId, asyncio.Task[None]] = {}
        self._driven_elsewhere: set[RunId] = set()
        self._ended = asyncio.Event()

    @property
    def is_busy(self) -> bool:
        """Part of Children."""
        return any(not task.done() and run not in self._driven_elsewhere for run, task in self._tasks.items())

    async def ensure(self, child: ChildStart) -> None:
        """Part of Children. Raises DiagnosticError with what stopped a session of the child here."""
        record = self._store.get_run(child.run)
        if self._is_handed_out:
            if record is None:
                await self._drive(child)
            return
        task = self._tasks.get(child.run)
        if task is not None:
            if not task.done():
                return
            task.result()
            if record is not None and self._rests(record):
                return
        task = self._tasks[child.run] = asyncio.get_running_loop().create_task(self._attend(child))
        task.add_done_callback(lambda _: self._ended.set())

    async def wait_for_end(self) -> None:
        """Part of Children. One that came to rest after it was looked at ends the wait at once."""
        await self._ended.wait()
        self._ended.clear()

    async def finish(self) -> None:
        """Wait until those that are driven here have come to rest: they were told to end."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Stop what is still driven here; those runs can be taken up again."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _attend(self, child: ChildStart) -> None:
        """Drive a child until it comes to rest; as long as somebody else does, look now and then."""
        while not self._is_over(child.run):
            try:
                await self._drive(child)
            except DiagnosticError as error:
                problem = error.diagnostics[0]
                if problem.code is not E_RUN_LEASED:
                    raise
                left_seconds = cast("int", problem.values["left_ms"]) / 1000
            else:
                return
            self._driven_elsewhere.add(child.run)
            await asyncio.sleep(min(left_seconds, _LONGEST_LOOK_SECONDS))
            self._driven_elsewhere.discard(child.run)

    def _is_over(self, run: RunId) -> bool:
        record = self._store.get_run(run)
        return record is not None and record.standing.status in ENDED

    def _rests(self, record: RunRecord) -> bool:
        """Whether a child whose session here has ended has nothing to go on with yet."""
        standing = record.standing
        match standing.status:
            case "needs_resolution":
                return True
            case "sleeping" | "waiting":
                is_due = standing.due_at_epoch_ms is not None and standing.due_at_epoch_ms <= self._clock()
                return not (is_due or self._store.read_messages(record.run, standing.messages_read))
            case status:
                return status in ENDED
