"""Names for types: plain, annotated, quoted."""

from decimal import Decimal
from typing import TypeAlias

from opforge import op, record, workload

workload("type-aliases", version="1.0.0")

Amount = int
Amounts: TypeAlias = dict[str, Amount]
Schedule: TypeAlias = "Once | Monthly"


@record
class Once:
    amount: Amount


@record
class Monthly:
    amount: Amount
    months: int


Schedules: TypeAlias = list[Schedule]


def due(schedule: Schedule) -> Decimal:
    if isinstance(schedule, Once):
        return Decimal(schedule.amount)
    return Decimal(schedule.amount) * schedule.months


@op
def main(amounts: Amounts, months: int) -> Decimal:
    schedules: Schedules = [Monthly(amount, months) for amount in amounts.values()]
    schedules.append(Once(sum(amounts.values())))
    return sum([due(each) for each in schedules], Decimal(0))
