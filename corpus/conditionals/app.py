"""Branches that join: names defined on every way, elif chains, and conditional expressions."""

from opforge import log, op, workload

workload("conditionals", version="1.0.0")


def grade(score: int) -> str:
    if score >= 90:
        word = "high"
    elif score >= 50:
        word = "middle"
    else:
        word = "low"
    return word


@op
def assess(score: int, bonus: int = 0) -> str:
    if bonus > 0:
        score = score + bonus
        note = "with bonus"
    else:
        note = "plain"
    word = grade(score)
    marked = f"{word}!" if score > 100 else word
    if word == "low":
        log.warning(f"a low score: {score}")
        note += ", low"
    return f"{marked} ({note})"
