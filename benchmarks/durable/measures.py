"""What is measured of each system, and the numbers of several rounds."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.durable.systems import BARE_LOOP, Report, Sitting, System

__all__ = ["Measure", "Plan", "Results", "build_plan"]

_STEPS_OF_EACH: Final = 10


@dataclass(frozen=True)
class Measure:
    """One thing that is measured."""

    name: str
    steps: int
    """Of one run; systems whose `largest` is below it are not measured."""
    carry_out: Callable[[Sitting, System, Path], Report]
    """Does it once, in a new folder."""


@dataclass(frozen=True)
class Plan:
    """All measures of a sitting."""

    sizes: Sequence[int]
    """How many steps the runs have that are measured one by one."""
    runs: int
    """How many runs are driven at once, of ten steps each."""
    resumed: int
    """How many steps of the run that is resumed are in the history."""
    measures: Sequence[Measure]


def build_plan(sizes: Sequence[int], *, runs: int, resumed: int) -> Plan:
    """What is measured at these sizes."""

    def run_steps(steps: int) -> Measure:
        return Measure(
            f"steps {steps}",
            steps,
            lambda sitting, system, folder: sitting.carry_out(system, "steps", folder, steps),
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

    return Plan(
        sizes,
        runs,
        resumed,
        [
            Measure("first", 1, begin),
            *map(run_steps, sizes),
            Measure("runs", _STEPS_OF_EACH, run_many),
            Measure("resume", resumed, resume),
        ],
    )


@dataclass
class Results:
    """The reports of all rounds so far, by measure and system."""

    rounds: list[dict[tuple[str, str], Report]] = field(default_factory=list[dict[tuple[str, str], Report]])

    def measure_round(
        self, sitting: Sitting, plan: Plan, systems: Sequence[System], tell: Callable[[str], None]
    ) -> None:
        """One round: each measure of each system, and a system begins that did not before."""
        found: dict[tuple[str, str], Report] = {}
        self.rounds.append(found)
        shift = len(self.rounds) % len(systems)
        for measure in plan.measures:
            for system in [*systems[shift:], *systems[:shift]]:
                if measure.steps > system.largest:
                    continue
                tell(f"round {len(self.rounds)}: {measure.name}: {system.name}")
                with tempfile.TemporaryDirectory(prefix="durable") as folder:
                    found[measure.name, system.name] = measure.carry_out(sitting, system, Path(folder))

    def get_median(self, measure: str, system: System, get_number: Callable[[Report], float]) -> float | None:
        """The median over the rounds; None where nothing was measured."""
        key = measure, system.name
        numbers = [get_number(found[key]) for found in self.rounds if key in found]
        return statistics.median(numbers) if numbers else None

    def get_ratio(
        self,
        measure: str,
        system: System,
        get_number: Callable[[Report], float],
        base: System = BARE_LOOP,
    ) -> float | None:
        """The median of the quotients with another system, each of one round."""
        key, base_key = (measure, system.name), (measure, base.name)
        quotients = [
            get_number(found[key]) / get_number(found[base_key])
            for found in self.rounds
            if key in found and base_key in found
        ]
        return statistics.median(quotients) if quotients else None
