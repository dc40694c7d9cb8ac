"""The bridge reconciliation: messages in every state, gaps, an indexer in trouble, a supply that is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Fail, HttpError, Reverted, RpcError, Timeout
from opforge.testing import ChainCall, HttpGet, Scripted, answers, in_turn, response

APP = BothWays(ROOT / "corpus/realistic/bridge_reconciliation/app.py")
app = APP.module
NOW = 1_700_000_000
USDC = 10**6
EMPTY = bytes(32)
SENDER = "0x2bd806c97f0e00af1a1fc3328fa763a9269723c8"


def digest(number: int) -> bytes:
    return number.to_bytes(32, "big")


def deposit(nonce: int, amount: int, age: int = 0) -> dict[str, Any]:
    return {"nonce": nonce, "sender": SENDER, "amount": amount * USDC, "at": NOW - age}


def bridge(
    deposits: Sequence[Mapping[str, Any]],
    *,
    last: int,
    sent: Mapping[int, bytes] | None = None,
    delivered: Mapping[int, bytes] | None = None,
    locked: int = 0,
    minted: object = 0,
    indexer: object = None,
) -> Answers:
    def make() -> Sequence[Scripted]:
        listing: Any = indexer() if callable(indexer) else indexer or response(list(deposits))
        hashes = {nonce: digest(nonce) for nonce in range(1, last + 1)}
        supply: Any = minted * USDC if isinstance(minted, int) else minted
        return [
            answers.block(10, network="mainnet", tag="finalized", timestamp=NOW),
            answers.block(20, network="base", tag="safe"),
            answers.call(app.HomeBridge.nonce, last),
            answers.call(app.HomeBridge.messageHash, {**hashes, **(sent or {})}),
            answers.call(app.AwayBridge.deliveredHash, {**hashes, **(delivered or {})}),
            answers.call(app.Token.balanceOf, {app.HOME_BRIDGE: locked * USDC}),
            answers.call(app.Token.totalSupply, supply),
            answers.http_get(listing),
        ]

    return make


def test_both_sides_agree() -> None:
    ended = APP.run(
        "reconcile", answers=bridge([deposit(2, 30), deposit(1, 70)], last=2, locked=100, minted=100)
    )
    assert ended.result == app.Reconciliation(
        home_block=10,
        away_block=20,
        locked=Decimal(100),
        minted=Decimal(100),
        in_flight=Decimal(0),
        unexplained=Decimal(0),
        counts={app.State.DELIVERED: 2},
        findings=[],
        gaps=[],
    )
    assert (ended.lines, ended.warnings) == (["no message was altered"], [])
    calls = [effect for effect in ended.effects if isinstance(effect, ChainCall)]
    assert {call.network for call in calls} == {"mainnet", "base"}


def test_messages_in_every_state() -> None:
    deposits = [
        deposit(1, 5),
        deposit(2, 10, age=60),
        deposit(3, 20, age=6 * 3600 + 1),
        deposit(4, 40),
        deposit(5, 80),
    ]
    ended = APP.run(
        "reconcile",
        answers=bridge(
            deposits,
            last=5,
            sent={4: EMPTY, 2: digest(2)},
            delivered={2: EMPTY, 3: EMPTY, 5: digest(99)},
            locked=155,
            minted=125,
        ),
    )
    state = app.State
    assert ended.result.counts == {
        state.DELIVERED: 1,
        state.WAITING: 1,
        state.LATE: 1,
        state.UNKNOWN: 1,
        state.ALTERED: 1,
    }
    assert ended.result.findings == [
        app.Finding(5, state.ALTERED, 80 * USDC),
        app.Finding(4, state.UNKNOWN, 40 * USDC),
        app.Finding(3, state.LATE, 20 * USDC),
    ]
    assert (ended.result.in_flight, ended.result.unexplained) == (Decimal(30), Decimal(0))
    assert ended.warnings == ["message 5 was delivered with other contents than were sent"]
    assert ended.lines == []


def test_gaps_and_strangers_in_the_index() -> None:
    deposits = [deposit(nonce, 1) for nonce in (3, 4, 7, 1, 12)]
    ended = APP.run("reconcile", first=2, answers=bridge(deposits, last=9, locked=3, minted=3))
    assert ended.result.gaps == [(2, 2), (5, 6), (8, 9)]
    assert ended.result.counts == {app.State.DELIVERED: 3}


def test_more_minted_than_locked() -> None:
    ended = APP.run("reconcile", answers=bridge([deposit(1, 1)], last=1, locked=1, minted=12_346))
    assert ended.result.unexplained == Decimal(-12_345)
    assert ended.warnings == ["12,345.00 more are minted than locked"]


def test_a_long_history_is_cut() -> None:
    ended = APP.run("reconcile", answers=bridge([], last=1_000))
    assert ended.warnings == ["only the latest 200 of 1000 messages are compared"]
    assert ended.result.gaps == [(801, 1_000)]
    assert [e.url for e in ended.effects if isinstance(e, HttpGet)] == [
        "https://indexer.example.net/api/deposits?from=801&to=1000"
    ]


def test_a_slow_indexer_is_asked_again() -> None:
    listing = response([deposit(1, 1)])
    ended = APP.run(
        "reconcile",
        answers=bridge(
            [], last=1, locked=1, minted=1, indexer=lambda: in_turn(Timeout, response(status=503), listing)
        ),
    )
    assert ended.lines == ["the indexer took too long (1 of 3)", "no message was altered"]
    assert len([effect for effect in ended.effects if isinstance(effect, HttpGet)]) == 3


@pytest.mark.parametrize(
    ("indexer", "message"),
    [
        (response(status=429), "the indexer did not answer 3 times"),
        (response(status=400), "the indexer answered 400"),
        (Timeout, "the indexer did not answer 3 times"),
    ],
)
def test_an_indexer_that_does_not_answer_ends_the_run(indexer: object, message: str) -> None:
    with pytest.raises(Fail, match=rf"^{message}$"):
        APP.run("reconcile", answers=bridge([], last=1, indexer=lambda: indexer))


def test_an_indexer_that_is_away_ends_the_run() -> None:
    with pytest.raises(HttpError):
        APP.run("reconcile", answers=bridge([], last=1, indexer=lambda: HttpError))


@pytest.mark.parametrize("failure", [RpcError, Reverted("no code")])
def test_a_supply_that_cannot_be_read_ends_the_run(failure: object) -> None:
    with pytest.raises(Fail, match=r"^the supply on base cannot be read$"):
        APP.run("reconcile", answers=bridge([], last=0, minted=failure))


def test_nonces_begin_with_one() -> None:
    with pytest.raises(Fail, match=r"^nonces begin with 1$"):
        APP.run("reconcile", first=0)
