import pytest

from keeper import low
from opforge import Address, Timeout, testing
from opforge.testing import ChainBalance, ChainBlock, LogWarning, ScriptedHost, answers
from opforge.units import ether

HOT = Address("0x" + "a1" * 20)
COLD = Address("0x" + "c0" * 20)


def test_a_low_wallet_is_found() -> None:
    with testing.host(answers.block(12), answers.balance({HOT: ether("0.1"), COLD: ether(2)})) as h:
        assert low([HOT, COLD]) == [HOT]
    h.assert_effects(ChainBlock(tag="finalized"), ChainBalance(HOT), ChainBalance(COLD), LogWarning)
    assert h.get_effects(LogWarning)[0].message == "1 of 2 wallets are low"


def test_a_node_that_does_not_answer_ends_the_op(forge_host: ScriptedHost) -> None:
    forge_host.answer(answers.block(12), answers.balance({HOT: Timeout}))
    with pytest.raises(Timeout):
        low([HOT, COLD])
