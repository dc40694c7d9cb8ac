"""The examples as plain Python without a host: what they ask first says that it needs one."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from house.pins import ROOT
from opforge._host import HostMissing


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import the op file of an example, as a test beside it would."""
    before = set(sys.modules)

    def load_example(name: str) -> ModuleType:
        monkeypatch.setattr(sys, "path", [str(ROOT / "examples" / name), *sys.path])
        return importlib.import_module(name)

    yield load_example
    for name in set(sys.modules) - before:
        del sys.modules[name]


FIRST_EFFECTS: list[tuple[str, str, dict[str, object], str]] = [
    ("portfolio", "snapshot", {"wallets": []}, "chain.block"),
    ("gas_keeper", "check", {"wallets": []}, "chain.block"),
    ("price_watch", "compare", {}, "http.get"),
]


@pytest.mark.parametrize(("example", "op", "arguments", "verb"), FIRST_EFFECTS)
def test_the_first_effect_of_an_op_asks_for_a_host(
    load: Callable[[str], ModuleType], example: str, op: str, arguments: dict[str, object], verb: str
) -> None:
    with pytest.raises(HostMissing, match=verb):
        getattr(load(example), op)(**arguments)
