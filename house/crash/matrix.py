"""Which runs die where, and the table of what became of them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

from house.crash.failpoints import POINTS
from house.crash.programs import PROGRAMS
from house.crash.trial import Fall, Result, Setting, Trials
from opforge_runtime.driver import Durability

__all__ = ["SETTINGS", "Row", "list_places", "list_random_falls", "render_table", "run_trials", "spread"]

SETTINGS = (
    *(Setting(program, durability) for program in PROGRAMS.values() for durability in get_args(Durability)),
    Setting(PROGRAMS["child_runs"], is_handed_out=True),
)
"""How the programs are driven."""

_MOST_KILLS = 3


@dataclass(slots=True)
class Row:
    """What became of all runs of one setting."""

    setting: Setting
    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter[str])
    resumes: int = 0
    resolutions: Counter[str] = field(default_factory=Counter[str])
    effects: int = 0
    """Effects applied in runs that were killed."""
    failures: list[str] = field(default_factory=list[str])

    def add(self, falls: Sequence[Fall], result: Result) -> None:
        """Take in one run."""
        self.runs += 1
        self.kills.update(result.kills)
        self.resumes += result.resumes
        self.resolutions.update(result.resolutions)
        self.effects += len(result.keyed) + result.unkeyed.total()
        if result.problems:
            self.failures.append(f"{self.setting.name} {list(falls)}: {'; '.join(result.problems)}")


def list_places(expected: Result) -> list[tuple[Fall, ...]]:
    """One death at each point that an undisturbed run reaches, in each of its sessions."""
    return [
        (*[Fall()] * session, Fall(at))
        for session, points in enumerate(expected.points)
        for at in range(len(points))
    ]


def list_random_falls(expected: Result, chance: random.Random) -> Iterator[tuple[Fall, ...]]:
    """Up to three deaths one after the other, each at a point or at a time."""
    longest = max(map(len, expected.points))
    session_ms = expected.duration_ms / len(expected.points)
    while True:
        yield tuple(
            Fall(at=chance.randrange(longest))
            if chance.random() < 0.5
            else Fall(after_ms=chance.uniform(0, session_ms))
            for _ in range(chance.randint(1, _MOST_KILLS))
        )


def run_trials(
    trials: Trials, row: Row, falls: Iterable[Sequence[Fall]], *, kills: int | None = None
) -> None:
    """Runs that die so: all of them, or until so many processes have died."""
    before = row.kills.total()
    for each in falls:
        row.add(each, trials.run(row.setting, each))
        if kills is not None and row.kills.total() - before >= kills:
            break


def spread(places: Sequence[tuple[Fall, ...]], count: int) -> list[tuple[Fall, ...]]:
    """So many of the places, evenly; all of them when there are no more."""
    step = max(1.0, len(places) / count)
    return [
        places[int(n * step)] for n in itertools.takewhile(lambda n: n * step < len(places), range(count))
    ]


def render_table(rows: Iterable[tuple[str, Row]]) -> list[str]:
    """A table in Markdown, one line for each store and setting."""
    points = ("begin", *POINTS)
    head = ("store", "program", "runs", *points, "kills", "resumed", "resolved", "effects", "failures")
    lines = [_line(head), _line(["---"] * len(head))]
    total = Counter[str]()
    for store, row in rows:
        numbers = {
            "runs": row.runs,
            **{point: row.kills[point] for point in points},
            "kills": row.kills.total(),
            "resumed": row.resumes,
            "resolved": row.resolutions.total(),
            "effects": row.effects,
            "failures": len(row.failures),
        }
        total.update(numbers)
        lines.append(_line([store, row.setting.name, *map(str, numbers.values())]))
    return [*lines, _line(["all", "", *(str(total[name]) for name in head[2:])])]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
