"""Limits."""

from opforge import record

LIMIT = 5 * 2


@record
class Limits:
    low: int
    high: int
