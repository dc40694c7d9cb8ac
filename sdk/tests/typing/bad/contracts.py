# mypy: disable-error-code="empty-body"
"""The arguments of contract functions are those that the contract class declares."""

from opforge import Address, Block, Contract, chain

OWNER = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")


class Token(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...


token = Token(OWNER)
token.balanceOf()  # error
token.balanceOf(OWNER, OWNER)  # error
token.balanceOf("0x00")  # error
token.balanceOf(OWNER, at=7)  # error
token.balanceOf(OWNER, block=None)  # error
label: str = token.balanceOf(OWNER)  # error
token.transfer(OWNER)  # error
Token(OWNER, "mainnet")  # error
Token(OWNER, chain="mainnet")  # error
block: Block = Token(OWNER)  # error
