"""Comprehensions with several clauses, and the functions that take generators."""

from decimal import Decimal

from opforge import op, workload

workload("comprehensions", version="1.0.0")


@op
def pairs(rows: list[list[int]], names: list[str]) -> dict[str, int]:
    flat = [n for row in rows for n in row if n > 0]
    table = [[n * 2 for n in row] for row in rows if row]
    lengths = {name.strip().lower(): len(name) for name in names if name}
    some = any(n > 10 for n in flat)
    every = all(n > 0 for row in rows for n in row if n != 0)
    lengths["sum"] = sum(n * n for n in flat)
    lengths["rows"] = sum(len(row) for row in table)
    lengths["flags"] = int(some) + int(every)
    lengths["max"] = max(max(n, 0) for n in [0] + flat)
    return lengths


@op
def amounts(prices: list[Decimal], counts: list[int]) -> list[str]:
    total = sum([p * c for p, c in zip(prices, counts)], Decimal(0))
    lines = [f"{i}: {p:.2f}" for i, p in enumerate(prices)]
    lines.append(f"total: {total:.2f}")
    return sorted(lines, reverse=True)
