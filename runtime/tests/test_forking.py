"""A new run from the beginning of another one."""

from __future__ import annotations

import asyncio
import json

import pytest

from house.sample_program import TIMEOUT, answer, read_envelopes, squares
from house.scripted_io import NOWHERE, RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from house.waiting_runs import build_approval
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.events import RunForked, SignalReceived, StateCompleted, TimerSet
from opforge_ir.ids import RunId
from opforge_runtime import Engine, RunOutcome, get_record, get_run, replay_run, resume_run, send_signal
from opforge_runtime.forking import fork_run
from opforge_runtime.history import read_run
from opforge_runtime.stores import MemoryStore
from opforge_runtime.verification import verify_run

NEW = RunId("sample-run-2")
EVENTS = 17
"""How many the sample program writes for two inputs."""


def fork(store: MemoryStore, seq: int, origin: RunId = RUN, run: RunId = NEW) -> int:
    return fork_run(store, origin, seq, run, clock=lambda: 3_000, owner="a person")


def check(store: MemoryStore, run: RunId) -> list[Diagnostic]:
    return verify_run(store, run).problems


@pytest.mark.parametrize("seq", range(1, EVENTS + 1))
def test_a_fork_at_any_event_comes_to_the_same_end(seq: int) -> None:
    store = MemoryStore()
    original = start(store, ScriptedIo(answer), squares(), {"ns": [1, 2]})
    assert original.events == EVENTS
    before = [event.sealed for event in store.read_events(RUN)]
    taken = fork(store, seq)
    asked = ScriptedIo(answer)
    outcome = asyncio.run(resume_run(store, asked, NEW, clock=lambda: 4_000))
    assert (outcome.output, outcome.snapshot) == (original.output, original.snapshot)
    assert taken + len(asked.answered) == 5
    assert check(store, NEW) == []
    assert replay_run(store, NEW).is_finished
    assert [event.sealed for event in store.read_events(RUN)] == before


def test_a_fork_says_where_it_comes_from() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(answer), squares(), {"ns": [3]})
    completed = next(e.seq for e in read_envelopes(store) if isinstance(e.event, StateCompleted))
    assert fork(store, completed) == 1
    events = [recorded.envelope.event.type for recorded in read_run(store, NEW)]
    assert events == ["RunStarted", "StateEntered", "fact_recorded", "StateCompleted", "run_forked"]
    point = read_run(store, NEW)[-1].envelope.event
    assert isinstance(point, RunForked)
    assert point.digest == read_run(store, RUN)[completed - 1].sealed.digest
    assert get_run(store, NEW).forked_from == (RUN, completed)
    assert get_run(store, NEW).inputs == get_run(store, RUN).inputs
    record = get_record(store, NEW)
    assert (record.standing.status, record.lease, record.opening.parent) == ("queued", None, None)


def test_what_was_under_way_is_left_out() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), squares(), {"ns": [1, 2]}, observer=CrashingObserver(6))
    fork(store, len(read_run(store, RUN)))
    states = [getattr(recorded.envelope.event, "state", None) for recorded in read_run(store, NEW)]
    assert states == [None, *["sample.main.now"] * 3, None]


def test_attempts_of_what_came_to_an_end_are_kept() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(answer, {("now ", 1): TIMEOUT}), squares(retries=1), {"ns": [1]})
    fork(store, len(read_run(store, RUN)))
    types = [recorded.envelope.event.type for recorded in read_run(store, NEW)]
    assert types[:4] == ["RunStarted", "StateEntered", "StateFailed", "StateEntered"]
    assert check(store, NEW) == []


def test_a_run_with_several_sessions_and_a_fork_are_forked() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), squares(), {"ns": [1, 2]}, observer=CrashingObserver(6))
    original = resume(store, ScriptedIo(answer))
    fork(store, original.events)
    fork(store, len(read_run(store, NEW)), NEW, RunId("sample-run-3"))
    outcome = asyncio.run(resume_run(store, ScriptedIo(answer), RunId("sample-run-3"), clock=lambda: 1))
    assert outcome.output == original.output
    assert check(store, RunId("sample-run-3")) == []
    assert replay_run(store, RunId("sample-run-3")).is_finished


def test_a_fork_waits_for_what_had_not_arrived_and_takes_no_message_of_the_other_inbox() -> None:
    store = MemoryStore()

    def leave(run: RunId) -> RunOutcome:
        async def go_on() -> RunOutcome:
            engine = Engine(store, ScriptedIo(answer), clock=lambda: 2_000, longest_attended_ms=0)
            return await engine.resume(run)

        return asyncio.run(go_on())

    document = build_approval(sleep_seconds=0)
    engine = Engine(store, ScriptedIo(answer), clock=lambda: 1_000)
    start = engine.submit(RUN, json.dumps(document).encode(), "main", {"amount": 5}, provenance=NOWHERE)
    asyncio.run(start)
    assert leave(RUN).outcome == "waiting"
    send_signal(store, RUN, "approve", True, "one")
    assert leave(RUN).outcome == "completed"
    waits = [each.seq for each in read_envelopes(store) if isinstance(each.event, SignalReceived | TimerSet)]
    assert len(waits) == 3
    for number, seq in enumerate(range(1, get_record(store, RUN).head + 1)):
        run = RunId(f"forked-run-{number}")
        fork(store, seq, run=run)
        outcome = leave(run)
        if outcome.outcome == "waiting":
            send_signal(store, run, "approve", True, "one")
            outcome = leave(run)
        assert outcome.outcome == "completed"
        assert check(store, run) == []
        assert replay_run(store, run).is_finished


@pytest.mark.parametrize("seq", [0, -1, EVENTS + 1])
def test_there_is_nothing_to_fork_beyond_the_end(seq: int) -> None:
    store = MemoryStore()
    start(store, ScriptedIo(answer), squares(), {"ns": [1, 2]})
    with pytest.raises(DiagnosticError, match="E_FORK_POINT"):
        fork(store, seq)
    assert store.get_run(NEW) is None


def test_a_fork_takes_no_id_that_is_taken() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(answer), squares(), {"ns": [1]})
    with pytest.raises(DiagnosticError, match="E_RUN_EXISTS"):
        fork(store, 1, RUN, RUN)
