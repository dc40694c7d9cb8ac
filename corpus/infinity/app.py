"""An amount without a limit, and what compares with it."""

from decimal import Decimal

from opforge import op, record, workload

workload("infinity", version="1.0.0")

NO_LIMIT = Decimal("Infinity")
LOWEST = -NO_LIMIT


@record
class Tier:
    name: str
    limit: Decimal = NO_LIMIT


TIERS = [Tier("small", Decimal(100)), Tier("large")]


@op
def main(amount: Decimal, least: Decimal = LOWEST) -> list[str]:
    fitting = [tier.name for tier in TIERS if least <= amount < tier.limit]
    return fitting + [str(tier.limit) for tier in TIERS] + [f"{Decimal('Infinity') - amount:.2f}"]
