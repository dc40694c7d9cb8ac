"""The values of long chains, computed in parts: no expression nests deeper than `LEVELS` operations."""

from __future__ import annotations

from opforge._frontend.chains import LEVELS
from opforge._frontend.symbols import UNKNOWN
from opforge._frontend.tree import Expr, Temporary, With

__all__ = ["Cuts"]


class Cuts:
    """The values of a long chain that are computed on their own."""

    def __init__(self) -> None:
        self._pending: list[With] = []
        self._levels = 0

    def shorten(self, value: Expr) -> Expr:
        """What stands for the value of the chain so far in the next operation of it."""
        self._levels += 1
        if self._levels < LEVELS:
            return value
        self._levels = 0
        once = With(UNKNOWN, value.span, value, is_named=True)
        self._pending.append(once)
        return Temporary(value.type, value.span, once)

    def finish(self, value: Expr) -> Expr:
        """The value of the whole chain, after those that were computed on their own."""
        for once in reversed(self._pending):
            once.body, once.type, once.span = value, value.type, value.span
            value = once
        return value
