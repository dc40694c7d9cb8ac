"""Functions that compute constants of the entry file."""

from decimal import Decimal


def third(n: int) -> Decimal:
    return Decimal(n) / 3


def ladder(count: int, start: int = 1) -> list[int]:
    found: list[int] = []
    index = 0
    while index < count:
        found.append(start)
        start *= 2
        index += 1
    return found
