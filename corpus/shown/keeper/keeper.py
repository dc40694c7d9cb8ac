"""Which wallets have too little left."""

from opforge import Address, chain, log, op, workload
from opforge.units import ether

workload("keeper", version="1.0.0", networks={"devnet": 31337})

FLOOR = ether("0.5")


@op(retry=1)
def low(wallets: list[Address], floor: int = FLOOR) -> list[Address]:
    """The wallets that hold less than the floor at one block."""
    at = chain.block("devnet", tag="finalized")
    balances = [chain.balance(wallet, at=at) for wallet in wallets]
    found = [wallet for wallet, wei in zip(wallets, balances) if wei < floor]
    if len(found) > 0:
        log.warning(f"{len(found)} of {len(wallets)} wallets are low")
    return found
