"""The contracts that are read."""

from opforge import Address, Contract, chain


class ERC20(Contract):
    """The part of EIP-20 that is needed."""

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...
