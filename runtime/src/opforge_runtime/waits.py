"""Waits: what the engine answers itself, when a time or a message has come, or a child run is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, cast

from opforge_ir.canonical import JsonValue
from opforge_ir.events import ChildRunCompleted, SignalReceived
from opforge_ir.ids import RunId
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest

__all__ = ["Arrival", "Cancelled", "ChildStart", "Suspended", "Wait", "WaitIo", "get_moment_ms"]


@dataclass(frozen=True, slots=True)
class ChildStart:
    """The child run that a wait is for."""

    run: RunId
    op: str
    inputs: dict[str, JsonValue]
    """Stored values by parameter name."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that is waited for."""

    request: EffectRequest
    attempt: int
    due_at_epoch_ms: int | None
    """When it is over at the latest."""
    child: ChildStart | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a wait has come to."""

    answer: JsonValue | EffectFailure
    """The stored value of the answer, or why there is none."""
    note: SignalReceived | ChildRunCompleted | None = None
    """What else is recorded of it."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """The session ends here; somebody is to go on when something is due or arrives."""

    status: Literal["sleeping", "waiting"]
    due_at_epoch_ms: int | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody asked that the run ends."""

    reason: str


Settled: TypeAlias = "list[Arrival] | Suspended | Cancelled"


class WaitIo(Protocol):
    """Where time, messages and other runs come from."""

    def find_cancellation(self, head: int) -> str | None:
        """Why the run is to end at this boundary, when somebody asked; `head` is the run's last event."""
        ...

    def choose_due(self, request: EffectRequest) -> int | None:
        """When a wait that begins now is over at the latest, in epoch milliseconds; None for never."""
        ...

    async def settle(self, waits: Sequence[Wait], *, is_cancelling: bool) -> Settled:
        """Wait until all of them have come to something, or the run is to end.

        `is_cancelling` says that it is ending, so that nothing but what undoes it waits.
        Children are started, or attached to when they run already.
        """
        ...

    @property
    def messages_read(self) -> int:
        """The position of the last message that was looked at."""
        ...


def get_moment_ms(request: EffectRequest) -> int:
    """The moment that a `time.until` waits for, in milliseconds since the epoch."""
    return max(0, 1000 * cast("int", request.arguments["epoch_seconds"]))
