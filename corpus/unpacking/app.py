"""Unpacking: tuples, lists whose length is known at run time only, stars, items as targets, several targets."""

from opforge import op, workload

workload("unpacking", version="1.0.0")


def divide(total: int, parts: int) -> tuple[int, int]:
    return total // parts, total % parts


@op
def unpack(pair: list[int], words: str) -> list[str]:
    first, second = pair
    pair[0], pair[1] = pair[1], pair[0]
    (low, high), rest = divide(second, 3), first
    host, *path = words.split("/")
    *front, last = [low, high, rest]
    total = pair[1] = sum(front) + last
    index, pair[index] = 0, total
    counts = {"path": 0}
    counts["path"], size = len(path), len(host)
    return path + [host, f"{index} {size} {counts['path']} {pair[0]}"]
