"""Lists: changes in place are seen through every name, copies are not, and indexes count from both ends."""

from opforge import op, workload

workload("lists", version="1.0.0")


def push_twice(items: list[int], item: int) -> int:
    items.append(item)
    items.append(item)
    return len(items)


@op
def change(values: list[int]) -> list[list[int]]:
    alias = values
    copy = values + []
    grown = push_twice(alias, 9)
    first, last = values[0], values[-1]
    ordered = sorted(copy)
    backwards = list(reversed(values))
    collected: list[list[int]] = []
    row = [first, last, grown]
    collected.append(row)
    row.append(len(collected))
    if 9 in copy:
        row = [0]
    collected.append(row)
    collected.append(ordered)
    collected.append(backwards)
    collected.append(values)
    return collected
