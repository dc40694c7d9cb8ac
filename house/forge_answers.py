"""Running `forge` in the process of a test, and what the test sees of it: exit status and output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from house.pins import ROOT
from opforge_cli.main import main

__all__ = ["GAS_KEEPER", "Answer", "Forge", "build_forge"]

GAS_KEEPER = ROOT / "examples/gas_keeper/gas_keeper.py"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()

    @property
    def report(self) -> Any:
        """Standard output as the document of `--json`."""
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """The names of the codes in the document of `--json`."""
        return [diagnostic["name"] for diagnostic in self.report["diagnostics"]]


Forge = Callable[..., Answer]


def build_forge(monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> Forge:
    """A function that calls `forge` with arguments, with its real exit status and its real output."""

    def call(*arguments: object) -> Answer:
        monkeypatch.delenv("OPFORGE_DEBUG", raising=False)
        monkeypatch.setattr(sys, "argv", ["forge", *map(str, arguments)])
        capture.readouterr()
        with pytest.raises(SystemExit) as exit_info:
            main()
        captured = capture.readouterr()
        code = exit_info.value.code
        return Answer(code if isinstance(code, int) else 0, captured.out, captured.err.decode())

    return call
