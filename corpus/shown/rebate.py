"""How much of the fees each account gets back."""

from decimal import Decimal

from opforge import op, record, workload

workload("rebate", version="1.0.0")

RATE = Decimal("0.25")


@record
class Account:
    name: str
    fees: Decimal


def rebate_of(fees: Decimal) -> Decimal:
    return (fees * RATE).quantize(Decimal("0.01"))


@op
def pay(accounts: list[Account], floor: Decimal = Decimal(10)) -> dict[str, Decimal]:
    """The rebate of every account with enough fees."""
    return {account.name: rebate_of(account.fees) for account in accounts if account.fees >= floor}
