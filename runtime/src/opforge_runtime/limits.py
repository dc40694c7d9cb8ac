"""What a run may take up and leave out, as its manifest says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from opforge_ir.capabilities import Verb
from opforge_ir.events import ChildRunCompleted, RunConfiguration, RunConfiguration1, SignalReceived
from opforge_runtime.interpreter import MAX_STEPS

__all__ = ["APPLY_SIDE_EFFECT", "RunLimits", "build_limits"]

APPLY_SIDE_EFFECT: Final = "apply_side_effect"
"""The tag of every effect that changes something outside."""
_UNBOUNDED: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class RunLimits:
    """The configuration of a run, of whichever format."""

    batch_size: int
    max_steps: int
    max_events: int
    max_fact_bytes: int
    profile: Literal["minimal", "normal", "verbose"]
    skip: frozenset[str]
    closes_orphans: bool
    """Whether an attempt that its session has left is closed in the log, and counts as one of the retries."""

    def is_skipped(self, verb: Verb) -> bool:
        """Whether an effect of this verb is not made. Lines of the log are for the operator: they are."""
        return (
            APPLY_SIDE_EFFECT in self.skip
            and verb.effect == "side_effect"
            and not verb.name.startswith("log.")
        )

    def records(self, note: SignalReceived | ChildRunCompleted) -> bool:
        """Whether a domain event is recorded. Which message was taken is needed to take it once."""
        return isinstance(note, SignalReceived) or self.profile != "minimal"


def build_limits(configuration: RunConfiguration | RunConfiguration1) -> RunLimits:
    """What a configuration says; the runs of format 1 had no budgets but that of steps."""
    if isinstance(configuration, RunConfiguration1):
        return RunLimits(
            batch_size=configuration.batch_size,
            max_steps=MAX_STEPS,
            max_events=_UNBOUNDED,
            max_fact_bytes=_UNBOUNDED,
            profile="normal",
            skip=frozenset(),
            closes_orphans=False,
        )
    return RunLimits(
        batch_size=configuration.batch_size,
        max_steps=configuration.max_steps,
        max_events=configuration.max_events,
        max_fact_bytes=configuration.max_fact_bytes,
        profile=configuration.profile,
        skip=frozenset(configuration.skip),
        closes_orphans=True,
    )
