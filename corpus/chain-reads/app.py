"""Reads of a chain with and without a named block: reads that name none share one block of the run."""

from opforge import Address, chain, op, workload

workload("chain-reads", version="1.0.0", networks={"devnet": 31337, "mainnet": 1})

WATCHED = [
    Address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    Address("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
]


@op
def compare(extra: Address) -> dict[str, int]:
    here = [chain.balance(address, network="devnet") for address in WATCHED]
    there = chain.balance(extra, network="mainnet")
    settled = chain.block("mainnet", tag="finalized")
    before = chain.balance(extra, at=settled)
    return {
        "here": sum(here),
        "there": there,
        "change": there - before,
        "settled": settled.number,
        "again": chain.balance(extra, network="devnet"),
    }
