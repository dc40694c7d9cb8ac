# mypy: disable-error-code="empty-body"
"""Tests of programs: answers are checked against what the verbs and contract functions return."""

from typing import Any, assert_type

from opforge import (
    Address,
    Block,
    Contract,
    Response,
    Reverted,
    RpcError,
    Timeout,
    chain,
    op,
    testing,
)
from opforge.abi import uint8
from opforge.testing import (
    ANY,
    UNANSWERED,
    ChainBalance,
    ChainBlock,
    ChainCall,
    Effect,
    HttpGet,
    LogWarning,
    ScriptedHost,
    TimeNow,
    answers,
    in_turn,
)

ALICE = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
BLOCK = Block(1, b"", 2, "base")


class Vault(Contract):
    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...

    @chain.view
    def allowance(self, owner: Address, spender: Address) -> int: ...


@op
def total(owners: list[Address], floor: int = 0) -> int:
    return sum([chain.balance(owner, network="base") for owner in owners]) - floor


def respond(effect: Effect[Any]) -> object:
    match effect:
        case ChainBalance(address):
            return 1 if address == ALICE else Timeout
        case HttpGet():
            return testing.response({"price": "2.5"}, status=200, headers={"A": "b"})
        case _:
            return UNANSWERED


def test_total() -> None:
    with testing.host(
        respond,
        answers.block(1),
        answers.block(BLOCK, tag="safe"),
        answers.block(in_turn(1, 2), network="base"),
        answers.block(RpcError),
        answers.balance({ALICE: 5}),
        answers.balance({ALICE: Timeout}, network="base", at=BLOCK),
        answers.balance({ALICE: in_turn(1, Timeout, 2)}),
        answers.balance(lambda owner: 5 if owner == ALICE else UNANSWERED),
        answers.balance(7),
        answers.call(Vault.decimals, 6),
        answers.call(Vault.decimals, Reverted("paused"), address=ALICE),
        answers.call(Vault.balanceOf, {ALICE: 5}),
        answers.call(Vault.balanceOf, {ALICE: Reverted("paused")}),
        answers.call(Vault.balanceOf, lambda owner: 5 if owner == ALICE else Reverted("paused")),
        answers.call(Vault.allowance, {(ALICE, ALICE): 5}),
        answers.call(Vault.allowance, lambda owner, spender: int(owner == spender)),
        answers.http_get({"https://a.example/": testing.response("a")}),
        answers.http_get(lambda url: testing.response(url, status=404)),
        answers.http_post(lambda url, body: testing.response(url + body)),
        answers.time(in_turn(1, 2)),
        answers.random(lambda low, high: low + high),
        answers.when(ChainBalance(ALICE), 5),
        answers.when(ChainCall.of(Vault.balanceOf, ALICE, at=BLOCK), 5),
        answers.when(TimeNow(), in_turn(1, 2)),
    ) as h:
        assert_type(h, ScriptedHost)
        assert_type(h.run(total, [ALICE], floor=1), int)
        assert_type(h.effects, list[Effect[Any]])
        assert_type(h.get_effects(LogWarning), list[LogWarning])
        assert_type(h.get_effects(LogWarning)[0].message, str)
        assert_type(h.get_effects(ChainCall), list[ChainCall[Any]])
        h.answer(answers.time(1))
        h.assert_effects(ChainBlock(tag="latest"), ChainBalance, ChainCall.any_of(Vault.allowance), TimeNow())
        h.assert_all_used()
    with h.in_place():
        total([ALICE])
    assert h.effects == [ChainBalance(ALICE, at=ANY)]
    run = testing.run(total, [ALICE], answers=[answers.block(1)])
    assert_type(run.result, int)
    assert_type(run.effects, list[Effect[Any]])
    assert_type(testing.response("a"), Response)


def test_with_the_fixture(forge_host: ScriptedHost) -> None:
    forge_host.answer(answers.time(1))
