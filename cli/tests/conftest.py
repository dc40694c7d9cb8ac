"""Running `forge` in this process, with its real exit status and its real output."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from house.forge_answers import Answer, Forge
from opforge_cli.main import main


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Forge:
    """Call `forge` with these arguments."""

    def call(*arguments: object) -> Answer:
        monkeypatch.delenv("OPFORGE_DEBUG", raising=False)
        monkeypatch.setattr(sys, "argv", ["forge", *map(str, arguments)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as exit_info:
            main()
        captured = capfdbinary.readouterr()
        code = exit_info.value.code
        return Answer(code if isinstance(code, int) else 0, captured.out, captured.err.decode())

    return call


@pytest.fixture
def pure_program(tmp_path: Path) -> Path:
    """A program that asks nothing of the outside, in a folder of its own."""
    program = tmp_path / "pure.py"
    program.write_text(
        'from opforge import op, workload\n\nworkload("pure", version="1.0")\n\n\n'
        "@op\ndef double(number: int = 21) -> int:\n    return number * 2\n"
    )
    return program
