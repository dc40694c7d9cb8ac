"""Making the changes that mend problems with certainty, in the files of a program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from opforge_compiler.check import validate_file
from opforge_compiler.sources import DiskSources
from opforge_ir.diagnostics import Diagnostic, Edit, Span

__all__ = ["Repair", "apply_edits", "find_repairs"]

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Repair:
    """One file with its problems mended, as far as that is certain."""

    path: Path
    data: bytes
    mended: list[Diagnostic]


def find_repairs(path: Path) -> list[Repair]:
    """What each file of an op file's project becomes. Nothing is written, and nothing of it is run."""
    by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in validate_file(path).diagnostics:
        if diagnostic.edits:
            by_path.setdefault(diagnostic.edits[0].span.path, []).append(diagnostic)
    sources = DiskSources(path.parent)
    repairs: list[Repair] = []
    for name, found in sorted(by_path.items()):
        data = sources.read(name)
        if data is not None:
            repairs.append(_repair(path.parent / name, data, found))
    return repairs


def _repair(path: Path, data: bytes, found: Sequence[Diagnostic]) -> Repair:
    """Problems in order; one whose place another one's change touches is left for the next time."""
    taken: list[Edit] = []
    mended: list[Diagnostic] = []
    for diagnostic in found:
        own = [edit for edit in diagnostic.edits if edit not in taken]
        if not any(_touch(edit.span, other.span) for edit in own for other in taken):
            taken += own
            mended.append(diagnostic)
    return Repair(path, apply_edits(data, taken), mended)


def _touch(first: Span, second: Span) -> bool:
    """Whether two places overlap; insertions at one place do."""
    start, end = (first.line, first.column), (first.end_line, first.end_column)
    other, other_end = (second.line, second.column), (second.end_line, second.end_column)
    return start == other or (start < other_end and other < end)


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes of a source file after changes that do not overlap; line ends and byte order mark stay."""
    head = _MARK if data.startswith(_MARK) else b""
    lines = [match[0] for match in _LINE.finditer(data[len(head) :]) if match[0]]
    end = b"\r\n" if b"\r\n" in data else b"\n"
    for edit in sorted(edits, key=lambda each: (each.span.line, each.span.column), reverse=True):
        span = edit.span
        text = edit.text.encode().replace(b"\n", end)
        if span.line > len(lines):
            is_complete = not lines or lines[-1].endswith((b"\n", b"\r"))
            lines.append(text if is_complete else end + text)
            continue
        before = lines[span.line - 1].decode()[: span.column - 1].encode()
        after = lines[span.end_line - 1].decode()[span.end_column - 1 :].encode()
        lines[span.line - 1 : span.end_line] = [before + text + after]
    return head + b"".join(lines)
