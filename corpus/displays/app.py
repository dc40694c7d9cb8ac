"""Displays with stars, stars among arguments, membership, ranges and sums of lists."""

from opforge import op, workload

workload("displays", version="1.0.0")

LIMITS = {"low": 1, "high": 9}


def between(value: int, low: int, high: int) -> bool:
    return low <= value <= high


@op
def combine(amounts: list[int], bounds: tuple[int, int], limits: dict[str, int]) -> dict[str, int]:
    chosen = [*amounts, 0, *(n for n in amounts if between(n, *bounds)), amounts.pop(), *range(2)]
    known = {**LIMITS, "extra": len(chosen), **limits}
    triple = (*bounds, known["extra"])
    low, high = bounds
    known["inside"] = len([n for n in chosen if n in range(low, high)])
    known["largest"] = max(*triple)
    is_known = "low" in limits.keys() or 9 in known.values() or triple[0] in bounds
    flat = sum([[n, n * 2] for n in chosen], [])
    known["flat"] = sum(flat) if is_known else range(5)[-1]
    return known
