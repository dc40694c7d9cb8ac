"""Times as people read and write them. All moments are in UTC.

| function | 90061000 ms |
| --- | --- |
| `spell_duration` | `1 d 1 h` |
| `spell_moment` | `1970-01-02 01:01:01` |
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import typer

__all__ = ["parse_moment", "spell_duration", "spell_moment"]

_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_AGO: Final = re.compile(r"(\d{1,6})([smhdw])")


def spell_moment(epoch_ms: int) -> str:
    """A moment to the second."""
    return datetime.fromtimestamp(epoch_ms // 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")


def spell_duration(duration_ms: int) -> str:
    """A duration in its two largest units; a negative one is none."""
    if duration_ms < 1_000:
        return f"{max(0, duration_ms)} ms"
    if duration_ms < 60_000:
        tenths = duration_ms // 100
        return f"{tenths // 10}.{tenths % 10} s"
    seconds = duration_ms // 1000
    for unit, size, part, part_size in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // part_size} {part}"
    return f"{seconds // 60} min {seconds % 60} s"


def parse_moment(text: str, now_epoch_ms: int) -> int:
    """A moment that a person gives: `90m` for so long ago (s, m, h, d, w), or a date or time, in UTC.

    Raises typer.BadParameter.
    """
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now_epoch_ms - int(ago[1]) * _UNITS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            "give how long ago (30s, 90m, 12h, 7d, 2w) or a time (2026-11-24T18:00)"
        ) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
