"""The problems of one compilation, collected while it goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from opforge_ir.codes.limits import E_MORE_PROBLEMS
from opforge_ir.diagnostics import Diagnostic

__all__ = ["MAX_PROBLEMS", "Problems"]

MAX_PROBLEMS: Final = 200
"""The most problems of one program that are listed."""


class Problems:
    """Every problem found so far; the same one at the same place counts once."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Diagnostic] = {}

    def add(self, diagnostic: Diagnostic, source_line: str | None = None) -> None:
        """Record a problem, with the line that it starts on when that is known."""
        if source_line is not None:
            diagnostic = replace(diagnostic, source_line=source_line)
        self._found.setdefault((diagnostic.code.number, diagnostic.span, diagnostic.pointer), diagnostic)

    @property
    def is_full(self) -> bool:
        """Whether there are more than are listed: what is found from here on need not be complete."""
        return len(self._found) > MAX_PROBLEMS

    def mark(self) -> int:
        """How many there are now."""
        return len(self._found)

    def forget_since(self, mark: int) -> None:
        """Drop what was added after `mark`: a part of the program is gone through once more."""
        while len(self._found) > mark:
            self._found.popitem()

    def in_order(self) -> list[Diagnostic]:
        """The problems by place (file, line, column); the last one says so when there are more."""
        ordered = sorted(self._found.values(), key=_place)
        if not self.is_full:
            return ordered
        first_left_out = ordered[MAX_PROBLEMS]
        more = E_MORE_PROBLEMS.at(first_left_out.span or first_left_out.pointer, limit=MAX_PROBLEMS)
        return [*ordered[:MAX_PROBLEMS], replace(more, source_line=first_left_out.source_line)]


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    span = diagnostic.span
    if span is None:
        return ("", 0, 0, diagnostic.code.number)
    return (span.path, span.line, span.column, diagnostic.code.number)
