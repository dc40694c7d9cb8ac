"""A run ends where somebody asks for it, at the next boundary, and the history says why."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest

from house.documents import Json, build_document, build_op, effect, lit, return_node
from house.scripted_io import NOWHERE, RUN, CrashingObserver, ScriptedIo, SimulatedCrashError
from opforge_ir.events import CancelRequested, RunCompleted, StateFailed
from opforge_runtime.engine import Engine
from opforge_runtime.history import read_run
from opforge_runtime.history_rules import check_history
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Message

REASON = "the price feed is wrong"
CANCEL = Message("cancel", "", json.dumps(REASON).encode(), "cancel-1")


def sleeper() -> Json:
    """Reads the clock, sleeps for a day, and reads it again."""
    nodes = [
        effect("before", "time.now", "int"),
        effect("slept", "time.sleep", "None", seconds=lit("int", "86400")),
        effect("after", "time.now", "int"),
        return_node(lit("int", "1")),
    ]
    return build_document({"main": build_op("int", nodes)})


def build_engine(store: MemoryStore, crash_at: int | None = None) -> Engine:
    observer = None if crash_at is None else CrashingObserver(crash_at)
    effects = ScriptedIo(lambda attempt: 1_700_000_000)
    return Engine(store, effects, clock=lambda: 1_000, longest_attended_ms=0, observer=observer, owner="test")


def begin(store: MemoryStore) -> None:
    engine = build_engine(store)
    outcome = asyncio.run(engine.start(RUN, json.dumps(sleeper()).encode(), "main", {}, provenance=NOWHERE))
    assert (outcome.outcome, outcome.due_at_epoch_ms) == ("sleeping", 86_401_000)


def check(store: MemoryStore) -> None:
    events = [each.envelope for each in read_run(store, RUN)]
    assert check_history(events, is_closing=True, waits={"sample.main.slept"}) == []
    last = events[-1].event
    assert isinstance(last, RunCompleted)
    assert last.outcome == "cancelled"
    assert [(error.code, error.fields) for error in last.error] == [("E2035", {"reason": REASON})]
    asked = [each.event for each in events if isinstance(each.event, CancelRequested)]
    assert [each.reason for each in asked] == [REASON]
    left = [each.event for each in events if isinstance(each.event, StateFailed)]
    assert [(each.state, each.error.code) for each in left] == [("sample.main.slept", "E2035")]
    record = store.get_run(RUN)
    assert record is not None
    assert (record.standing.status, record.lease) == ("cancelled", None)
    assert replay_run(store, RUN).is_finished


def test_a_sleeping_run_is_cancelled_where_it_sleeps() -> None:
    store = MemoryStore(lambda: 1_000)
    begin(store)
    store.post_message(RUN, CANCEL)
    assert store.list_drivable(10) == [RUN]
    outcome = asyncio.run(build_engine(store).resume(RUN))
    assert outcome.outcome == "cancelled"
    assert outcome.error is not None
    assert outcome.error.values == {"reason": REASON}
    check(store)


@pytest.mark.parametrize("crash_at", range(3))
def test_a_cancellation_that_a_session_died_of_goes_on(crash_at: int) -> None:
    store = MemoryStore(lambda: 1_000)
    begin(store)
    store.post_message(RUN, CANCEL)
    with suppress(SimulatedCrashError):
        asyncio.run(build_engine(store, crash_at).resume(RUN))
    if not replay_run(store, RUN).is_finished:
        asyncio.run(build_engine(store).resume(RUN))
    check(store)
