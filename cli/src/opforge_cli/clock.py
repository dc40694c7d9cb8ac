"""The machine's clock, and waiting by it: the one place where commands ask for either."""

from __future__ import annotations

import time

__all__ = ["now_epoch_ms", "pause"]


def now_epoch_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
