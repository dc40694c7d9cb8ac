"""For loops: carried values, several targets, nested loops, returns from within."""

from opforge import op, workload

workload("loops", version="1.0.0")


def first_above(numbers: list[int], limit: int) -> int | None:
    for n in numbers:
        if n > limit:
            return n
    return None


@op
def statistics(numbers: list[int], weights: dict[str, int]) -> list[int]:
    total = 0
    count = 0
    best = None
    for index, n in enumerate(numbers, start=1):
        if n < 0:
            count += 1
        else:
            total += n * index
        if best is None or n > best:
            best = n
    for name, weight in weights.items():
        for n in numbers:
            total += weight * n
        if name == "stop":
            return [total]
    for low, high in zip(numbers, reversed(numbers)):
        total, count = total + high, count + low
    for _ in range(3):
        total *= 2
    found = first_above(numbers, 10)
    return [total, count, best if best is not None else -1, 0 if found is None else found]
