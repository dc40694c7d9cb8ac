"""Which wallets have too little gas money left."""

from opforge import Address, chain, log, op, record, workload
from opforge.units import ether

workload("gas-keeper", version="1.0.0", networks={"devnet": 31337})

FLOOR = ether("0.5")


@record
class Wallet:
    address: Address
    label: str


@record
class Report:
    label: str
    wei: int
    low: bool


def is_low(wei: int, floor: int) -> bool:
    return wei < floor


@op(retry=3, timeout="2m")
def check(wallets: list[Wallet], floor: int = FLOOR) -> list[Report]:
    """Read every wallet at one finalized block and report the low ones."""
    at = chain.block("devnet", tag="finalized")
    balances = [chain.balance(w.address, at=at) for w in wallets]
    reports = [Report(label=w.label, wei=b, low=is_low(b, floor)) for w, b in zip(wallets, balances)]
    low = [r for r in reports if r.low]
    if len(low) > 0:
        names = ", ".join([r.label for r in low])
        log.warning(f"{len(low)} of {len(reports)} wallets are low: {names}")
    return low
