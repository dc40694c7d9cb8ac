"""What the tests of the commands share: `forge` in this process, and a small program to call it with."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from house.forge_answers import Forge, build_forge
from house.recorded_runs import NOW, PAYOUT, build_runs
from opforge_runtime import MemoryStore


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Forge:
    """Call `forge` with these arguments."""
    return build_forge(monkeypatch, capfdbinary)


@pytest.fixture
def pure_program(tmp_path: Path) -> Path:
    """A program that asks nothing of the outside, in a folder of its own."""
    program = tmp_path / "pure.py"
    program.write_text(
        'from opforge import op, workload\n\nworkload("pure", version="1.0")\n\n\n'
        "@op\ndef double(number: int = 21) -> int:\n    return number * 2\n"
    )
    return program


@pytest.fixture
def recorded_store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """What the commands find: the runs of `house.recorded_runs`, at their moment, beside their program."""
    store = build_runs()

    def open_store(*_: object, **__: object) -> nullcontext[MemoryStore]:
        return nullcontext(store)

    monkeypatch.setattr("opforge_cli.opening.open_store", open_store)
    monkeypatch.setattr("opforge_cli.clock.now_epoch_ms", lambda: NOW)
    monkeypatch.chdir(PAYOUT.parent)
    return store
