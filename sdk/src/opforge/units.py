"""Amounts in units: exact, in wei and in seconds.

    ether("0.5")   500000000000000000
    gwei(30)              30000000000
    minutes("1.5")                 90

An amount is a whole number, or in quotes a number with a decimal point. It must come out as a whole number
of wei or of seconds; ValueError is raised when it does not, or when the text is no such number.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["days", "ether", "gwei", "hours", "minutes", "seconds", "wei"]

_NUMBER: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")


def wei(amount: str | int) -> int:
    """An amount of wei."""
    return _scale(amount, 1, "wei")


def gwei(amount: str | int) -> int:
    """An amount of gwei (10**9 wei), in wei."""
    return _scale(amount, 10**9, "wei")


def ether(amount: str | int) -> int:
    """An amount of ether (10**18 wei), in wei."""
    return _scale(amount, 10**18, "wei")


def seconds(amount: str | int) -> int:
    """A number of seconds."""
    return _scale(amount, 1, "seconds")


def minutes(amount: str | int) -> int:
    """A number of minutes, in seconds."""
    return _scale(amount, 60, "seconds")


def hours(amount: str | int) -> int:
    """A number of hours, in seconds."""
    return _scale(amount, 60 * 60, "seconds")


def days(amount: str | int) -> int:
    """A number of days of 24 hours, in seconds."""
    return _scale(amount, 24 * 60 * 60, "seconds")


def _scale(amount: str | int, size: int, smallest: str) -> int:
    if isinstance(amount, int):
        return amount * size
    found = _NUMBER.fullmatch(amount)
    if found is None:
        raise ValueError(f"{amount!r} is not a number such as '12' or '0.5'")
    sign, whole, fraction = found[1], found[2], found[3] or ""
    denominator: int = 10 ** len(fraction)
    scaled, rest = divmod(int(whole + fraction) * size, denominator)
    if rest:
        raise ValueError(f"{amount!r} is not a whole number of {smallest} here")
    return -scaled if sign else scaled
