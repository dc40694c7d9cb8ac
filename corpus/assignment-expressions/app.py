"""`name := value`, where it is certain to be evaluated."""

from opforge import op, time, workload

workload("assignment-expressions", version="1.0.0")


@op
def look(names: dict[str, int], name: str) -> int:
    if (found := names.get(name)) is not None and found > 0:
        return found
    return (other := len(names)) + other


@op
def poll(rounds: int, until: int) -> int:
    """The test of a loop gives a variable its value; it has one after the loop too."""
    while (now := time.now()) < until and rounds > 0:
        rounds -= 1
    return now
