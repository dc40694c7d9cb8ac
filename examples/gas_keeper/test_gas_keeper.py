"""The gas keeper example, held to the balances that the development chain is made with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
