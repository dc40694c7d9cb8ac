"""The vesting statement: each kind of schedule at its edges, wallets that paid too much or do not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import RpcError
from opforge.testing import ChainBlock, ChainCall, Scripted, answers

APP = BothWays(ROOT / "corpus/realistic/vesting_schedule/app.py")
app = APP.module
WEI = 10**18
LAUNCH, YEAR, MONTH = app.LAUNCH, app.YEAR, app.MONTH
WALLETS = {grant.holder: grant.wallet for grant in app.GRANTS}


def wallets(now: int = LAUNCH, **released: object) -> Answers:
    """The vesting wallets, which have released so much, or nothing."""

    def make() -> Sequence[Scripted]:
        given: Mapping[str, Any] = {holder: released.get(holder, 0) for holder in WALLETS}
        return [
            answers.block(9, timestamp=now),
            *(
                answers.call(app.VestingWallet.released, {app.TOKEN: given[holder]}, address=wallet)
                for holder, wallet in WALLETS.items()
            ),
        ]

    return make


VESTED = {
    LAUNCH - 1: (0, 0, 0, 0),
    LAUNCH: (0, 0, 0, 4_000),
    LAUNCH + YEAR - 1: (0, 365_000 * 3 // 4 - 1, None, 4_000),
    LAUNCH + YEAR: (300_000, 365_000 * 3 // 4, None, 20_000),
    LAUNCH + 3 * MONTH + YEAR: (375_000, 365_000, None, 20_000),
    LAUNCH + 4 * YEAR: (1_200_000, 365_000, None, 40_000),
}


@pytest.mark.parametrize("at", VESTED)
def test_schedules_vest_as_they_say(at: int) -> None:
    ended = APP.run("statement", at=at, answers=wallets())
    whole = {line.holder: line.vested // WEI for line in ended.result.lines}
    expected = dict(zip(("alice", "bob", "carol", "dan"), VESTED[at], strict=True))
    assert {k: v for k, v in whole.items() if expected[k] is not None} == {
        k: v for k, v in expected.items() if v is not None
    }
    assert ended.result.vested + ended.result.outstanding == app.TOTAL
    assert ended.effects[0] == ChainBlock(tag="finalized", network="arbitrum")


def test_a_revoked_grant_stops() -> None:
    share = (100_000 * WEI + WEI // 10) // 7
    for at, months in ((LAUNCH + 4 * MONTH, 4), (LAUNCH + 6 * MONTH, 5), (LAUNCH + 90 * MONTH, 5)):
        ended = APP.run("statement", at=at, answers=wallets())
        assert ended.result.lines[2].vested == months * share


def test_the_last_month_takes_the_rest() -> None:
    amount = 100_000 * WEI + WEI // 10
    monthly = app.Monthly(start=0, months=7)
    assert app.vested_at(amount, monthly, 7 * MONTH) == amount
    assert app.vested_at(amount, monthly, 7 * MONTH - 1) == amount // 7 * 6


def test_the_block_says_the_time_unless_one_is_given() -> None:
    ended = APP.run("statement", answers=wallets(now=LAUNCH + YEAR))
    assert ended.result.at == LAUNCH + YEAR
    assert ended.lines == ["665,178 of 1,705,000 tokens are vested"]


@pytest.mark.parametrize(
    ("at", "unlock"),
    [
        (LAUNCH - 1, LAUNCH),
        (LAUNCH, LAUNCH + MONTH),
        (LAUNCH + 5 * MONTH, LAUNCH + YEAR),
        (LAUNCH + YEAR, LAUNCH + 2 * YEAR),
        (LAUNCH + 2 * YEAR, None),
    ],
)
def test_the_next_unlock(at: int, unlock: int | None) -> None:
    assert APP.run("statement", at=at, answers=wallets()).result.next_unlock == unlock


def test_a_wallet_that_paid_too_much_is_warned_about() -> None:
    ended = APP.run(
        "statement", at=LAUNCH, answers=wallets(dan=5_000 * WEI, bob=WEI // 1_000, alice=WEI // 1_000 + 1)
    )
    assert [(line.claimable, line.is_over_released) for line in ended.result.lines] == [
        (0, True),
        (-WEI // 1_000, False),
        (0, False),
        (0, True),
    ]
    assert ended.warnings == [
        f"alice was paid {WEI // 1_000 + 1} of 0 vested",
        f"dan was paid {5_000 * WEI} of {4_000 * WEI} vested",
    ]


def test_a_wallet_that_does_not_answer_is_left_open() -> None:
    ended = APP.run("statement", at=LAUNCH, answers=wallets(bob=RpcError, dan=WEI))
    assert [(line.released, line.claimable) for line in ended.result.lines] == [
        (0, 0),
        (None, 0),
        (0, 0),
        (WEI, 3_999 * WEI),
    ]
    assert ended.warnings == ["the wallet of bob cannot be read"]
    assert len([e for e in ended.effects if isinstance(e, ChainCall)]) == 4
