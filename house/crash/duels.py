"""Two processes that are told to drive one run.

The first one is stopped with SIGSTOP for longer than its lease, so that the second can take the run over;
then the first is continued, and knows nothing of what happened meanwhile. Its next append has to be refused,
and it must not do anything outside that it had not let go of before it was stopped.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from house.crash.drivers import DriverProcess
from house.crash.failpoints import TRANSACTION_POINTS
from house.crash.matrix import SETTINGS
from house.crash.orders import Order, Report
from house.crash.trial import Fall, Result, Setting, StuckError, Trial

__all__ = ["DUELLING", "begin_together", "list_stops", "resume_together", "stand_by", "take_over"]

LEASE_MS: Final = 300
_LONG_LEASE_MS: Final = 600_000
_MOST_TRIES: Final = 1_000

DUELLING = tuple(setting for setting in SETTINGS if not (setting.program.has_waits or setting.is_handed_out))
"""Programs whose sessions go from the beginning to the end."""


def take_over(second: DriverProcess, stop: Fall, second_fall: Fall) -> Callable[[Trial], None]:
    """The first driver is stopped; the second takes over, and may die; the first is continued."""

    def prelude(trial: Trial) -> None:
        first, server = trial.driver, trial.server
        start = replace(
            trial.build_start(),
            lease_ms=LEASE_MS,
            fall_at=stop.at,
            fall_after_ms=stop.after_ms,
            is_stopped=True,
        )
        first.begin(start)
        stopped = first.finish()
        if stopped.outcome != "stopped":
            return  # it was over before its time
        trial.result.takeovers["stopped"] += 1
        order = replace(trial.order, fall_at=second_fall.at, fall_after_ms=second_fall.after_ms)
        found = Report([], error="E_RUN_LEASED")
        for _ in range(_MOST_TRIES):
            found = second.drive(order)
            if found.error != "E_RUN_LEASED":
                break
        first.proceed()
        continued = first.finish()
        server.settle()
        trial.result.points.append(continued.points)
        trial.result.problems += [each for each in (found.fault, continued.fault) if each]
        if found.error in ("E_RUN_UNKNOWN", "E_RUN_FINISHED", "E_STORE_LOCKED"):
            return  # it was stopped before its first append, after its last one, or amid one
        trial.result.takeovers["taken over"] += 1
        trial.result.takeovers["died"] += found.is_killed
        trial.result.takeovers["refused"] += continued.error == "E_LEASE_LOST"
        if continued.error != "E_LEASE_LOST":
            trial.result.problems.append(f"the first one went on: {replace(continued, points=[])}")
        runs = trial.setting.program.runs
        if found.is_killed and runs > 1:
            return  # the second one may have died before it took over the children
        posts = continued.points[len(stopped.points) :].count("post")
        # Each run of the process may have let go of one that was not on the wire yet.
        is_certain = stop.at is not None and runs == 1
        if posts > (0 if is_certain else runs):
            trial.result.problems.append(f"the first one made {posts} posts more")

    return prelude


def stand_by(second: DriverProcess, stop: Fall) -> Callable[[Trial], None]:
    """The first driver is stopped within its lease; the second is told that it drives, and it goes on."""

    def prelude(trial: Trial) -> None:
        first = trial.driver
        first.begin(replace(trial.build_start(), lease_ms=_LONG_LEASE_MS, fall_at=stop.at, is_stopped=True))
        stopped = first.finish()
        if stopped.outcome != "stopped":
            raise StuckError("the first one ended before it was stopped")
        refused = second.drive(trial.order)
        first.proceed()
        ended = first.finish()
        if (refused.error, ended.outcome) != ("E_RUN_LEASED", "completed"):
            trial.result.problems.append(f"{refused.error} {ended}")

    return prelude


def begin_together(second: DriverProcess) -> Callable[[Trial], None]:
    """Both drivers begin the run at once."""

    def prelude(trial: Trial) -> None:
        outcomes = _drive_both(trial, second, trial.build_start())
        if outcomes != ["E_RUN_EXISTS", "completed"]:
            trial.result.problems.append(f"begun together: {outcomes}")

    return prelude


def resume_together(second: DriverProcess, first_session: Fall) -> Callable[[Trial], None]:
    """A driver dies, and both go on with the run at once."""

    def prelude(trial: Trial) -> None:
        trial.driver.drive(replace(trial.build_start(), fall_at=first_session.at))
        trial.server.settle()
        outcomes = _drive_both(trial, second, trial.order)
        # One that is late finds that the run is over.
        if outcomes not in (["E_RUN_LEASED", "completed"], ["E_RUN_FINISHED", "completed"]):
            trial.result.problems.append(f"resumed together: {outcomes}")

    return prelude


def _drive_both(trial: Trial, second: DriverProcess, order: Order) -> list[str]:
    """What came of it for both, sorted."""
    drivers = (trial.driver, second)
    for driver in drivers:
        driver.begin(order)
    reports = [driver.finish() for driver in drivers]
    trial.server.settle()
    return sorted(report.fault or report.error or report.outcome for report in reports)


def list_random_duels(expected: Result, chance: random.Random) -> Iterator[tuple[Fall, Fall]]:
    """When the first driver is stopped, and when the second one dies, if it does."""
    longest = len(expected.points[0])
    while True:
        died = Fall(at=chance.randrange(longest)) if chance.random() < 0.5 else Fall()
        yield Fall(after_ms=chance.uniform(0, expected.duration_ms)), died


def render_duels(rows: Iterable[tuple[str, Setting, Sequence[Result]]]) -> list[str]:
    """A table in Markdown, one line for each store and setting."""
    names = ("stopped", "taken over", "died", "refused")
    head = ("store", "program", "runs", "stopped", "taken over", "second died", "first refused", "failures")
    lines = [head, ["---"] * len(head)]
    for store, setting, results in rows:
        counts = sum((result.takeovers for result in results), Counter[str]())
        failures = sum(bool(result.problems) for result in results)
        numbers = (len(results), *(counts[name] for name in names), failures)
        lines.append([store, setting.name, *map(str, numbers)])
    return [f"| {' | '.join(line)} |" for line in lines]


def list_stops(expected: Result) -> list[Fall]:
    """The points of the undisturbed run at which a driver is stopped: not those of transactions."""
    return [Fall(at) for at, name in enumerate(expected.points[0]) if name not in TRANSACTION_POINTS]
