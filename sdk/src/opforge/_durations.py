"""Durations as authors write them: a number and `ms`, `s`, `m`, `h` or `d`."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["count_seconds", "read_duration_ms"]

_DURATION: Final = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)\Z")
_FACTORS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def read_duration_ms(text: str) -> int | None:
    """The milliseconds of `2m`; None for what is no duration."""
    match = _DURATION.match(text)
    return int(match[1]) * _FACTORS[match[2]] if match else None


def count_seconds(given: int | str) -> int:
    """A number of seconds, or a duration of whole seconds. Raises ValueError for any other text."""
    if not isinstance(given, str):
        return given
    milliseconds = read_duration_ms(given)
    if milliseconds is None or milliseconds % 1000:
        raise ValueError(f'{given!r} is no duration of whole seconds, such as "30s", "2h" or "1d"')
    return milliseconds // 1000
