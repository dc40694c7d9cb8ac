"""The pause of the cycle collector ends with its block, however that ends."""

from __future__ import annotations

import gc

import pytest

from opforge_ir.collection import collection_paused


def fail_while_paused() -> None:
    with collection_paused():
        assert not gc.isenabled()
        raise KeyError


@pytest.mark.parametrize("was_enabled", [True, False])
def test_the_collector_is_as_it_was_before(was_enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if was_enabled else gc.disable)()
    try:
        with pytest.raises(KeyError):
            fail_while_paused()
        assert gc.isenabled() is was_enabled
    finally:
        (gc.enable if before else gc.disable)()
