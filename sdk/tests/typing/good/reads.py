# mypy: disable-error-code="empty-body"
"""What authors write about reads, records and ops, with the types that their editor shows."""

from decimal import Decimal
from typing import assert_type

from opforge import (
    Address,
    Block,
    Contract,
    EffectError,
    Fail,
    Response,
    Reverted,
    chain,
    http,
    log,
    op,
    random,
    record,
    time,
    workload,
)
from opforge.abi import bytes32, int256, uint8
from opforge.units import ether, minutes

workload("typed", version="1.0.0", networks={"devnet": 31337}, decimal_precision=40)

TREASURY = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
FLOOR = ether("0.5")
assert_type(FLOOR, int)
assert_type(minutes(2), int)


class Token(Contract):
    @chain.view
    def symbol(self) -> str: ...

    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def root(self, slot: bytes32, shift: int256) -> bytes32: ...

    @chain.view
    def allowance(self, owner: Address, spender: Address) -> int: ...


@record
class Wallet:
    address: Address
    label: str = "unnamed"


assert_type(Wallet(TREASURY), Wallet)
assert_type(Wallet(address=TREASURY, label="hot").label, str)


@op
def bare(wallets: list[Wallet], floor: int = FLOOR) -> list[str]:
    """An op without options."""
    at = chain.block()
    assert_type(at, Block)
    assert_type(at.hash, bytes)
    low = [wallet for wallet in wallets if chain.balance(wallet.address, at=at) < floor]
    log.info(f"{len(low)} of {len(wallets)} are low")
    return [wallet.label for wallet in low]


@op(retry=3, timeout="2m", tags=("daily", "reads"))
def configured(owner: Address, *, pair: str = "A-B") -> Decimal:
    token = Token(TREASURY, network="devnet")
    assert_type(token.address, Address)
    assert_type(token.symbol(), str)
    assert_type(token.decimals(at=chain.block("devnet", tag="safe")), int)
    assert_type(token.root(b"slot", -1), bytes)
    assert_type(token.allowance(owner, TREASURY), int)
    response = http.get("https://quotes.example", headers={"accept": "application/json"})
    assert_type(response, Response)
    prices: dict[str, Decimal] = response.json()
    if pair not in prices:
        raise Fail(f"no price of {pair} for {owner}")
    return prices[pair] + random.integer(0, 1) + time.now()


assert_type(bare([Wallet(TREASURY)]), list[str])
assert_type(bare(wallets=[], floor=1), list[str])
assert_type(configured(TREASURY, pair="B-C"), Decimal)

failure: EffectError = Reverted("it reverted")
names: dict[Address, str] = {TREASURY: "treasury"}
