"""Is the write-ahead log of a SQLite file whole?

After a crash SQLite reads the log up to the first frame whose checksum is wrong, and takes the rest for the
transaction that was being written. Every commit is flushed before the next one begins, so that rest holds one
commit at the most. When it holds more, the log was damaged afterwards, and commits that had been acknowledged
stand behind the damage: reading on as if nothing were would lose them, or mix them with pages that were
copied into the file already.

The layout of the log is that of sqlite.org/fileformat2.html (section 4), that of its index of
sqlite.org/walformat.html (section 2.1).
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Final

__all__ = ["find_damage"]

_HEADER: Final = struct.Struct(">8I")
"""Magic number, version, page size, number of checkpoints, two salts, two checksums."""
_FRAME: Final = struct.Struct(">4I8x")
"""Page, pages of the file after a commit and else 0, two salts; two checksums follow."""
_INDEX: Final = struct.Struct("=16xI")
"""How many frames are valid, in the order of bytes of this machine."""


def find_damage(path: Path) -> int | None:
    """The byte of the log of this file from which on it cannot be read though commits follow.

    None when there is no such place, no log, or no way to look; who opens the file then hears why.
    """
    log = Path(f"{path}-wal")
    try:
        if not path.exists() or log.stat().st_size <= _HEADER.size:
            return None
        # A connection that cannot write reads the log as any other, and leaves it as it is when it goes.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
            reader.execute("PRAGMA user_version").fetchone()
            return _find_damage(log, Path(f"{path}-shm"))
    except (OSError, sqlite3.Error, struct.error):
        return None


def _find_damage(log: Path, index: Path) -> int | None:
    header = _read(log, _HEADER.size)
    if not any(header):
        return None
    fields: tuple[int, ...] = _HEADER.unpack(header)
    magic, _, page_size, _, *rest = fields
    salts, checksums = tuple(rest[:2]), tuple(rest[2:])
    if _sum_header(header, is_big_endian=bool(magic & 1)) != checksums:
        return 0
    frame_size = _FRAME.size + page_size
    valid = _count_valid(index)
    commits = 0
    with log.open("rb") as file:
        file.seek(_HEADER.size + valid * frame_size)
        while len(frame := file.read(frame_size)) == frame_size:
            _, size_after, *frame_salts = _FRAME.unpack_from(frame)
            commits += bool(size_after) and tuple(frame_salts) == salts
    # A process that writes meanwhile has moved the end of what is valid.
    if commits < 2 or _count_valid(index) != valid:
        return None
    return _HEADER.size + valid * frame_size


def _count_valid(index: Path) -> int:
    (valid,) = _INDEX.unpack(_read(index, _INDEX.size))
    return int(valid)


def _read(path: Path, size: int) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def _sum_header(header: bytes, *, is_big_endian: bool) -> tuple[int, int]:
    words = struct.unpack(">6I" if is_big_endian else "<6I", header[:24])
    first = second = 0
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
