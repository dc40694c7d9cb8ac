"""Chained comparisons and short circuits: what is not reached is not asked."""

from opforge import Address, chain, log, op, workload

workload("comparisons", version="1.0.0", networks={"devnet": 31337})

LOW = 10**15
HIGH = 10**18


@op
def decide(owner: Address, other: Address, limit: int = 5) -> list[bool]:
    at = chain.block("devnet")
    inside = LOW <= chain.balance(owner, at=at) < HIGH
    both = inside and chain.balance(other, at=at) > 0
    either = both or chain.balance(other, at=at) > HIGH or limit > 3
    ordered = 0 < limit <= 10 != at.number
    if not either and owner != other:
        log.warning("neither")
    small = limit if limit < 3 else chain.balance(other, at=at)
    return [inside, both, either, ordered, small > 0, owner == other, not ordered]
