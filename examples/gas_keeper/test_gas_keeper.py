"""The gas keeper example: as plain Python, and held to the balances of the development chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opforge import Address, testing
from opforge.testing import ChainBalance, ChainBlock, LogWarning, answers
from opforge_runtime.devchain.sample import NATIVE_BALANCES

HERE = Path(__file__).parent
PROGRAM = HERE / "gas_keeper.py"
WALLETS = json.loads((HERE / "wallets.json").read_text(encoding="utf-8"))["wallets"]


def test_the_committed_ir_is_what_the_program_compiles_to(assert_reviewed: Callable[[Path], None]) -> None:
    assert_reviewed(PROGRAM)


@pytest.mark.parametrize(
    ("given", "floor"),
    [({}, 5 * 10**17), ({"floor": "0"}, 0), ({"floor": "1000000000000000001"}, 10**18 + 1)],
    ids=["default-floor", "none-low", "higher-floor"],
)
def test_the_low_wallets_are_reported(record: Callable[..., Any], given: dict[str, str], floor: int) -> None:
    recorded = record(PROGRAM, "--input", json.dumps({"wallets": WALLETS, **given}))
    balances = [(wallet["label"], NATIVE_BALANCES[wallet["address"].lower()]) for wallet in WALLETS]
    assert recorded.output == {
        "type": "list[Report]",
        "value": [{"label": label, "wei": str(wei), "low": True} for label, wei in balances if wei < floor],
    }
    recorded.assert_replays_without_a_network()
    recorded.assert_a_changed_byte_is_named("gas-keeper.check.balances.chain-balance", "balances[2]")


def test_the_low_wallets_are_named_in_the_log(import_program: Callable[[Path], Any]) -> None:
    gas_keeper = import_program(PROGRAM)
    hot, cold = Address("0x" + "a1" * 20), Address("0x" + "c0" * 20)
    wallets = [gas_keeper.Wallet(hot, "hot"), gas_keeper.Wallet(cold, "cold")]
    balances = {hot: gas_keeper.FLOOR - 1, cold: gas_keeper.FLOOR}
    with testing.host(answers.block(12), answers.balance(balances)) as h:
        assert gas_keeper.check(wallets) == [gas_keeper.Report("hot", gas_keeper.FLOOR - 1, True)]
    h.assert_effects(
        ChainBlock("finalized", "devnet"),
        ChainBalance(hot, network="devnet"),
        ChainBalance(cold, network="devnet"),
        LogWarning("1 of 2 wallets are low: hot"),
    )
    assert {read.at.number for read in h.get_effects(ChainBalance)} == {12}


def test_nothing_is_logged_when_no_wallet_is_low(import_program: Callable[[Path], Any]) -> None:
    with testing.host(answers.block(12)) as h:
        assert import_program(PROGRAM).check([]) == []
    h.assert_effects(ChainBlock)
