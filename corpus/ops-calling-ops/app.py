"""Ops that call ops: of this file and of others, in helpers, comprehensions, conditions and loops."""

from jobs import clean
from loose import prices
from opforge import log, op, record, time, workload

workload("ops-calling-ops", version="1.0.0")


@record
class Line:
    label: str
    amount: int


@op(retry=2)
def measure(label: str, base: int = 10, *, scale: int = 2) -> Line:
    log.info(label)
    return Line(label, base * scale + time.now())


@op
def double(n: int) -> int:
    return n * 2


@op
def fill(items: list[int], item: int) -> None:
    items.append(item)


def total(labels: list[str]) -> int:
    lines = [measure(label) for label in labels]
    return sum([line.amount for line in lines])


@op
def report(labels: list[str], limit: int = 5) -> list[int]:
    found: list[int] = []
    fill(found, limit)
    fill(item=limit + 1, items=found)
    if double(limit) > 8 and clean.sweep(limit):
        found.append(measure(scale=double(3), label="x").amount)
    for label in labels:
        found.append(prices.quote(label))
    log.info(f"{double(n=1)} of {total(labels)}")
    return found
