"""The wall clock, and waiting for it."""

from __future__ import annotations

from typing import cast

from opforge._durations import count_seconds
from opforge._host import perform
from opforge._waits import check_moment, check_wait

__all__ = ["now", "sleep", "until"]


def now() -> int:
    """Whole seconds since 1970-01-01 UTC."""
    return cast("int", perform("time.now", {}, {}))


def sleep(seconds: int | str) -> None:
    """Waits so long, from when the run comes here.

    `seconds` is a number of them, or a text such as `"90s"` or `"2h"`. A run that sleeps takes up nothing and
    outlives the machine that it began on. Raises ValueError for less than no time, as Python's own does.
    """
    perform("time.sleep", {}, {"seconds": check_wait(count_seconds(seconds))})


def until(epoch_seconds: int) -> None:
    """Waits for a moment; for one that is over, not at all.

    `epoch_seconds` are seconds since 1970-01-01 UTC.
    """
    perform("time.until", {}, {"epoch_seconds": check_moment(epoch_seconds)})
