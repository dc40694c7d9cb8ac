"""The wall clock."""

from __future__ import annotations

from typing import cast

from opforge._host import perform

__all__ = ["now"]


def now() -> int:
    """Whole seconds since 1970-01-01 UTC."""
    return cast("int", perform("time.now", {}, {}))
