"""The child runs of one session: driven in this process, or handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from opforge_ir.codes.store import E_RUN_LEASED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import ENDED, EventStore
from opforge_runtime.waits import ChildStart

__all__ = ["Offspring"]


class Offspring:
    """Part of LiveWaits: sees to it that the children of one run are driven."""

    def __init__(
        self,
        store: EventStore,
        drive: Callable[[ChildStart], Coroutine[None, None, None]],
        is_handed_out: bool,
    ) -> None:
        """`drive` starts a child or goes on with it. With `is_handed_out` it only queues one that is new."""
        self._store = store
        self._drive = drive
        self._is_handed_out = is_handed_out
        self._tasks: dict[RunId, asyncio.Task[None]] = {}

    def ensure(self, child: ChildStart) -> None:
        """Part of Children. Raises DiagnosticError with what stopped a session of the child in this process."""
        task = self._tasks.get(child.run)
        if task is not None:
            if not task.done():
                return
            del self._tasks[child.run]
            error = task.exception()
            if error is not None and not _is_leased(error):
                raise error
        record = self._store.get_run(child.run)
        if record is not None and (self._is_handed_out or record.standing.status in ENDED):
            return
        self._tasks[child.run] = asyncio.get_running_loop().create_task(self._drive(child))

    async def wait_for_end(self) -> None:
        """Part of Children."""
        running = [task for task in self._tasks.values() if not task.done()]
        if not running:
            await asyncio.Event().wait()
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        """Stop what is still driven here; those runs can be taken up again."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def _is_leased(error: BaseException) -> bool:
    """Whether somebody else drives the child: then its end is waited for."""
    return isinstance(error, DiagnosticError) and error.diagnostics[0].code is E_RUN_LEASED
