"""The balances of several networks: totals, shares, single networks, and one that is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Address, Fail, RpcError
from opforge.testing import ChainBalance, ChainBlock, ChainCall, Scripted, answers

APP = BothWays(ROOT / "corpus/realistic/multi_network_balances/app.py")
app = APP.module
ETH, USDC = 10**18, 10**6
VAULT, OPERATIONS = app.HOLDERS["vault"], app.HOLDERS["operations"]
NUMBERS = {"mainnet": 100, "base": 200, "arbitrum": 300, "optimism": 400}


def networks(
    native: Mapping[tuple[str, Address], int], tokens: Mapping[tuple[str, str, Address], int]
) -> Answers:
    """What the holders have: in wei by network, and in raw units by network and symbol."""

    def make() -> Sequence[Scripted]:
        made: list[Scripted] = []
        for name, number in NUMBERS.items():
            made.append(answers.block(number, network=name))
            made.append(
                answers.balance(
                    {who: native.get((name, who), 0) for who in app.HOLDERS.values()}, network=name
                )
            )
            made += [
                answers.call(
                    app.ERC20.balanceOf,
                    {who: tokens.get((name, token.symbol, who), 0) for who in app.HOLDERS.values()},
                    address=token.address,
                    network=name,
                )
                for token in app.tokens_on(name)
            ]
        return made

    return make


NATIVE = {("mainnet", VAULT): 10 * ETH, ("base", OPERATIONS): ETH // 2, ("optimism", VAULT): 1}
TOKENS = {
    ("mainnet", "USDC", VAULT): 1_000_000 * USDC,
    ("mainnet", "WETH", OPERATIONS): 2 * ETH,
    ("base", "WETH", VAULT): 3 * ETH // 2,
    ("base", "USDC", VAULT): 750_000 * USDC,
    ("arbitrum", "USDC", VAULT): 5,
}


def test_totals_by_asset_and_network() -> None:
    ended = APP.run("balances", answers=networks(NATIVE, TOKENS))
    report = ended.result
    assert [each.network for each in report.networks] == list(NUMBERS)
    assert [each.block for each in report.networks] == list(NUMBERS.values())
    assert report.networks[1].holdings == [
        app.Holding("operations", "ETH", Decimal("0.5")),
        app.Holding("vault", "USDC", Decimal(750_000)),
        app.Holding("vault", "WETH", Decimal("1.5")),
    ]
    assert list(report.totals) == ["ETH", "USDC"]
    assert report.totals["ETH"] == Decimal("14.000000000000000001")
    assert report.totals["USDC"] == Decimal("1750000.000005")
    assert report.by_network["ETH"] == {
        "mainnet": Decimal(12),
        "base": Decimal(2),
        "optimism": Decimal("0.000000000000000001"),
    }
    assert report.largest == {"ETH": "mainnet", "USDC": "mainnet"}
    assert report.rollup_share == {"ETH": Decimal("14.3"), "USDC": Decimal("42.9")}
    assert ended.warnings == report.warnings == ["42.9 % of 1,750,000.00 USDC lie on rollups"]
    assert ended.lines == [
        f"{'14.0000 ETH':>30}, most of it on mainnet",
        f"{'1,750,000.0000 USDC':>30}, most of it on mainnet",
    ]


def test_every_read_is_at_the_block_of_its_network() -> None:
    ended = APP.run("balances", answers=networks(NATIVE, TOKENS))
    blocks = [effect for effect in ended.effects if isinstance(effect, ChainBlock)]
    assert blocks == [ChainBlock("finalized", name) for name in NUMBERS]
    reads = [e for e in ended.effects if isinstance(e, ChainBalance | ChainCall)]
    assert len(reads) == 3 * 4 + 3 * 6
    assert all((read.at.number, read.at.network) == (NUMBERS[read.network], read.network) for read in reads)


def test_only_the_networks_that_are_named_are_read() -> None:
    ended = APP.run("balances", only=["base"], answers=networks(NATIVE, TOKENS))
    assert [each.network for each in ended.result.networks] == ["base"]
    assert ended.result.rollup_share == {"ETH": Decimal("100.0"), "USDC": Decimal("100.0")}
    assert len(ended.warnings) == 2


def test_nothing_at_all_is_warned_about() -> None:
    ended = APP.run("balances", answers=networks({}, {}))
    assert ended.result.totals == {}
    assert ended.warnings == ["nothing was found at all"]


def test_an_empty_choice_is_no_network() -> None:
    ended = APP.run("balances", only=[])
    assert (ended.result.networks, ended.warnings) == ([], ["nothing was found at all"])


def test_an_unknown_network_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^solana is none of arbitrum, base, mainnet, optimism$"):
        APP.run("balances", only=["base", "solana"])


def test_a_network_that_is_away_ends_the_run() -> None:
    with pytest.raises(RpcError):
        APP.run(
            "balances",
            answers=lambda: [answers.block(RpcError, network="arbitrum"), *networks(NATIVE, TOKENS)()],
        )
