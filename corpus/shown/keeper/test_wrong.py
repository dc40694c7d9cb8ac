from keeper import low
from opforge import Address, testing
from opforge.testing import ChainBlock, LogWarning, answers

HOT = Address("0x" + "a1" * 20)


def test_something_is_not_answered() -> None:
    with testing.host(answers.block(12)):
        low([HOT])


def test_something_else_is_asked() -> None:
    with testing.host(answers.block(12), answers.balance(0)) as h:
        low([HOT])
    assert h.effects == [ChainBlock(tag="latest"), LogWarning("1 of 1 wallets are low")]
