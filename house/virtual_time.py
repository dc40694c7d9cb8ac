"""An event loop whose time is that of its timers: where all tasks wait, the next timer is due at once.

For tests of what waits: an hour takes no time, and happens in the same order as it would.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["VirtualClock", "run_in_virtual_time"]

Result = TypeVar("Result")


class VirtualClock:
    """The time of such a loop, and that of the world: milliseconds since the epoch."""

    def __init__(self, now_epoch_ms: int = 1_000_000) -> None:
        self.now_seconds = now_epoch_ms / 1000

    def __call__(self) -> int:
        """Milliseconds since the epoch."""
        return round(self.now_seconds * 1000)


class _Selector(selectors.DefaultSelector):
    """Never waits: the time that it was to wait has passed."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("all tasks wait, and there is no timer")
        self._clock.now_seconds += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: VirtualClock) -> None:
        self._virtual = clock
        super().__init__(_Selector(clock))

    def time(self) -> float:
        return self._virtual.now_seconds


def run_in_virtual_time(clock: VirtualClock, main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine in a loop of its own, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=lambda: _Loop(clock)) as runner:
        return runner.run(main())
