"""What is measured of each system, and the numbers of several rounds."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.durable.systems import Report, Sitting, System

__all__ = ["PEER_ROUNDS", "Measure", "Plan", "Results", "build_plan"]

PEER_ROUNDS: Final = 3
"""A peer, which is slow, takes part in so many rounds of a measure at most."""
_STEPS_OF_EACH: Final = 10


@dataclass(frozen=True)
class Measure:
    """One thing that is measured."""

    name: str
    steps: int
    """Of one run; systems whose `largest` is below it are not measured."""
    carry_out: Callable[[Sitting, System, Path], Report]
    """Does it once, in a new folder."""
    rounds: int
    is_replay: bool = False
    """Whether it is only taken of systems that are replayable."""

    def is_taken_of(self, system: System, number: int) -> bool:
        """Whether a system takes part in the round of this number; the first is 0."""
        if system.is_peer and number >= PEER_ROUNDS:
            return False
        return self.steps <= system.largest and (system.is_replayable or not self.is_replay)


@dataclass(frozen=True)
class Plan:
    """All measures of a sitting."""

    sizes: Sequence[int]
    """How many steps the runs have that are measured one by one."""
    runs: int
    """How many runs are driven at once, of ten steps each."""
    resumed: int
    """How many steps are in the history of the run that is resumed, or replayed."""
    measures: Sequence[Measure]


def build_plan(sizes: Sequence[int], *, runs: int, resumed: int, rounds: int | None = None) -> Plan:
    """What is measured at these sizes. Without a number of rounds, what is over soon is done more often."""

    def run_steps(steps: int) -> Measure:
        return Measure(
            f"steps {steps}",
            steps,
            lambda sitting, system, folder: sitting.carry_out(system, "steps", folder, steps),
            rounds or (9 if steps < 10_000 else 5 if steps < 100_000 else 3),
        )

    def run_many(sitting: Sitting, system: System, folder: Path) -> Report:
        return sitting.carry_out(system, "runs", folder, _STEPS_OF_EACH, runs)

    def begin(sitting: Sitting, system: System, folder: Path) -> Report:
        # The store is there already, as on every day but the first.
        sitting.carry_out(system, "runs", folder, 1)
        return sitting.carry_out(system, "first", folder, _STEPS_OF_EACH)

    def resume(sitting: Sitting, system: System, folder: Path) -> Report:
        sitting.crash(system, folder, resumed + 1)
        return sitting.carry_out(system, "resume", folder, resumed + 1)

    def replay(sitting: Sitting, system: System, folder: Path) -> Report:
        return sitting.carry_out(system, "replay", folder, resumed)

    return Plan(
        sizes,
        runs,
        resumed,
        [
            Measure("first", 1, begin, rounds or 5),
            *map(run_steps, sizes),
            Measure("runs", _STEPS_OF_EACH, run_many, rounds or 9),
            Measure("resume", resumed, resume, rounds or 5),
            Measure("replay", resumed, replay, rounds or 3, is_replay=True),
        ],
    )


@dataclass
class Results:
    """The reports by measure: those of one round by system, for all rounds."""

    rounds: dict[str, list[dict[str, Report]]] = field(default_factory=dict[str, list[dict[str, Report]]])

    def take(
        self, sitting: Sitting, plan: Plan, systems: Sequence[System], tell: Callable[[str], None]
    ) -> None:
        """Take each measure in its rounds: the systems by turns, and another one begins each time."""
        for measure in plan.measures:
            rounds = self.rounds[measure.name] = []
            for number in range(measure.rounds):
                tell(f"{measure.name}: round {number + 1} of {measure.rounds}")
                shift = number % len(systems)
                rounds.append(
                    {
                        system.name: self._take_once(sitting, measure, system)
                        for system in [*systems[shift:], *systems[:shift]]
                        if measure.is_taken_of(system, number)
                    }
                )

    def _take_once(self, sitting: Sitting, measure: Measure, system: System) -> Report:
        with tempfile.TemporaryDirectory(prefix="durable") as folder:
            return measure.carry_out(sitting, system, Path(folder))

    def get_median(self, measure: str, system: System, get_number: Callable[[Report], float]) -> float | None:
        """The median over the rounds; None where nothing was measured."""
        numbers = [get_number(found[system.name]) for found in self.rounds[measure] if system.name in found]
        return statistics.median(numbers) if numbers else None

    def get_ratio(
        self, measure: str, system: System, base: System, get_number: Callable[[Report], float]
    ) -> float | None:
        """The median of the quotients with another system, each of one round."""
        quotients = [
            get_number(found[system.name]) / get_number(found[base.name])
            for found in self.rounds[measure]
            if system.name in found and base.name in found
        ]
        return statistics.median(quotients) if quotients else None
