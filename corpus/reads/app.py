"""Chain reads: a block of the author's, a block of the front end's, several networks and contracts."""

from opforge import Address, Block, Contract, chain, op, record, workload
from opforge.abi import bytes32, uint8, uint112
from opforge.units import ether, gwei, hours

workload("reads", version="2.1", networks={"devnet": 31337})

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
NETWORKS = ["mainnet", "base"]
DUST = gwei(3) + ether("0.000001")


class ERC20(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...

    @chain.view
    def decimals(self) -> uint8: ...


class Pool(Contract):
    @chain.view
    def reserve(self, index: uint8, key: bytes32) -> uint112: ...


@record
class Line:
    network: str
    wei: int
    tokens: int


def age(at: Block, now: int) -> int:
    return (now - at.timestamp) // hours(1)


def line_of(owner: Address, at: Block) -> Line:
    wei = chain.balance(owner, at=at)
    return Line(network=at.network, wei=wei, tokens=ERC20(USDC).balanceOf(owner, at=at))


@op(retry=2, timeout="30s")
def everywhere(owner: Address) -> list[Line]:
    blocks = [chain.block(network, tag="finalized") for network in NETWORKS]
    lines = [line_of(owner, at) for at in blocks]
    return [line for line in lines if line.wei > DUST]


@op
def here(owners: list[Address], pool: Address) -> int:
    token = ERC20(USDC, network="mainnet")
    total = sum(token.balanceOf(owner) for owner in owners) // 10 ** token.decimals()
    reserve = Pool(pool).reserve(1, b"\x01" * 32, at=chain.block("devnet", tag="latest"))
    wei = [chain.balance(owner, network="devnet") for owner in owners if chain.balance(owner) > DUST]
    return total + reserve + len(wei)
