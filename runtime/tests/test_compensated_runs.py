"""Runs in which something is undone: recorded like all else, and the same after a crash at any point."""

from __future__ import annotations

from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    fail_node,
    field_of,
    handler,
    if_node,
    invoke_node,
    list_value,
    lit,
    map_node,
    ref,
    return_node,
    return_none,
    try_node,
    yield_node,
)
from house.sample_program import TIMEOUT, answer, read_envelopes, read_types
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.events import RunCompleted, StateCompleted
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore

ZERO, ONE = lit("int", "0"), lit("int", "1")
XS = list_value("list[int]", *(lit("int", str(n)) for n in range(3)))


def say(id_: str, text: str) -> Json:
    return effect(id_, "log.info", "None", message=lit("str", text))


def build(*, is_caught: bool) -> Json:
    """Pays 0, 1 and 2 side by side; 1 fails after its first step, and 2 is under way then."""
    draw = effect("drawn", "random.integer", "int", low=ZERO, high=ref("n"))
    fails = if_node("is-one", apply("value.eq", ref("n"), ONE), [fail_node("no")])
    steps = [say(f"step{number}", "paid") for number in range(4)]
    pay = build_op("int", [draw, fails, *steps, return_node(ref("n"))], {"n": "int"}, compensation=["undo"])
    undo = build_op("None", [say("first", "undo"), say("second", "undone"), return_none()], {"n": "int"})
    calls = [invoke_node("i", "int", "pay", ref("x")), yield_node(ref("i"))]
    fanned = map_node("m", "list[int]", XS, {"x": "int"}, calls)
    body = [fanned]
    if is_caught:
        told = handler("Fail", "e", say("why", "caught"), return_node(field_of(ref("e"), "message")))
        body = [try_node("t", body, told)]
    main = build_op("str", [*body, return_node(lit("str", "fine"))])
    return build_document({"main": main, "pay": pay, "undo": undo})


def read_completed(store: MemoryStore) -> list[str]:
    """The states that were completed, each with its instance, without the workload."""
    events = [envelope.event for envelope in read_envelopes(store)]
    return sorted(
        f"{event.state.partition('.')[2]} {event.instance}"
        for event in events
        if isinstance(event, StateCompleted)
    )


def test_what_undoes_is_recorded_at_its_own_states() -> None:
    store = MemoryStore()
    outcome = start(store, ScriptedIo(answer), build(is_caught=False))
    assert outcome.error is not None
    assert outcome.error.values["message"] == "no"
    expected = [
        *(f"pay.drawn m[{n}]/m.i" for n in range(3)),
        *(f"pay.step{number} m[0]/m.i" for number in range(4)),
        *(f"pay.step{number} m[2]/m.i" for number in range(2)),
        *(f"undo.{state} m[{n}]/m.i/compensate()" for state in ("first", "second") for n in (1, 2)),
    ]
    assert read_completed(store) == sorted(expected)
    assert replay_run(store, RUN).is_finished


def test_a_failed_effect_of_a_compensated_op_does_not_end_the_run_before_it_is_undone() -> None:
    store = MemoryStore()
    outcome = start(store, ScriptedIo(answer, {("drawn m[0]/m.i", 1): TIMEOUT}), build(is_caught=False))
    assert outcome.error is not None
    assert outcome.error.code is TIMEOUT.code
    undone = [state for state in read_completed(store) if state.startswith("undo.second")]
    assert undone == [f"undo.second m[{n}]/m.i/compensate()" for n in range(3)]
    assert replay_run(store, RUN).is_finished


@pytest.mark.parametrize("is_caught", [True, False])
def test_a_run_that_died_anywhere_is_undone_as_if_it_had_not(is_caught: bool) -> None:
    document = build(is_caught=is_caught)
    undisturbed = MemoryStore()
    expected = start(undisturbed, ScriptedIo(answer), document)
    resumed = 0
    for crash_at in range(1000):
        store, observer = MemoryStore(), CrashingObserver(crash_at)
        try:
            start(store, ScriptedIo(answer), document, observer=observer)
        except SimulatedCrashError:
            pass
        else:
            break
        if store.get_head(RUN) == 0 or read_types(store)[-1] == "RunCompleted":
            continue
        outcome = resume(store, ScriptedIo(answer))
        resumed += 1
        assert (outcome.output, outcome.error) == (expected.output, expected.error)
        assert read_completed(store) == read_completed(undisturbed)
        assert read_end(store) == read_end(undisturbed)
        assert replay_run(store, RUN).is_finished
    assert resumed > 10


def read_end(store: MemoryStore) -> Any:
    event = read_envelopes(store)[-1].event
    assert isinstance(event, RunCompleted)
    return event.outcome, event.snapshot, event.error
