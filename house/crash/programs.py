"""The five programs that die, as documents."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from opforge_compiler.emit import emit_file
from opforge_ir.canonical import JsonValue, canonical_bytes

__all__ = ["PROGRAMS", "CrashProgram", "compile_program"]

_FOLDER: Final = Path(__file__).with_name("ops")
_QUICK: Final = {"kind": "exponential", "first_ms": 1, "cap_ms": 4, "jitter": "full"}
"""The wait between attempts: an author's would make each trial take seconds."""


@dataclass(frozen=True, slots=True)
class CrashProgram:
    """One program, with what it is given."""

    name: str
    inputs: dict[str, Any]
    signals: list[tuple[str, JsonValue]] = field(default_factory=list[tuple[str, JsonValue]])
    """What people send to it, in order."""

    runs: int = 1
    """How many runs go side by side at the most."""

    @property
    def file(self) -> Path:
        """Its op file."""
        return _FOLDER / f"{self.name}.py"

    @property
    def has_waits(self) -> bool:
        """Whether it waits for a time or a message."""
        return bool(self.signals)


PROGRAMS: Final = {
    program.name: program
    for program in (
        CrashProgram("reads", {"count": 4}),
        CrashProgram("side_effects", {"count": 3}),
        CrashProgram("fan_out", {"count": 7}),
        CrashProgram(
            "timers_and_signals", {"seconds": 1}, [("approve", "yes"), ("amount", 7), ("amount", 8)]
        ),
        CrashProgram("child_runs", {"count": 3}, runs=3),
    )
}


@cache
def compile_program(file: Path) -> str:
    """The canonical text of an op file's document, with short waits between attempts."""
    document = copy.deepcopy(cast("dict[str, Any]", emit_file(file).document))
    for op in document["ops"].values():
        op["policy"]["backoff"] = _QUICK
    return canonical_bytes(document).decode()
