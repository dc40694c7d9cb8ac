"""The pytest plugin of Opforge, which pytest finds by its entry point.

    def test_a_low_wallet_is_reported(forge_host: ScriptedHost) -> None:
        forge_host.answer(answers.block(12), answers.balance({ALICE: 0}))
        assert check([Wallet(ALICE, "alice")]) == [Report("alice", 0, True)]

It is a package of its own: pytest loads it in every test run, and nothing else of Opforge is loaded with it.
`-p no:opforge` turns it off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from opforge.testing import ScriptedHost

__all__ = ["forge_host", "pytest_assertrepr_compare"]


@pytest.fixture
def forge_host() -> Iterator[ScriptedHost]:
    """A scripted host that is in place during the test; `forge_host.answer(…)` gives it answers."""
    from opforge.testing import host

    with host() as made:
        yield made


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Compared lists of effects side by side, in place of pytest's own comparison."""
    testing = sys.modules.get("opforge.testing")
    if testing is None or op != "==":
        return None
    from opforge.testing import explain_effects

    return explain_effects(left, right)
