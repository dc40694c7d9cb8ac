"""Add up numbers, with a read for each of them."""

from opforge import op, time, workload

workload("add-up", version="1.0.0")


@op
def add_up(steps: int) -> int:
    """The sum of the numbers below `steps`, as long as none of them is later than now."""
    total = 0
    for number in range(steps):
        total += min(number, time.now())
    return total
