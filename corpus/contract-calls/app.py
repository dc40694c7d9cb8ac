"""View functions of contracts: known and unknown addresses, ABI types."""

from opforge import Address, Contract, chain, op, record, workload
from opforge.abi import bytes32, uint8, uint112

workload("contract-calls", version="1.0.0", networks={"devnet": 31337})


class Token(Contract):
    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...


class Pair(Contract):
    @chain.view
    def token0(self) -> Address: ...

    @chain.view
    def reserves(self) -> list[uint112]: ...

    @chain.view
    def hasRole(self, role: bytes32, account: Address) -> bool: ...


PAIR = Address("0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9")
TOKENS = {
    "first": Address("0x5FbDB2315678afecb367f032d93F642f64180aa3"),
    "second": Address("0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"),
}
ROLE = b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10 sixteen octets."


@record
class State:
    reserve: int
    token: Address
    scaled: list[int]
    allowed: bool


@op
def read(owner: Address) -> State:
    at = chain.block("devnet", tag="safe")
    pair = Pair(PAIR)
    reserves = pair.reserves(at=at)
    token = pair.token0(at=at)
    scaled = [
        Token(address).balanceOf(owner, at=at) // 10 ** Token(address).decimals(at=at)
        for address in TOKENS.values()
    ]
    held = Token(token).balanceOf(PAIR, at=at)
    return State(
        reserve=min(reserves[0], held),
        token=token,
        scaled=scaled,
        allowed=pair.hasRole(ROLE, owner, at=at),
    )
