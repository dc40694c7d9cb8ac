"""Constants that functions compute, in this file and in another one."""

from decimal import Decimal

import steps
from opforge import op, record, workload
from steps import ladder as make_ladder

workload("computed-constants", version="1.0.0")

TIERS = [1, 10, 100]


@record
class Tier:
    size: int
    fee: Decimal = steps.third(2)


def fee(size: int, rate: Decimal = steps.third(1)) -> Decimal:
    """A fee that grows in steps."""
    total = Decimal(0)
    for step in range(size):
        if step > 5:
            break
        total += step * rate
    return total


def table(sizes: list[int]) -> dict[int, Tier]:
    made: dict[int, Tier] = {}

    def put(size: int) -> None:
        made[size] = Tier(size, fee(size))

    for size in sizes:
        put(size)
    return made


FEES = [fee(size) for size in TIERS]
TABLE = table(TIERS)
LADDER = make_ladder(4) + make_ladder(start=7, count=2)
FIRST = TABLE[TIERS[0]].fee


@op
def run(size: int = len(make_ladder(3))) -> list[Decimal]:
    known = TABLE.get(size)
    found = [FIRST] if known is None else [known.fee]
    return found + FEES + [Decimal(step) for step in LADDER] + [Tier(size).fee]
