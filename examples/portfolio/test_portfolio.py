"""The portfolio example: as plain Python, and held to the balances of the development chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from opforge import Address, testing
from opforge.testing import ChainBalance, ChainCall, LogInfo, answers, load_cases
from opforge_runtime.devchain.sample import NATIVE_BALANCES, TOKEN_BALANCES, TOKENS

HERE = Path(__file__).parent
PROGRAM = HERE / "portfolio.py"
WALLETS = HERE / "wallets.json"
DECIMALS = {"ETH": 18, **{token.symbol: token.decimals for token in TOKENS}}


def holdings(address: str) -> dict[str, Decimal]:
    """What a wallet holds, in whole tokens."""
    smallest_units = {symbol: of.get(address, 0) for symbol, of in TOKEN_BALANCES.items()}
    return {
        symbol: Decimal(amount).scaleb(-DECIMALS[symbol])
        for symbol, amount in {"ETH": NATIVE_BALANCES[address], **smallest_units}.items()
    }


def test_the_committed_ir_is_what_the_program_compiles_to(assert_reviewed: Callable[[Path], None]) -> None:
    assert_reviewed(PROGRAM)


def test_the_report_is_what_the_chain_holds(record: Callable[..., Any]) -> None:
    recorded = record(PROGRAM, "--input", f"@{WALLETS}")
    wallets = json.loads(WALLETS.read_text(encoding="utf-8"))["wallets"]
    held = {wallet["label"]: holdings(wallet["address"].lower()) for wallet in wallets}
    totals = {symbol: sum(of[symbol] for of in held.values()) for symbol in DECIMALS}

    assert recorded.output["type"] == "Report"
    report = recorded.output["value"]
    assert {
        position["label"]: {each["symbol"]: Decimal(each["amount"]) for each in position["holdings"]}
        for position in report["positions"]
    } == {label: {symbol: n for symbol, n in of.items() if n} for label, of in held.items()}
    assert [position["address"] for position in report["positions"]] == [
        wallet["address"].lower() for wallet in wallets
    ]
    assert {each["symbol"]: Decimal(each["amount"]) for each in report["totals"]} == totals
    assert report["lines"] == [f"{symbol:<6} {total:>24,.6f}" for symbol, total in totals.items()]

    recorded.assert_replays_without_a_network()
    state = "portfolio.snapshot.raw.map-token.call-balanceOf"
    recorded.assert_a_changed_byte_is_named(state, "raw[1]/map-token[1]")


def test_the_pure_parts(import_program: Callable[[Path], Any]) -> None:
    portfolio = import_program(PROGRAM)
    token = portfolio.Token(address=Address("0x" + "a1" * 20), symbol="T", decimals=6)
    assert portfolio.scaled(1_500_000, 6) == Decimal("1.5")
    held = portfolio.holdings_of(10**18, [0, 2_000_000], [token, token])
    assert held == [portfolio.Holding("ETH", Decimal(1)), portfolio.Holding("T", Decimal(2))]
    position = portfolio.Position("a", token.address, held)
    assert portfolio.total_of("T", [position, position]) == Decimal(4)


def test_every_token_is_read_for_every_wallet_at_one_block(import_program: Callable[[Path], Any]) -> None:
    portfolio = import_program(PROGRAM)
    alice, bob = Address("0x" + "a1" * 20), Address("0x" + "b0" * 20)
    erc20 = portfolio.ERC20
    with testing.host(
        answers.block(12),
        answers.balance({alice: 2 * 10**18, bob: 0}),
        answers.call(erc20.symbol, "T"),
        answers.call(erc20.decimals, 6),
        answers.call(erc20.balanceOf, {bob: 1_500_000}, address=portfolio.TOKENS[1]),
        answers.call(erc20.balanceOf, 0),
    ) as h:
        report = portfolio.snapshot([portfolio.Wallet(alice, "alice"), portfolio.Wallet(bob, "bob")])
    assert [position.holdings for position in report.positions] == [
        [portfolio.Holding("ETH", Decimal(2))],
        [portfolio.Holding("ETH", Decimal(0)), portfolio.Holding("T", Decimal("1.5"))],
    ]
    calls = h.get_effects(ChainCall)
    assert len(calls) == len(portfolio.TOKENS) * (2 + 2)
    assert {read.at.number for read in [*calls, *h.get_effects(ChainBalance)]} == {12}
    assert h.effects[-1] == LogInfo("2 wallets at block 12")


def test_the_recorded_case_holds_as_plain_python(import_program: Callable[[Path], Any]) -> None:
    (case,) = load_cases(HERE / "portfolio.forge-test.json")
    case.check(import_program(PROGRAM).snapshot)
