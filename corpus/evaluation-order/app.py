"""Effects and errors keep Python's order of evaluation, wherever in an expression they stand."""

from opforge import Fail, log, op, random, workload

workload("evaluation-order", version="1.0.0")


def draw(low: int, high: int) -> int:
    if low > high:
        raise Fail("no number to draw")
    log.info(f"draw {low} to {high}")
    return random.integer(low, high)


@op
def main(numbers: list[int], table: dict[str, int]) -> list[int]:
    first = numbers[0] + draw(1, 6) * len(numbers)
    ordered = draw(1, 2) < draw(3, 4) <= draw(5, 6)
    swapped = draw(high=9, low=numbers[1])
    lazy = table["a"] if ordered and draw(1, 6) > 3 else table["b"] + draw(7, 7)
    either = not numbers or draw(1, 1) == 1 or draw(2, 2) == 2
    table["c"] = draw(1, numbers[2])
    found = any(draw(0, n) > 3 for n in numbers if n > 0)
    assert either, f"drew {draw(0, 0)}"
    log.info(f"{first} {draw(4, 4)} {lazy}")
    a, b = draw(1, 1), draw(2, 2)
    return [first, swapped, lazy, int(found), a - b, draw(8, 8)]
