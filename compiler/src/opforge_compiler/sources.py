"""Where documents and op files are read from: the file system, with limits, at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opforge_ir.codes.command import E_FILE_TOO_LARGE, E_FILE_UNREADABLE
from opforge_ir.jsontext import DEFAULT_LIMITS

__all__ = ["MAX_SOURCE_BYTES", "DiskSources", "read_document_bytes", "read_limited"]

MAX_SOURCE_BYTES = 4 * 1024 * 1024
"""The longest source file that is read, in bytes."""


def read_limited(path: Path, max_bytes: int) -> bytes:
    """The bytes of a file.

    Raises DiagnosticError when it cannot be read or has more than `max_bytes`; never reads more
    than that.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise E_FILE_UNREADABLE.error(path=str(path), reason=error.strerror or "unknown") from error
    if len(data) > max_bytes:
        raise E_FILE_TOO_LARGE.error(path=str(path), max_bytes=max_bytes)
    return data


def read_document_bytes(path: Path) -> bytes:
    """The bytes of a JSON document, within the reader's limit."""
    return read_limited(path, DEFAULT_LIMITS.max_bytes)


@dataclass(frozen=True, slots=True)
class DiskSources:
    """The source files below one folder; nothing outside of it is read, also not through a link."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """The bytes of a file by its path relative to the root, or None when there is no such file."""
        relative = PurePosixPath(path)
        if relative.is_absolute() or ".." in relative.parts:
            return None
        root = self.root.resolve()
        file = (root / relative).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            return None
        return read_limited(file, MAX_SOURCE_BYTES)
