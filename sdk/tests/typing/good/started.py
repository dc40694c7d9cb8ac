"""Triggers keep the type of the function that they stand at."""

from typing import assert_type

from opforge import Address, Block, on, op, record, workload

workload("triggered", version="1.0.0")

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")


@record
class Transfer:
    sender: Address
    receiver: Address
    amount: int


@on.block("mainnet", every=10, missed="skip")
@on.block("base", confirmations=3)
@op(retry=1, concurrency=4, max_iterations=10)
def look(at: Block, floor: int = 10) -> bool:
    return at.number > floor


@op
@on.log("Transfer(address indexed,address indexed,uint256)", address=[USDC], network="mainnet", tag="safe")
@on.log("Transfer(address indexed,address indexed,uint256)", address="any", network="base")
def follow(transfer: Transfer) -> int:
    return transfer.amount


@on.cron("0 8 * * *", timezone="Europe/Berlin", missed="all")
@on.message("clock.ticks")
@on.manual
@on.manual()
@op
def tick(at: int = 0) -> int:
    return at


def use(block: Block) -> None:
    assert_type(look(block), bool)
    assert_type(look(at=block, floor=1), bool)
    assert_type(tick(), int)
    assert_type(follow(Transfer(USDC, USDC, 1)), int)
