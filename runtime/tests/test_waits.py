"""Waits of live runs: for a time and for signals, attended or left to somebody, and derived again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from house.live_runs import NOW_MS, LiveBench, get_value
from house.sample_program import TIMEOUT, answer, read_envelopes, read_types
from house.scripted_io import RUN, ScriptedIo, SimulatedCrashError
from opforge_ir.canonical import JsonValue
from opforge_ir.document import Policy
from opforge_ir.events import (
    EventEmitted,
    SignalReceived,
    StateCompleted,
    StateEntered,
    StateFailed,
    TimerSet,
)
from opforge_runtime.effect_io import live_waits
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.replay import replay_run


@pytest.fixture(params=["strict", "grouped"])
def bench(request: pytest.FixtureRequest) -> LiveBench:
    """Each step durable by itself; or reads up to a barrier, in commits that all runs share."""
    is_grouped = request.param == "grouped"
    return LiveBench("grouped" if is_grouped else "strict", is_shared=is_grouped)


def list_dues(bench: LiveBench) -> list[int]:
    events = [envelope.event for envelope in read_envelopes(bench.store)]
    return [event.due_at_epoch_ms for event in events if isinstance(event, TimerSet)]


# --- times ----------------------------------------------------------------------------------------

SLEEP = "@op\ndef main() -> int:\n    time.sleep(5)\n    return time.now()\n"


def test_a_run_sleeps_for_as_long_as_it_says(bench: LiveBench) -> None:
    assert bench.start(SLEEP).outcome == "completed"
    assert read_types(bench.store) == [
        "RunStarted",
        *["StateEntered", "timer_set", "fact_recorded", "StateCompleted"],
        *["StateEntered", "fact_recorded", "StateCompleted"],
        "RunCompleted",
    ]
    assert list_dues(bench) == [NOW_MS + 5_000]
    assert bench.clock() >= NOW_MS + 5_000


def test_a_moment_that_has_passed_is_not_waited_for(bench: LiveBench) -> None:
    assert (
        bench.start("@op\ndef main() -> None:\n    time.until(-5)\n    time.until(7)\n").outcome
        == "completed"
    )
    assert list_dues(bench) == [0, 7_000]
    assert bench.clock() == NOW_MS


def test_a_moment_is_waited_for(bench: LiveBench) -> None:
    assert bench.start("@op\ndef main() -> None:\n    time.until(1004)\n").outcome == "completed"
    assert list_dues(bench) == [1_004_000]
    assert bench.clock() >= 1_004_000


def test_a_sleeping_run_is_left_and_taken_up_when_it_is_due(bench: LiveBench) -> None:
    due = NOW_MS + 5_000
    for _ in range(2):
        outcome = (
            bench.start(SLEEP, attended_ms=0)
            if not bench.store.get_head(RUN)
            else bench.resume(attended_ms=0)
        )
        assert (outcome.outcome, outcome.due_at_epoch_ms, outcome.events) == ("sleeping", due, 3)
        record = bench.store.get_run(RUN)
        assert record is not None
        assert (record.standing.status, record.standing.due_at_epoch_ms, record.lease) == (
            "sleeping",
            due,
            None,
        )
        assert bench.store.list_drivable(9) == []
    bench.clock.now_seconds += 5
    assert bench.store.list_drivable(9) == [RUN]
    assert bench.resume(attended_ms=0).outcome == "completed"
    assert list_dues(bench) == [due]
    assert read_types(bench.store)[3:5] == ["run_resumed", "fact_recorded"]


def test_a_run_that_died_in_its_sleep_sleeps_no_longer(bench: LiveBench) -> None:
    assert bench.dies(SLEEP, crash_at=2)  # it is about to wait
    bench.clock.now_seconds += 3
    assert bench.resume().outcome == "completed"
    assert list_dues(bench) == [NOW_MS + 5_000]
    entered = [e.event for e in read_envelopes(bench.store) if isinstance(e.event, StateEntered)]
    assert [event.attempt for event in entered] == [1, 1]


def test_sleeps_side_by_side_take_as_long_as_the_longest(bench: LiveBench) -> None:
    body = (
        "def nap(n: int) -> int:\n    time.sleep(n)\n    return n\n"
        "@op\ndef main() -> list[int]:\n    return [nap(n) for n in [3, 1, 2]]\n"
    )
    assert get_value(bench.start(body)) == ["3", "1", "2"]
    assert NOW_MS + 3_000 <= bench.clock() < NOW_MS + 4_000
    assert read_types(bench.store)[1:7] == ["StateEntered", "timer_set"] * 3


def test_a_wait_ends_when_the_time_of_the_run_is_over(bench: LiveBench) -> None:
    outcome = bench.start("@op(timeout='2s')\ndef main() -> None:\n    time.sleep(5)\n")
    assert outcome.error is not None
    assert (outcome.error.code.name, outcome.error.values) == ("E_SESSION_TIMEOUT", {"timeout_ms": 2_000})
    assert NOW_MS + 2_000 <= bench.clock() < NOW_MS + 5_000


# --- signals --------------------------------------------------------------------------------------

ASK = (
    "@op\ndef main() -> int:\n"
    "    a: int = signal.wait('amount')\n    b: int = signal.wait('amount')\n    return a * 10 + b\n"
)


async def post_later(bench: LiveBench, *messages: tuple[str, JsonValue]) -> None:
    for name, value in messages:
        await asyncio.sleep(1)
        bench.post(name, value)


def list_taken(bench: LiveBench) -> list[int]:
    events = [envelope.event for envelope in read_envelopes(bench.store)]
    return [event.position for event in events if isinstance(event, SignalReceived)]


def test_signals_are_taken_in_the_order_in_which_they_came(bench: LiveBench) -> None:
    messages = ("amount", "4"), ("other", "1"), ("amount", "2")
    assert get_value(bench.start_with(ASK, post_later(bench, *messages))) == "42"
    assert list_taken(bench) == [1, 3]
    assert read_types(bench.store)[1:5] == [
        "StateEntered",
        "signal_received",
        "fact_recorded",
        "StateCompleted",
    ]


def test_a_signal_of_another_type_is_not_for_the_wait(bench: LiveBench) -> None:
    messages = ("amount", "four"), ("amount", "4"), ("amount", "2")
    assert get_value(bench.start_with(ASK, post_later(bench, *messages))) == "42"
    assert list_taken(bench) == [2, 3]


def test_a_signal_that_came_too_early_is_kept(bench: LiveBench) -> None:
    assert bench.dies(ASK, crash_at=2)
    bench.post("amount", "4")
    bench.post("amount", "2")
    assert get_value(bench.resume()) == "42"


def test_a_signal_is_taken_once_over_all_sessions(bench: LiveBench) -> None:
    assert bench.start(ASK, attended_ms=0).outcome == "waiting"
    bench.post("amount", "4")
    assert bench.store.list_drivable(9) == [RUN]
    assert bench.resume(attended_ms=0).outcome == "waiting"
    assert bench.store.list_drivable(9) == []
    assert list_taken(bench) == [1]
    assert bench.resume(attended_ms=0).outcome == "waiting"
    bench.post("amount", "2")
    assert get_value(bench.resume(attended_ms=0)) == "42"
    assert list_taken(bench) == [1, 2]


@pytest.mark.parametrize("crash_at", range(6))
def test_a_run_that_died_with_a_signal_in_its_hands_takes_it_once(bench: LiveBench, crash_at: int) -> None:
    assert bench.start(ASK, attended_ms=0).outcome == "waiting"
    bench.post("amount", "4")
    bench.post("amount", "2")
    with pytest.raises(SimulatedCrashError):
        bench.resume(crash_at=crash_at)
    if crash_at < 5:
        assert get_value(bench.resume()) == "42"
    assert replay_run(bench.store, RUN).is_finished
    assert list_taken(bench) == [1, 2]


def test_waits_side_by_side_take_a_signal_each(bench: LiveBench) -> None:
    body = (
        "def ask() -> int:\n    n: int = signal.wait('amount')\n    return n\n"
        "@op\ndef main() -> list[int]:\n    return [ask() for n in [1, 2]]\n"
    )
    outcome = bench.start_with(body, post_later(bench, ("amount", "4"), ("amount", "2")))
    assert get_value(outcome) == ["4", "2"]
    assert list_taken(bench) == [1, 2]


LIMITED = (
    "@op\ndef main() -> str:\n    try:\n        word: str = signal.wait('word', timeout=5)\n"
    "    except Timeout as error:\n        return str(error)\n    return word\n"
)


def test_a_wait_for_a_signal_has_an_end(bench: LiveBench) -> None:
    assert get_value(bench.start(LIMITED)) == "E_SIGNAL_TIMEOUT"
    assert list_dues(bench) == [NOW_MS + 5_000]
    (failed,) = [e.event.error for e in read_envelopes(bench.store) if isinstance(e.event, StateFailed)]
    assert failed.fields == {"name": "word", "timeout_seconds": 5}


def test_a_signal_that_is_there_is_taken_also_when_the_time_is_over(bench: LiveBench) -> None:
    assert bench.start(LIMITED, attended_ms=0).outcome == "waiting"
    bench.post("word", "late")
    bench.clock.now_seconds += 60
    assert get_value(bench.resume(attended_ms=0)) == "late"


def test_a_wait_that_is_not_attended_any_longer_is_left(bench: LiveBench) -> None:
    """What is due within the time is waited for; what has no end is not."""
    body = "@op\ndef main() -> None:\n    time.sleep(5)\n    signal.wait('go')\n"
    outcome = bench.start(body, attended_ms=10_000)
    assert (outcome.outcome, outcome.due_at_epoch_ms) == ("waiting", None)
    assert bench.clock() >= NOW_MS + 5_000


# --- cancellation ---------------------------------------------------------------------------------


def test_a_cancellation_is_seen_at_the_first_boundary_of_a_later_session(bench: LiveBench) -> None:
    assert bench.dies("@op\ndef main() -> int:\n    return time.now() + random.integer(1, 1)\n", crash_at=4)
    bench.cancel("no more")
    outcome = bench.resume()
    assert outcome.outcome == "cancelled"
    assert bench.outside.asked == [""]
    assert read_types(bench.store)[-3:] == ["cancel_requested", "StateFailed", "RunCompleted"]


def test_a_cancellation_between_two_attempts_leaves_nothing_open(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two reads has its answer, and the other one is to be tried again."""
    monkeypatch.setattr(live_waits, "_LOOK_SECONDS", 0)
    body = "@op(retry=3)\ndef main() -> list[int]:\n    return [random.integer(n, n) for n in [1, 2]]\n"

    class CancelledIo(ScriptedIo):
        async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
            first, *_ = await super().perform(attempts)
            return [first, TIMEOUT]

        async def wait(self, policy: Policy, failures: int) -> None:
            await super().wait(policy, failures)
            bench.cancel("no more")

    bench.outside = CancelledIo(answer)
    assert bench.start(body).outcome == "cancelled"
    assert bench.outside.waves == [2]
    entered, left = (
        Counter(e.event.instance for e in read_envelopes(bench.store) if isinstance(e.event, kinds))
        for kinds in (StateEntered, (StateCompleted, StateFailed))
    )
    assert entered == left


# --- events of the author's -----------------------------------------------------------------------

EMIT = "@op\ndef main() -> None:\n    event.emit('settled', {'amount': 5})\n"


@pytest.mark.parametrize(("profile", "count"), [("minimal", 0), ("normal", 1), ("verbose", 1)])
def test_an_event_is_in_the_history_unless_the_profile_is_minimal(
    bench: LiveBench, profile: str, count: int
) -> None:
    assert bench.start(EMIT, profile=profile).outcome == "completed"
    emitted = [e.event for e in read_envelopes(bench.store) if isinstance(e.event, EventEmitted)]
    assert [(each.name, each.value) for each in emitted] == [("settled", [["amount", "5"]])] * count
