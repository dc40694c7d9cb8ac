"""The author's lines for the places of a recorded program, where the op file is at hand.

A run knows its document and not where it came from. An op file gives lines only when it compiles to the very
document of the run: others would point at the wrong ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from opforge_compiler.emit import Emission, emit_file
from opforge_ir.codes.command import E_PROGRAM_DIFFERS
from opforge_ir.diagnostics import Diagnostic, DiagnosticError, JsonPointer
from opforge_ir.digest import Digest

__all__ = ["SourceLines", "find_source"]

_MAX_DEPTH: Final = 3
"""How many folders below the start are looked through."""
_MAX_FILES: Final = 500
_MAX_CANDIDATES: Final = 8
"""How many files that name the workload are compiled."""
_MAX_FILE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Quotes lines; without an emission it knows none."""

    emission: Emission | None
    warnings: tuple[Diagnostic, ...] = ()

    def quote(self, pointer: JsonPointer | None) -> str:
        """`file:line  text` for a place of the document; empty where it is not known."""
        found = None if self.emission is None or pointer is None else self.emission.quote(pointer)
        if found is None:
            return ""
        span, line = found
        return f"{span.path}:{span.line}  {(line or '').strip()}".rstrip()

    def locate(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic with the author's line, where it is known."""
        return diagnostic if self.emission is None else self.emission.locate(diagnostic)


def find_source(workload: str, ir: Digest, program: Path | None, folder: Path) -> SourceLines:
    """The lines of a document: from this op file, or from one in the folder or a little below that fits.

    A file that was named and does not fit is a warning. Raises DiagnosticError when it does not compile.
    """
    if program is not None:
        emission = emit_file(program)
        if emission.digest == ir:
            return SourceLines(emission)
        warning = E_PROGRAM_DIFFERS.at(path=str(program), emitted=emission.digest, recorded=ir)
        return SourceLines(None, (warning,))
    tried = 0
    for path in _walk(folder):
        if tried == _MAX_CANDIDATES or not _names(path, workload):
            continue
        tried += 1
        try:
            emission = emit_file(path)
        except DiagnosticError:
            continue
        if emission.digest == ir:
            return SourceLines(emission)
    return SourceLines(None)


def _walk(folder: Path) -> Iterator[Path]:
    """Python files, those near first; hidden folders are left out."""
    waiting = [(folder, 0)]
    left = _MAX_FILES
    while waiting:
        here, depth = waiting.pop(0)
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.suffix == ".py" and left:
                left -= 1
                yield entry
            elif depth < _MAX_DEPTH and entry.is_dir():
                waiting.append((entry, depth + 1))


def _names(path: Path, workload: str) -> bool:
    """Whether a file holds the workload's id as a string."""
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            return False
        content = path.read_bytes()
    except OSError:
        return False
    return any(f"{quote}{workload}{quote}".encode() in content for quote in ('"', "'"))
