"""What a worker needs of whatever hands out work: two methods, so that another engine can take its place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from opforge_ir.ids import RunId

__all__ = ["Dispatcher", "Drive", "QueueLostError", "WorkSource"]

Drive = Callable[[RunId], Awaitable[None]]
"""Drives a run as far as it goes now; does not raise."""


class QueueLostError(Exception):
    """What hands out work cannot be reached; nothing of the runs is lost."""


class Dispatcher(Protocol):
    """Spreads runs over all who serve it."""

    async def hand_out(self, runs: Sequence[RunId]) -> None:
        """Have each run driven by somebody who serves, soon and at least once.

        A run that waits to be driven already is left as it is. Raises QueueLostError.
        """
        ...

    async def serve(
        self, drive: Drive, *, concurrency: int, stop: asyncio.Event, is_waiting: bool = True
    ) -> None:
        """Drive the runs that are handed to this process, at most `concurrency` side by side.

        Returns when `stop` is set, or when there is nothing and `is_waiting` does not hold, and in both cases
        after the runs that are under way have been left. Raises QueueLostError, after that too.
        """
        ...


class WorkSource(Protocol):
    """The part of a store that knows what there is to do."""

    def list_drivable(self, limit: int) -> list[RunId]:
        """See `EventStore.list_drivable`."""
        ...

    async def wait_for_work(self, timeout_seconds: float) -> None:
        """Return when there may be something new since `list_drivable`; at the latest after the time."""
        ...
