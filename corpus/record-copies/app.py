"""New records made of old ones."""

import dataclasses
from dataclasses import replace

from opforge import log, op, record, workload

workload("record-copies", version="1.0.0")


@record
class Limits:
    low: int
    high: int
    note: str | None = None


BASE = Limits(1, 10)
WIDE = replace(BASE, high=BASE.high * 100)


def widen(limits: Limits, by: int) -> Limits:
    return dataclasses.replace(limits, high=limits.high + by, low=limits.low - by)


@op
def main(by: int, start: Limits = WIDE) -> list[Limits]:
    made = [start, replace(start), widen(start, by)]
    last = replace(made[-1], note="last") if by > 0 else made[0]
    log.info(f"from {last.low} to {last.high}")
    return made + [last]
