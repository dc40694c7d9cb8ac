"""What a driver process is told to do, and what became of it: one JSON line each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Order", "Report"]


@dataclass(frozen=True, slots=True)
class Order:
    """Drive one session of a run."""

    store: str
    """The path of a SQLite file, or a URL."""
    run: str
    resolve: str
    """The base URL that stands for every host of the programs."""
    document: str = ""
    """The document as text; empty to go on with a run that has begun."""
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    durability: Literal["strict", "grouped"] = "strict"
    batch_size: int = 100
    clock_offset_ms: int = 0
    """How far the run's clock is before the machine's."""
    longest_attended_ms: int | None = None
    """How long a wait may take before the session ends at it; None for any time."""
    is_handed_out: bool = False
    """Whether child runs are queued for others to drive."""
    lease_ms: int = 15_000
    fall_at: int | None = None
    """The point at which the process is signalled, from 0; None for none."""
    fall_after_ms: float | None = None
    """How long after its beginning the process is signalled; None for never."""
    is_stopped: bool = False
    """Whether it is stopped and not killed; it stays so until it is told to go on."""

    def dump(self) -> str:
        """As a line."""
        return json.dumps(asdict(self))

    @staticmethod
    def load(line: str) -> Order:
        """From a line."""
        return Order(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Report:
    """How the session ended."""

    points: list[str]
    """Every point that was reached, in order."""
    is_killed: bool = False
    outcome: str = ""
    """What the engine said; empty when there was nobody left to say it."""
    due_at_epoch_ms: int | None = None
    doubt: dict[str, Any] = field(default_factory=dict[str, Any])
    """State and instance that need a person."""
    error: str = ""
    """The code of what ended the session."""
    fault: str = ""
    """The traceback of what should not have ended it."""

    def dump(self) -> str:
        """As a line."""
        return json.dumps(asdict(self))

    @staticmethod
    def load(line: str) -> Report:
        """From a line."""
        return Report(**json.loads(line))
