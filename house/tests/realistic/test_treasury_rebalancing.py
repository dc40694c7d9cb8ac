"""The treasury plan: balanced, drifted, with stale or broken prices, and empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Fail, Reverted
from opforge.testing import ChainBlock, Scripted, answers

APP = BothWays(ROOT / "corpus/realistic/treasury_rebalancing/app.py")
app = APP.module
PLACES = {"USDC": 6, "WETH": 18, "WBTC": 8}
PRICES = {"USDC": 100_000_000, "WETH": 250_000_000_000, "WBTC": 6_000_000_000_000}
NOW = 1_700_000_000


def treasury(amounts: Mapping[str, str], prices: Mapping[str, int] = PRICES, age: int = 600) -> Answers:
    """A treasury that holds these amounts, at prices with 8 decimals."""

    def make() -> Sequence[Scripted]:
        made: list[Scripted] = [answers.block(19_000_000, timestamp=NOW)]
        for asset in app.ASSETS:
            raw = int(Decimal(amounts[asset.symbol]).scaleb(PLACES[asset.symbol]))
            made += [
                answers.call(app.ERC20.balanceOf, {app.TREASURY: raw}, address=asset.token),
                answers.call(app.ERC20.decimals, PLACES[asset.symbol], address=asset.token),
                answers.call(app.PriceFeed.latestAnswer, prices[asset.symbol], address=asset.feed),
                answers.call(app.PriceFeed.latestTimestamp, NOW - age, address=asset.feed),
                answers.call(app.PriceFeed.decimals, 8, address=asset.feed),
            ]
        return made

    return make


def test_a_balanced_treasury_is_left_alone() -> None:
    ended = APP.run("plan", answers=treasury({"USDC": "500000", "WETH": "140", "WBTC": "2.5"}))
    plan = ended.result
    assert (plan.total, plan.trades, plan.left_over) == (Decimal("1000000.00"), [], {})
    assert [position.action for position in plan.positions] == [app.Action.HOLD] * 3
    assert ended.effects[0] == ChainBlock(tag="finalized", network="mainnet")
    assert len(ended.effects) == 1 + 3 * 5 + 3
    assert ended.lines[1] == "WETH        350,000.00 USD   35.00%  +0.00%  hold"
    assert ended.warnings == []


def test_the_largest_surplus_pays_for_the_largest_shortfall() -> None:
    ended = APP.run("plan", answers=treasury({"USDC": "200000", "WETH": "280", "WBTC": "1.666666"}))
    plan = ended.result
    assert plan.total == Decimal("999999.96")
    assert plan.trades == [
        app.Trade("WETH", "USDC", Decimal("299999.98")),
        app.Trade("WETH", "WBTC", Decimal("50000.03")),
    ]
    assert all(0 < abs(gap) < Decimal("0.02") for gap in plan.left_over.values())
    assert sum(plan.left_over.values()) == 0
    assert [position.action for position in plan.positions] == [
        app.Action.TOP_UP,
        app.Action.TRIM,
        app.Action.TOP_UP,
    ]
    assert ended.warnings == [
        "1. sell 299,999.98 USD of WETH for USDC",
        "2. sell 50,000.03 USD of WETH for WBTC",
    ]


def test_a_wider_limit_leaves_the_drift() -> None:
    amounts = {"USDC": "550000", "WETH": "120", "WBTC": "2.5"}
    assert len(APP.run("plan", answers=treasury(amounts)).result.trades) == 1
    wide = APP.run("plan", answers=treasury(amounts), drift_limit=Decimal("0.051"))
    assert wide.result.trades == []


def test_gaps_below_the_smallest_trade_are_left() -> None:
    ended = APP.run(
        "plan", answers=treasury({"USDC": "4000", "WETH": "4.8", "WBTC": "0.1"}), drift_limit=Decimal(0)
    )
    assert ended.result.trades == []
    assert sum(ended.result.left_over.values()) == 0


@pytest.mark.parametrize(
    ("prices", "age", "message"),
    [
        (PRICES, 5_401, "the price of USDC is 90 minutes old"),
        ({**PRICES, "WETH": 0}, 0, "the feed of WETH answers 0"),
        ({**PRICES, "WBTC": -5}, 0, "the feed of WBTC answers -5"),
    ],
)
def test_prices_that_cannot_be_used_end_the_run(prices: Mapping[str, int], age: int, message: str) -> None:
    with pytest.raises(Fail, match=rf"^{message}$"):
        APP.run("plan", answers=treasury(dict.fromkeys(PLACES, "1"), prices, age))


def test_an_empty_treasury_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^the treasury is empty$"):
        APP.run("plan", answers=treasury(dict.fromkeys(PLACES, "0")))


def test_a_feed_that_reverts_ends_the_run() -> None:
    def make() -> Sequence[Scripted]:
        reverting = answers.call(
            app.PriceFeed.latestAnswer, Reverted("No data present"), address=app.ASSETS[1].feed
        )
        return [reverting, *treasury(dict.fromkeys(PLACES, "1"))()]

    with pytest.raises(Reverted, match="No data present"):
        APP.run("plan", answers=make)
