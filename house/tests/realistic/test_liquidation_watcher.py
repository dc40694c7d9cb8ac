"""The liquidation watcher: healthy and endangered borrowers, ones that cannot be read, alerts that fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Address, HttpError, Reverted, RpcError
from opforge.testing import HttpPost, Scripted, answers, response

APP = BothWays(ROOT / "corpus/realistic/liquidation_watcher/app.py")
app = APP.module
ALICE, BOB, CAROL, DAN = (Address("0x" + digit * 40) for digit in "1234")
FEED_PRICES = {"WETH": 2_000 * 10**8, "WBTC": 50_000 * 10**8, "COMP": 50 * 10**8}


def market(
    debts: Mapping[Address, object],
    weth: Mapping[Address, int],
    *,
    liquidatable: Sequence[Address] = (),
    alert: object = response(),
) -> Answers:
    """Borrowers with so many dollars of debt and so many thousandths of an ether behind it."""
    symbols = {each.token: each.symbol for each in app.COLLATERALS}
    feeds = {each.feed: FEED_PRICES[each.symbol] for each in app.COLLATERALS}

    def find_collateral(account: Address, token: Address) -> int:
        return weth.get(account, 0) * 10**15 if symbols[token] == "WETH" else 0

    def make() -> Sequence[Scripted]:
        given: Any = alert
        table: Any = {a: d * 10**6 if isinstance(d, int) else d for a, d in debts.items()}
        return [
            answers.block(500),
            answers.call(app.Market.borrowBalanceOf, table),
            answers.call(app.Market.collateralBalanceOf, find_collateral),
            answers.call(app.Market.getPrice, feeds),
            answers.call(app.Market.isLiquidatable, {account: account in liquidatable for account in debts}),
            answers.http_post(given),
        ]

    return make


def test_borrowers_are_graded_and_the_endangered_reported() -> None:
    ended = APP.run(
        "watch",
        accounts=[ALICE, BOB, CAROL, DAN, BOB],
        answers=market(
            {ALICE: 1_000, BOB: 1_500, CAROL: 1_750, DAN: 0},
            {ALICE: 1_000, BOB: 1_000, CAROL: 1_000},
            liquidatable=[],
        ),
    )
    summary = ended.result
    assert summary.debt == Decimal(4_250)
    assert summary.by_risk == {"high": 1, "watch": 1, "none": 2}
    assert [(position.account, position.risk) for position in summary.worst] == [
        (CAROL, app.Risk.HIGH),
        (BOB, app.Risk.WATCH),
    ]
    assert summary.worst[1].health == Decimal("1.2")
    body = f'{{"account": "{CAROL}", "health": "1.0286", "risk": 2}}'
    headers = {"content-type": "application/json"}
    posts = [effect for effect in ended.effects if isinstance(effect, HttpPost)]
    assert posts == [HttpPost("https://alerts.example.org/liquidations", body, headers)]
    assert ended.lines == [f"{CAROL} is HIGH at 1.03"]


def test_a_borrower_without_debt_is_never_in_danger() -> None:
    ended = APP.run(
        "inspect", account=DAN, at=app.Block(1, bytes(32), 5, "mainnet"), answers=market({DAN: 0}, {})
    )
    assert ended.result == app.Position(DAN, Decimal(0), Decimal(0), Decimal("Infinity"), app.Risk.NONE)


def test_the_market_has_the_last_word() -> None:
    ended = APP.run(
        "watch",
        accounts=[ALICE],
        answers=market({ALICE: 10}, {ALICE: 5_000}, liquidatable=[ALICE], alert=response(status=503)),
    )
    assert ended.result.by_risk == {"liquidatable": 1}
    assert ended.warnings == ["the alert service answered 503"]
    assert ended.lines == [f"{ALICE} is LIQUIDATABLE at 900.00"]


def test_an_alert_that_fails_does_not_stop_the_watch() -> None:
    ended = APP.run(
        "watch",
        accounts=[ALICE, BOB],
        worst=1,
        answers=market({ALICE: 2_000, BOB: 3_000}, {ALICE: 1_000, BOB: 1_000}, alert=HttpError),
    )
    assert ended.warnings == [f"nobody could be told about {who}" for who in (BOB, ALICE)]
    assert [position.account for position in ended.result.worst] == [BOB]


def test_borrowers_that_cannot_be_read_are_listed() -> None:
    ended = APP.run(
        "watch",
        accounts=[ALICE, BOB, CAROL],
        answers=market({ALICE: Reverted("paused"), BOB: RpcError, CAROL: 1}, {CAROL: 1_000}),
    )
    assert ended.result.unreadable == [
        app.Unreadable(ALICE, "reverted: paused"),
        app.Unreadable(BOB, "the node did not answer"),
    ]
    assert ended.result.by_risk == {"none": 1}
    assert ended.warnings == []


def test_nothing_read_at_all_is_warned_about() -> None:
    ended = APP.run("watch", accounts=[ALICE], answers=market({ALICE: RpcError}, {}))
    assert ended.warnings == ["no borrower could be read"]
    assert (ended.result.debt, ended.result.worst) == (Decimal(0), [])


def test_an_op_that_is_run_by_itself_fails_as_such() -> None:
    block = app.Block(1, bytes(32), 5, "mainnet")
    with pytest.raises(Reverted):
        APP.run("inspect", account=ALICE, at=block, answers=market({ALICE: Reverted("paused")}, {}))
