"""Lists that change: items, methods and statements, seen through every name, in Python's order of evaluation."""

from opforge import op, record, workload

workload("list-changes", version="1.0.0")


@record
class Queue:
    name: str
    waiting: list[int]


def take_front(queue: Queue, count: int) -> list[int]:
    taken: list[int] = []
    for _ in range(count):
        taken.append(queue.waiting.pop(0))
    return taken


@op
def change(amounts: list[int], rows: list[list[int]]) -> list[int]:
    alias = amounts
    amounts[0] = amounts[-1]
    alias[1] += 10
    rows[0][1] *= 2
    rows[len(rows) - 1].append(rows[0].pop())
    queue = Queue(name="first", waiting=amounts)
    front = take_front(queue, 2)
    last = amounts.pop() - amounts.pop() * len(amounts)
    alias += front
    alias.extend(2 * n - 1 for n in [4, 5])
    alias.insert(1, last)
    if 7 in alias:
        alias.remove(7)
    alias.reverse()
    del alias[0], rows[0][0]
    copy = alias.copy()
    rows.clear()
    copy.append(copy.index(8) + copy.count(8))
    return copy + [0] * 2
