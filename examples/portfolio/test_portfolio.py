"""The portfolio example, held to the balances that the development chain is made with."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

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
