"""Kills drivers: `python -m house.crash 1000` (`just crash-matrix 1000`).

Each program is killed once at every point that it reaches; then at random, up to three times in a run, until
as many processes have died as were asked for. Prints a table, and every run that did not end as it should
have.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from contextlib import ExitStack

from house.crash.drivers import DriverProcess
from house.crash.matrix import SETTINGS, Row, list_places, list_random_falls, render_table, run_trials
from house.crash.server import RecordingServer
from house.crash.stores import PostgresPlace, StorePlace, open_sqlite_place
from house.crash.trial import Trials
from house.postgres_server import find_postgres, run_postgres

_RANDOM_PART = 4
"""At least one in so many deaths comes at random."""


def main() -> int:
    """The number of runs that failed, as far as an exit status can say it."""
    parser = argparse.ArgumentParser(prog="python -m house.crash", description="Kill drivers of runs.")
    parser.add_argument("kills", type=int, help="at least so many processes are killed")
    parser.add_argument("--seed", type=int, default=None, help="of the random deaths")
    arguments = parser.parse_args()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    began_at = time.monotonic()
    rows: list[tuple[str, Row]] = []
    with ExitStack() as stack:
        places: list[StorePlace] = [stack.enter_context(open_sqlite_place())]
        if (programs := find_postgres()) is not None:
            places.append(PostgresPlace(stack.enter_context(run_postgres(programs))))
        server, driver = stack.enter_context(RecordingServer()), stack.enter_context(DriverProcess())
        trials = {place.name: Trials(place, server, driver) for place in places}
        combinations = list(itertools.product(trials, SETTINGS))
        for number, (store, setting) in enumerate(combinations):
            print(f"{store} {setting.name}", file=sys.stderr, flush=True)
            row = Row(setting)
            expected = trials[store].get_expected(setting)
            run_trials(trials[store], row, list_places(expected))
            left = arguments.kills // len(combinations) - row.kills.total()
            more = max(left, arguments.kills // len(combinations) // _RANDOM_PART)
            at_random = list_random_falls(expected, random.Random(seed + number))
            run_trials(trials[store], row, at_random, kills=more)
            rows.append((store, row))
    print("\n".join(render_table(rows)))
    failures = [failure for _, row in rows for failure in row.failures]
    print("\n".join(failures))
    print(f"seed {seed}, {time.monotonic() - began_at:.0f} s")
    return min(len(failures), 100)


if __name__ == "__main__":
    sys.exit(main())
