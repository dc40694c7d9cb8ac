"""`break` and `continue`, in loops within loops, with what is carried on each way."""

from opforge import log, op, workload

workload("loop-jumps", version="1.0.0")


@op
def total(numbers: list[int], limit: int) -> int:
    """What is skipped, and what ends the loop."""
    so_far = 0
    for number in numbers:
        if number < 0:
            continue
        so_far += number
        if so_far > limit:
            break
    return so_far


@op
def first(rows: list[list[int]], wanted: int) -> tuple[int, int]:
    """A value that exists on one way out only is an Optional after the loop."""
    place: tuple[int, int] | None = None
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            if number == wanted:
                place = (i, j)
                break
        if place is not None:
            break
    return place if place is not None else (-1, -1)


@op
def endless(step: int) -> int:
    """The only way out of an endless loop gives a variable its value."""
    i = 0
    while i < 100:
        i += 1
        if i * step > 1000:
            continue
        log.info(f"round {i}")
    return i
