"""What a test sees of one `forge` command: its exit status and its output."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from house.pins import ROOT

__all__ = ["GAS_KEEPER", "Answer", "Forge"]

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
