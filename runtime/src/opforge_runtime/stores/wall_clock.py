"""The machine's clock, where a store is given no other."""

from __future__ import annotations

import time

__all__ = ["get_epoch_ms"]


def get_epoch_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000
