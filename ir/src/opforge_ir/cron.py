"""Cron expressions of five fields: minute, hour, day of the month, month, day of the week (POSIX crontab).

    expression = field " " field " " field " " field " " field
    field      = item { "," item }
    item       = ( "*" | value [ "-" value ] ) [ "/" step ]      a step needs "*" or a range before it

Values are numbers, or three-letter English names of months and days of the week in any letter case. Sunday is
0 and 7. A time is met when minute, hour, month and day are met; the day when both day fields are, or, where
neither of them begins with `*`, when one of them is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

__all__ = ["find_cron_problem"]


@dataclass(frozen=True, slots=True)
class _Field:
    what: str
    first: int
    last: int
    names: dict[str, int] = field(default_factory=dict[str, int])


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    _Field("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The most days that each month has."""
_ITEM: Final = re.compile(
    r"(?:(?P<every>\*)|(?P<first>[0-9]{1,2}|[a-z]{3})(?:-(?P<last>[0-9]{1,2}|[a-z]{3}))?)"
    r"(?:/(?P<step>[0-9]{1,2}))?\Z"
)


class _CronError(ValueError):
    """The expression is not right; the argument says why."""


def find_cron_problem(expression: str) -> str | None:
    """Why this is no cron expression that is ever met, or None where it is one."""
    fields = expression.split(" ")
    if len(fields) != len(_FIELDS) or not all(fields):
        return f"it has {len(expression.split())} fields, and 5 with one space between them are needed"
    try:
        _, _, days, months, _ = (_read(text, rule) for text, rule in zip(fields, _FIELDS, strict=True))
    except _CronError as error:
        return str(error)
    is_by_weekday = not fields[2].startswith("*") and not fields[4].startswith("*")
    if not is_by_weekday and min(days) > max(_LENGTHS[month - 1] for month in months):
        return f"no such month has a day {min(days)}"
    return None


def _read(text: str, rule: _Field) -> set[int]:
    """The numbers that a field means."""
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.match(item.lower())
        if match is None:
            raise _CronError(f"{item or 'nothing'} is no {rule.what}")
        first, last = rule.first, rule.last
        if not match["every"]:
            first = last = _value(match["first"], rule)
            if match["last"]:
                last = _value(match["last"], rule)
            elif match["step"]:
                raise _CronError(f"the step of {item} needs a range, such as {match['first']}-{rule.last}")
        if first > last:
            raise _CronError(f"the range {item} ends before it begins")
        step = int(match["step"] or 1)
        if not 1 <= step <= rule.last - rule.first:
            raise _CronError(f"the step of {item} is not from 1 to {rule.last - rule.first}")
        found.update(range(first, last + 1, step))
    return found


def _value(text: str, rule: _Field) -> int:
    value = rule.names.get(text, int(text) if text.isdigit() else -1)
    if not rule.first <= value <= rule.last:
        raise _CronError(f"{text} is no {rule.what}")
    return value
