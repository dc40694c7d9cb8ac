"""Bounds of waits, as the interpreter holds programs to them."""

from __future__ import annotations

from opforge_ir.capabilities.definition import MAX_WAIT_SECONDS

__all__ = ["check_moment", "check_wait"]


def check_wait(seconds: int) -> int:
    """The number of seconds itself. Raises ValueError for less than none, OverflowError for too many."""
    if seconds < 0:
        raise ValueError("a wait is not shorter than no time")
    return check_moment(seconds)


def check_moment(epoch_seconds: int) -> int:
    """The moment itself. Raises OverflowError for one that is too late to be waited for."""
    if epoch_seconds > MAX_WAIT_SECONDS:
        raise OverflowError("the time is too long to be waited for")
    return epoch_seconds
