"""Randomness from the operating system."""

from __future__ import annotations

from typing import cast

from opforge._host import perform

__all__ = ["integer"]


def integer(low: int, high: int) -> int:
    """An integer between two bounds, both included, each equally likely.

    `low` is the smallest result; `high` is the largest, not below `low`. Fails with RandomError.
    """
    return cast("int", perform("random.integer", {}, {"low": low, "high": high}))
