"""Tuples: assigned apart, swapped, returned by helpers, nested in targets, and as items."""

from opforge import op, workload

workload("tuples", version="1.0.0")


def split(value: int, parts: int) -> tuple[int, int]:
    return value // parts, value % parts


def extremes(values: list[int]) -> tuple[int, int, str]:
    return min(values), max(values), f"{len(values)} values"


@op
def arrange(values: list[int], parts: int = 3) -> list[str]:
    low, high, label = extremes(values)
    if low < 0:
        low, high = high, low
    quotient, rest = split(high, parts)
    pair = (quotient, rest)
    pairs = [(value, value * value) for value in values]
    lines = [f"{value}->{square}" for value, square in pairs if square > pair[0]]
    for index, (value, square) in enumerate(pairs):
        lines.append(f"{index}:{value + square}")
    return lines + [label, f"{pair[1]}"]
