"""Loops that go on while a condition holds, with a bound that a reader sees."""

from opforge import op, time, workload

workload("while-loops", version="1.0.0")

LIMIT = 8


@op
def digits(number: int) -> int:
    """A counter that falls."""
    count = 1
    while number >= 10:
        number //= 10
        count += 1
    return count


@op
def find(numbers: list[int], wanted: int) -> int:
    """Two bounds that close in on each other."""
    low = 0
    high = len(numbers)
    while low < high:
        middle = (low + high) // 2
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@op
def walk(words: list[str]) -> str:
    """The length of a list as the bound, and a condition of two parts."""
    index = 0
    text = ""
    while index < len(words) and words[index] != "stop":
        text = text + words[index]
        index += 1
    return text


@op
def until(deadline: int) -> int:
    """An effect in the condition, and a limit from a constant."""
    rounds = 0
    while rounds < LIMIT and time.now() < deadline:
        rounds += 1
    return rounds
