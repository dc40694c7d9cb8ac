"""The tokens that the portfolio reads, and the part of ERC-20 (EIP-20) that it needs."""

from opforge import Address, Contract, chain
from opforge.abi import uint8

TOKENS = [
    Address("0x5FbDB2315678afecb367f032d93F642f64180aa3"),
    Address("0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"),
    Address("0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0"),
]


class ERC20(Contract):
    @chain.view
    def symbol(self) -> str: ...

    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...
