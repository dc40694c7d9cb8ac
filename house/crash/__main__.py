"""Kills and stops drivers: `python -m house.crash 1000` (`just crash-matrix 1000`).

Each program is killed once at every point that it reaches (at some of them where children are handed out),
then at random, up to three times in a run, until as many processes have died as were asked for. Then drivers
are stopped, at points and at random, and others take over. Prints two tables, and every run that did not end
as it should have.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from house.crash.drivers import DriverProcess
from house.crash.duels import DUELLING, list_random_duels, list_stops, render_duels, take_over
from house.crash.matrix import (
    SETTINGS,
    Row,
    list_places,
    list_random_falls,
    render_table,
    run_trials,
    spread,
)
from house.crash.server import RecordingServer
from house.crash.stores import PostgresPlace, StorePlace, open_sqlite_place
from house.crash.trial import Result, Setting, Trials
from house.postgres_server import find_postgres, run_postgres

_RANDOM_PART = 4
"""At least one in so many deaths comes at random."""
_HANDED_OUT_PLACES = 50
"""So many points are taken where children are handed out: each death costs a session of every run."""
_DUEL_PART = 100
"""For so many deaths a driver of each program is stopped at one point, and once at random."""


def main() -> int:
    """The number of runs that failed, as far as an exit status can say it."""
    parser = argparse.ArgumentParser(prog="python -m house.crash", description="Kill drivers of runs.")
    parser.add_argument("kills", type=int, help="at least so many processes are killed")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], help="on this kind of store only")
    parser.add_argument("--seed", type=int, default=None, help="of the random deaths")
    arguments = parser.parse_args()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    chance = random.Random(seed)
    began_at = time.monotonic()
    with ExitStack() as stack:
        places: list[StorePlace] = []
        if arguments.store != "postgresql":
            places.append(stack.enter_context(open_sqlite_place()))
        if arguments.store != "sqlite" and (programs := find_postgres()) is not None:
            places.append(PostgresPlace(stack.enter_context(run_postgres(programs))))
        server, driver = stack.enter_context(RecordingServer()), stack.enter_context(DriverProcess())
        second = stack.enter_context(DriverProcess())
        all_trials = [Trials(place, server, driver) for place in places]
        rows = kill(all_trials, arguments.kills, chance)
        duels = fight(all_trials, second, max(1, arguments.kills // _DUEL_PART), chance)
    print("\n".join([*render_table(rows), "", *render_duels(duels), ""]))
    failures = [failure for _, row in rows for failure in row.failures]
    for store, setting, results in duels:
        failures += [f"{store} {setting.name}: {each.problems}" for each in results if each.problems]
    print("\n".join(failures))
    print(f"seed {seed}, {time.monotonic() - began_at:.0f} s")
    return min(len(failures), 100)


def kill(all_trials: Sequence[Trials], kills: int, chance: random.Random) -> list[tuple[str, Row]]:
    """Drivers die: at every point, and at random."""
    rows: list[tuple[str, Row]] = []
    part = kills // (len(all_trials) * len(SETTINGS))
    for trials, setting in itertools.product(all_trials, SETTINGS):
        print(f"kill: {trials.store} {setting.name}", file=sys.stderr, flush=True)
        row = Row(setting)
        expected = trials.get_expected(setting)
        places = list_places(expected)
        run_trials(trials, row, spread(places, _HANDED_OUT_PLACES) if setting.is_handed_out else places)
        more = max(part - row.kills.total(), part // _RANDOM_PART)
        run_trials(trials, row, list_random_falls(expected, chance), kills=more)
        rows.append((trials.store, row))
    return rows


def fight(
    all_trials: Sequence[Trials], second: DriverProcess, times: int, chance: random.Random
) -> list[tuple[str, Setting, list[Result]]]:
    """Drivers are stopped so many times at points, and so many times at random, and others take over."""
    rows: list[tuple[str, Setting, list[Result]]] = []
    for trials, setting in itertools.product(all_trials, DUELLING):
        print(f"stop: {trials.store} {setting.name}", file=sys.stderr, flush=True)
        expected = trials.get_expected(setting)
        at_random = list_random_duels(expected, chance)
        pairs = [
            (stop, next(at_random)[1]) for (stop,) in spread([(s,) for s in list_stops(expected)], times)
        ]
        pairs += itertools.islice(at_random, times)
        results = [trials.conduct(setting, take_over(second, stop, died)) for stop, died in pairs]
        rows.append((trials.store, setting, results))
    return rows


if __name__ == "__main__":
    sys.exit(main())
