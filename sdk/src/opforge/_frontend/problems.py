"""The problems of one compilation, collected while it goes on."""

from __future__ import annotations

from dataclasses import replace

from opforge_ir.diagnostics import Diagnostic

__all__ = ["Problems"]


class Problems:
    """Every problem found so far; the same one at the same place counts once."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Diagnostic] = {}

    def add(self, diagnostic: Diagnostic, source_line: str | None = None) -> None:
        """Record a problem, with the line that it starts on when that is known."""
        if source_line is not None:
            diagnostic = replace(diagnostic, source_line=source_line)
        self._found.setdefault((diagnostic.code.number, diagnostic.span, diagnostic.pointer), diagnostic)

    def mark(self) -> int:
        """How many there are now."""
        return len(self._found)

    def forget_since(self, mark: int) -> None:
        """Drop what was added after `mark`: a part of the program is gone through once more."""
        for key in list(self._found)[mark:]:
            del self._found[key]

    def in_order(self) -> list[Diagnostic]:
        """All problems by place: file, line, column."""
        return sorted(self._found.values(), key=_place)


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    span = diagnostic.span
    if span is None:
        return ("", 0, 0, diagnostic.code.number)
    return (span.path, span.line, span.column, diagnostic.code.number)
