"""Conditions: if, elif, conditional expressions, chains, early returns and what joins them."""

from opforge import Fail, op, workload

workload("branches", version="1.0.0")


def clamp(n: int, low: int, high: int) -> int:
    if n < low:
        return low
    if n > high:
        return high
    return n


@op
def grade(score: int, is_late: bool = False) -> str:
    if not 0 <= score <= 100:
        raise Fail(f"{score} is not a score")
    bonus = 0
    if score >= 90:
        name = "A"
        bonus += 2
    elif score >= 80 or score == 75:
        name = "B"
    else:
        name = "C" if score > 50 else "D"
    if is_late and bonus:
        bonus = 0
    assert name, "a grade has a name"
    return f"{name}{clamp(score + bonus, 0, 100)}"
