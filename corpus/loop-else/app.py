"""`else` after a loop: what is done when no `break` left it."""

from opforge import op, workload

workload("loop-else", version="1.0.0")


@op
def label(numbers: list[int], wanted: int) -> str:
    """A variable that gets its first value on each of the two ways."""
    for index, number in enumerate(numbers):
        if number == wanted:
            found = f"at {index}"
            break
    else:
        found = "nowhere"
    return found


@op
def is_prime(number: int) -> bool:
    """A `while` with an `else` that returns."""
    factor = 2
    while factor < number:
        if number % factor == 0:
            break
        factor += 1
    else:
        return number > 1
    return False
