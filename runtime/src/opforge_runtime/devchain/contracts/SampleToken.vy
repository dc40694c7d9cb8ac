# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title A plain ERC-20 token for the development chain
@notice EIP-20 with a fixed supply, dealt out to the given holders at deployment. Not for real value.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

MAX_HOLDERS: constant(uint256) = 32

name: public(String[32])
symbol: public(String[8])
decimals: public(uint8)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__(
    name: String[32],
    symbol: String[8],
    decimals: uint8,
    holders: DynArray[address, MAX_HOLDERS],
    amounts: DynArray[uint256, MAX_HOLDERS],
):
    assert len(holders) == len(amounts), "one amount per holder"
    self.name = name
    self.symbol = symbol
    self.decimals = decimals
    for index: uint256 in range(len(holders), bound=MAX_HOLDERS):
        self.balanceOf[holders[index]] += amounts[index]
        self.totalSupply += amounts[index]
        log Transfer(sender=empty(address), receiver=holders[index], value=amounts[index])


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    allowed: uint256 = self.allowance[owner][msg.sender]
    assert allowed >= amount, "the allowance is too small"
    self.allowance[owner][msg.sender] = allowed - amount
    self._move(owner, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@internal
def _move(sender: address, receiver: address, amount: uint256):
    held: uint256 = self.balanceOf[sender]
    assert held >= amount, "the balance is too small"
    self.balanceOf[sender] = held - amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, value=amount)
