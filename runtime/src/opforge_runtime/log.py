"""The way to a store: appends of one run alone, or of many runs that share a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from opforge_runtime.stores.protocol import Append, EventStore

__all__ = ["DirectLog", "Log", "SharedLog"]


class Log(Protocol):
    """Takes appends."""

    async def append(self, append: Append) -> None:
        """Make an append durable. Raises what refused it; nothing of it was stored then."""
        ...


class DirectLog:
    """Each append is a commit of its own, made at once: it never waits, and needs no event loop."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def append(self, append: Append) -> None:
        """Part of Log."""
        (refusal,) = self._store.append((append,))
        if refusal is not None:
            raise refusal


class SharedLog:
    """Appends that come together are committed together.

    All tasks that are ready in one turn of the event loop run before the commit, so that runs which go side
    by side share it without any of them waiting for a clock. The commit itself holds the loop up, as that of
    a DirectLog does.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._waiting: list[tuple[Append, asyncio.Future[None]]] = []

    async def append(self, append: Append) -> None:
        """Part of Log."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._commit)
        durable: asyncio.Future[None] = loop.create_future()
        self._waiting.append((append, durable))
        await durable

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        refusals: Sequence[Exception | None]
        try:
            refusals = self._store.append([append for append, _ in waiting])
        except Exception as error:  # noqa: BLE001 - of any kind: those who wait would wait for ever
            refusals = [error] * len(waiting)
        for (_, durable), refusal in zip(waiting, refusals, strict=True):
            if durable.cancelled():
                continue
            if refusal is None:
                durable.set_result(None)
            else:
                durable.set_exception(refusal)
