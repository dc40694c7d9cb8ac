"""Amounts in units: exact, in wei and in seconds.

    ether("0.5")   500000000000000000
    gwei(30)              30000000000
    minutes("1.5")                 90

An amount is an int, a Decimal, or a number in quotes as `Decimal` reads it. It must come out as a whole
number of wei or of seconds; ValueError is raised when it does not, or when the text is not a number.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

__all__ = ["days", "ether", "gwei", "hours", "minutes", "seconds", "wei"]


def wei(amount: str | int | Decimal) -> int:
    """An amount of wei."""
    return _scale(amount, 1, "wei")


def gwei(amount: str | int | Decimal) -> int:
    """An amount of gwei (10**9 wei), in wei."""
    return _scale(amount, 10**9, "wei")


def ether(amount: str | int | Decimal) -> int:
    """An amount of ether (10**18 wei), in wei."""
    return _scale(amount, 10**18, "wei")


def seconds(amount: str | int | Decimal) -> int:
    """A number of seconds."""
    return _scale(amount, 1, "seconds")


def minutes(amount: str | int | Decimal) -> int:
    """A number of minutes, in seconds."""
    return _scale(amount, 60, "seconds")


def hours(amount: str | int | Decimal) -> int:
    """A number of hours, in seconds."""
    return _scale(amount, 60 * 60, "seconds")


def days(amount: str | int | Decimal) -> int:
    """A number of days of 24 hours, in seconds."""
    return _scale(amount, 24 * 60 * 60, "seconds")


def _scale(amount: str | int | Decimal, size: int, smallest: str) -> int:
    if isinstance(amount, int):
        return amount * size
    try:
        number = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{amount} is not a number that can be counted")
    numerator, denominator = number.as_integer_ratio()
    scaled, rest = divmod(numerator * size, denominator)
    if rest:
        raise ValueError(f"{amount} is not a whole number of {smallest} here")
    return scaled
