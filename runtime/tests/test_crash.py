"""SIGKILL around every step of a run; what was recorded is kept, and the run ends as if nothing had happened.

Here the points are a part of those that a run reaches, evenly spread; `just crash-matrix 1000` takes them
all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

import pytest

from house.crash.drivers import DriverProcess
from house.crash.matrix import SETTINGS, Row, list_places, list_random_falls, run_trials, spread
from house.crash.programs import PROGRAMS
from house.crash.server import RecordingServer
from house.crash.stores import PostgresPlace, StorePlace, open_sqlite_place
from house.crash.trial import Setting, Trials

PLACES_OF_EACH = {"SQLite": 8, "PostgreSQL": 4}
RANDOM_OF_EACH = {"SQLite": 2, "PostgreSQL": 1}
LEAST_KILLS = {"SQLite": 8, "PostgreSQL": 3}
"""A session that goes otherwise than the undisturbed one may end before the point where it was to die."""

POINTS_OF_CAUGHT = 6
"""Around the append that begins the attempt, the request, and the append with the failure and the end."""

SEED = 20_261_124


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def trials(request: pytest.FixtureRequest) -> Iterator[Trials]:
    with ExitStack() as stack:
        place: StorePlace
        if request.param == "sqlite":
            place = stack.enter_context(open_sqlite_place())
        else:
            place = PostgresPlace(request.getfixturevalue("postgres_server"))
        server, driver = stack.enter_context(RecordingServer()), stack.enter_context(DriverProcess())
        yield Trials(place, server, driver)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name.replace(" ", "-"))
def test_a_run_killed_at_any_point_ends_as_if_it_had_not_been(trials: Trials, setting: Setting) -> None:
    expected = trials.get_expected(setting)
    assert not expected.problems
    assert expected.runs
    row = Row(setting)
    run_trials(trials, row, spread(list_places(expected), PLACES_OF_EACH[trials.store]))
    at_random = list_random_falls(expected, random.Random(SEED))
    run_trials(trials, row, islice(at_random, RANDOM_OF_EACH[trials.store]))
    assert row.failures == []
    assert row.kills.total() >= LEAST_KILLS[trials.store]
    assert row.resumes


def test_a_failure_that_was_caught_is_the_same_failure_after_a_crash_at_any_point(trials: Trials) -> None:
    """The last read of the program fails for good and is caught."""
    setting = Setting(PROGRAMS["reads"])
    expected = trials.get_expected(setting)
    assert expected.output[-1] == "E_HTTP_REDIRECT_REFUSED"
    row = Row(setting)
    run_trials(trials, row, list_places(expected)[-POINTS_OF_CAUGHT:])
    assert row.failures == []
    assert row.kills.total() == POINTS_OF_CAUGHT
