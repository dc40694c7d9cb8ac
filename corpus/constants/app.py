"""What is computed when the program is compiled."""

from decimal import Decimal
from typing import Final

from opforge import Address, op, record, workload
from opforge.units import days, ether, minutes

workload("constants", version="0.9.12-rc.1", networks={"devnet": 31337}, decimal_precision=40)


@record
class Tier:
    name: str
    floor: int
    rate: Decimal


WEEK: Final = 7 * days(1) + minutes(30)
PRECISE: Final[Decimal] = Decimal(1) / 3
BIG = 2**255 - 19
OWNERS = (Address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), Address("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"))
TIERS = [Tier("low", ether(1), Decimal("0.001")), Tier(name="high", floor=ether("32.5"), rate=Decimal("1E-4"))]
FLOORS = {tier.name: tier.floor for tier in TIERS if tier.floor < BIG}
NEGATIVE = -7 // 2
TEXT = f"{NEGATIVE:+d} {'-'.join([t.name for t in TIERS])}"
NOBODY: int | None = None
IS_OPEN = BIG > 0 and not FLOORS.get("none")


@op
def main(name: str = "low", floor: int = FLOORS["high"], owners: list[str] | None = None) -> Decimal:
    known = FLOORS.get(name, WEEK)
    if NOBODY is None and IS_OPEN and OWNERS[0] != OWNERS[1]:
        known += NEGATIVE
    return PRECISE * known + len(TEXT) + TIERS[0].rate * BIG
