"""Add up numbers that are read one by one from outside."""

from opforge import op, random, workload

workload("add-up", version="1.0.0")


@op
def add_up(steps: int) -> int:
    """The sum of the numbers below `steps`: each is drawn from an interval that holds nothing else."""
    total = 0
    for number in range(steps):
        total += random.integer(number, number)
    return total
