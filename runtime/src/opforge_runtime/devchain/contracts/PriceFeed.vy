# pragma version ~=0.4.3
# pragma evm-version cancun
"""
@title A price feed for the development chain
@notice Holds one answer, which its deployer may change; the answer is scaled by 10 to the power of `decimals`.
"""

event AnswerUpdated:
    current: indexed(int256)
    updatedAt: uint256

owner: public(immutable(address))
decimals: public(immutable(uint8))
description: public(String[32])
latestAnswer: public(int256)
latestTimestamp: public(uint256)


@deploy
def __init__(description: String[32], decimals_: uint8, answer: int256):
    owner = msg.sender
    decimals = decimals_
    self.description = description
    self._publish(answer)


@external
def setAnswer(answer: int256):
    assert msg.sender == owner, "only the owner may set the answer"
    self._publish(answer)


@internal
def _publish(answer: int256):
    self.latestAnswer = answer
    self.latestTimestamp = block.timestamp
    log AnswerUpdated(current=answer, updatedAt=block.timestamp)
