"""Two processes that are told to drive the same run: one history, and no effect twice.

Each program is tried at a few points here; `just crash-matrix 1000` takes them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from house.crash.drivers import DriverProcess
from house.crash.duels import (
    DUELLING,
    begin_together,
    list_stops,
    resume_together,
    stand_by,
    take_over,
)
from house.crash.server import RecordingServer
from house.crash.stores import PostgresPlace, StorePlace, open_sqlite_place
from house.crash.trial import Fall, Setting, Trials


@dataclass
class Arena:
    """A store, a first driver that trials know, and a second one."""

    trials: Trials
    second: DriverProcess


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    with ExitStack() as stack:
        place: StorePlace
        if request.param == "sqlite":
            place = stack.enter_context(open_sqlite_place())
        else:
            place = PostgresPlace(request.getfixturevalue("postgres_server"))
        server = stack.enter_context(RecordingServer())
        first, second = stack.enter_context(DriverProcess()), stack.enter_context(DriverProcess())
        yield Arena(Trials(place, server, first), second)


def name_setting(setting: Setting) -> str:
    return setting.name.replace(" ", "-")


settings = pytest.mark.parametrize("setting", DUELLING, ids=name_setting)
strict = pytest.mark.parametrize(
    "setting", [setting for setting in DUELLING if setting.durability == "strict"], ids=name_setting
)


@settings
def test_a_driver_that_was_stopped_past_its_lease_does_nothing_more(arena: Arena, setting: Setting) -> None:
    trials = arena.trials
    stops = list_stops(trials.get_expected(setting))
    for part, second_fall in ((1, Fall()), (2, Fall(at=12))):
        stop = stops[part * len(stops) // 3]
        result = trials.conduct(setting, take_over(arena.second, stop, second_fall))
        assert result.problems == []


@strict
def test_one_of_two_drivers_that_begin_at_once_drives(arena: Arena, setting: Setting) -> None:
    assert arena.trials.conduct(setting, begin_together(arena.second)).problems == []


@strict
def test_one_of_two_drivers_that_go_on_at_once_drives(arena: Arena, setting: Setting) -> None:
    first_session = Fall(at=arena.trials.get_expected(setting).points[0].index("appended"))
    assert arena.trials.conduct(setting, resume_together(arena.second, first_session)).problems == []


def test_a_second_driver_is_told_that_the_run_is_driven(arena: Arena) -> None:
    (setting, *_) = DUELLING
    stop = Fall(at=arena.trials.get_expected(setting).points[0].index("perform"))
    assert arena.trials.conduct(setting, stand_by(arena.second, stop)).problems == []
