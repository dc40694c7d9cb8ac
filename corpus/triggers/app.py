"""Ops that blocks, logs, the clock, messages and people start."""

from opforge import Address, Block, chain, log, on, op, record, workload

workload("triggers", version="1.0.0", networks={"base": 8453, "devnet": 31337})

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
DAI = Address("0x6B175474E89094C44Da98b954EedeAC495271d0F")
HOUR = "0 * * * *"


@record
class Transfer:
    sender: Address
    receiver: Address
    amount: int


@record
class Named:
    hashed: bytes
    text: str
    parts: list[int]


@record
class Order:
    id: str
    amount: int


@on.block("mainnet", every=100)
@on.block("devnet", tag="latest", missed="skip")
@on.block(network="base", confirmations=12, missed="all")
@op
def look(at: Block, floor: int = 10) -> bool:
    return chain.balance(USDC, at=at) < floor


@op
@on.log("Transfer(address indexed, address indexed, uint256)", address=[USDC, DAI], network="mainnet")
@on.log(
    "event Transfer(address indexed from, address indexed to, uint value);",
    address="any",
    network="base",
    tag="safe",
    missed="skip",
)
def follow(transfer: Transfer, block: Block, token: Address, transaction: bytes) -> None:
    log.info(f"{token}: {transfer.amount} at {block.number} in {transaction.hex()}")


@op
@on.log("Named(string indexed,string,uint[])", address=USDC, network="mainnet", confirmations=3)
@on.log("Ping()", address=USDC, network="mainnet")
@on.manual
def named(value: Named | None = None) -> bool:
    return value is None


@on.cron(HOUR, missed="skip")
@on.cron("30  8 1,15 jan-jun/2 Mon-Fri", timezone="Europe/Berlin", missed="all")
@op(tags=["clock"])
def tick(at: int) -> int:
    return at // 3600


@on.message("orders.created")
@op
def take(order: Order) -> int:
    return order.amount


@on.message("orders.notes")
@on.manual()
@op
def note(text: str) -> str:
    return text
