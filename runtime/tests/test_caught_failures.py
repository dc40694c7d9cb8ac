"""Effects that fail for good under a program that goes on: settled once, in every session and in replay."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    field_of,
    handler,
    if_node,
    invoke_node,
    let,
    lit,
    map_node,
    ref,
    return_node,
    return_none,
    try_node,
    yield_node,
)
from house.sample_program import TIMEOUT, UNREACHABLE, answer, read_envelopes, read_types
from house.scripted_io import (
    RUN,
    CrashingObserver,
    ScriptedIo,
    SimulatedCrashError,
    resume,
    start,
    start_unchecked,
)
from opforge_ir.codes.execution import E_SESSION_TIMEOUT
from opforge_ir.events import Envelope, StateEntered, StateFailed
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import build_history, read_run
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore
from opforge_runtime.verification import verify_run

ZERO, ONE = lit("int", "0"), lit("int", "1")
TEXT = apply("str.concat", field_of(ref("e"), "kind"), lit("str", " "), field_of(ref("e"), "message"))
OUT_OF_TIME = EffectFailure(E_SESSION_TIMEOUT, {"timeout_ms": 5})


def draw(id_: str, high: Json = ONE) -> Json:
    return effect(id_, "random.integer", "int", low=ZERO, high=high)


def say(id_: str, text: Json) -> Json:
    return effect(id_, "log.info", "None", message=text)


def attempts(*, retries: int = 0) -> Json:
    """Draws a number for each input, says why where that fails, and returns the numbers, -1 where it did."""
    attempt = try_node(
        "try",
        [draw("drawn", ref("n")), yield_node(ref("drawn"))],
        handler("RpcError Timeout", "e", say("why", TEXT), yield_node(lit("int", "-1"))),
        always=[let("done", "int", ONE)],
    )
    body = [map_node("xs", "list[int]", ref("ns"), {"n": "int"}, [attempt]), return_node(ref("xs"))]
    return build_document({"main": build_op("list[int]", body, {"ns": "list[int]"}, retries=retries)})


def one(*body: Json, errors: str, retries: int = 0, **ops: Json) -> Json:
    """A program that says which error its body ended with."""
    attempt = try_node("try", body, handler(errors, "e", return_node(TEXT)))
    main = build_op("str", [attempt, return_node(lit("str", "fine"))], retries=retries)
    return build_document({"main": main, **ops})


def describe(envelopes: list[Envelope]) -> list[str]:
    events = [envelope.event for envelope in envelopes]
    return [
        " ".join(filter(None, [e.type, getattr(e, "state", "")[12:], getattr(e, "instance", "")]))
        for e in events
    ]


# --- the event stream -----------------------------------------------------------------------------


def test_a_caught_failure_is_one_failed_attempt_and_the_run_goes_on() -> None:
    store, outside = MemoryStore(), ScriptedIo(answer, {("drawn xs[1]", 1): TIMEOUT})
    outcome = start(store, outside, attempts(), {"ns": [5, 6]})
    assert outcome.output is not None
    assert outcome.output.value == ["5", "-1"]
    assert describe(read_envelopes(store)) == [
        "RunStarted",
        "StateEntered xs.try.drawn xs[0]",
        "StateEntered xs.try.drawn xs[1]",
        "fact_recorded xs.try.drawn xs[0]",
        "StateCompleted xs.try.drawn xs[0]",
        "StateFailed xs.try.drawn xs[1]",
        "StateEntered xs.try.except.e.why xs[1]",
        "fact_recorded xs.try.except.e.why xs[1]",
        "StateCompleted xs.try.except.e.why xs[1]",
        "RunCompleted",
    ]
    assert verify_run(store, RUN).problems == []
    assert replay_run(store, RUN).is_finished


def test_a_failure_is_caught_when_no_attempt_is_left() -> None:
    failures = {("drawn xs[0]", 1): UNREACHABLE, ("drawn xs[0]", 2): TIMEOUT, ("drawn xs[1]", 1): TIMEOUT}
    store, outside = MemoryStore(), ScriptedIo(answer, failures)
    outcome = start(store, outside, attempts(retries=1), {"ns": [5, 6, 7]})
    assert outcome.output is not None
    assert outcome.output.value == ["-1", "6", "7"]
    assert outside.waves == [3, 2, 1]
    assert outside.waits == [1]
    assert verify_run(store, RUN).problems == []
    replay_run(store, RUN)


def test_a_failure_in_a_try_keeps_the_rest_of_the_wave_from_nothing() -> None:
    store, outside = MemoryStore(), ScriptedIo(answer, {("drawn xs[0]", 1): TIMEOUT})
    start(store, outside, attempts(), {"ns": list(range(5))}, batch_size=2)
    assert outside.waves == [2, 2, 1, 1]


def test_an_error_that_no_handler_catches_ends_the_run_as_it_ever_did() -> None:
    document = one(draw("drawn"), errors="Reverted HttpError")
    store = MemoryStore()
    outcome = start(store, ScriptedIo(answer, {("drawn ", 1): TIMEOUT}), document)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.values) == (TIMEOUT.code, TIMEOUT.fields)
    assert outcome.error.pointer == "/ops/main/body/0/body/0"
    end = build_history(read_run(store, RUN)).end
    assert end is not None
    assert (end.outcome, end.error[0].code) == ("failed", TIMEOUT.code.number)
    assert verify_run(store, RUN).problems == []
    replay_run(store, RUN)


def test_the_time_of_a_session_ends_the_run_at_once() -> None:
    store = MemoryStore()
    failures = {("drawn xs[0]", 1): TIMEOUT, ("drawn xs[1]", 1): OUT_OF_TIME}
    outside = ScriptedIo(answer, failures)
    outcome = start(store, outside, attempts(), {"ns": [1, 2, 3]}, batch_size=2)
    assert outcome.error is not None
    assert outcome.error.code is E_SESSION_TIMEOUT
    assert outside.waves == [2]
    assert verify_run(store, RUN).problems == []


def test_a_failure_without_a_try_waits_for_what_comes_of_one_before_it() -> None:
    attempt = try_node("try", [draw("drawn")], handler("Timeout", "e", {"kind": "fail", "message": TEXT}))
    is_first = apply("value.eq", ref("n"), ZERO)
    body = [if_node("if-first", is_first, [attempt], [draw("drawn")]), yield_node(ref("n"))]
    nodes = [map_node("xs", "list[int]", ref("ns"), {"n": "int"}, body), return_none()]
    document = build_document({"main": build_op("None", nodes, {"ns": "list[int]"})})
    failures = {("drawn xs[0]", 1): TIMEOUT, ("drawn xs[1]", 1): UNREACHABLE}
    for batch_size in (1, 2):
        store = MemoryStore()
        outcome = start(store, ScriptedIo(answer, failures), document, {"ns": [0, 1]}, batch_size=batch_size)
        assert outcome.error is not None
        assert outcome.error.values["message"] == "Timeout E_RPC_TIMEOUT"
        assert verify_run(store, RUN).problems == []


def test_what_was_not_granted_can_be_caught() -> None:
    document = one(draw("drawn"), errors="NotGranted")
    document["grants"]["ambient"] = []
    store = MemoryStore()
    outcome = start_unchecked(store, ScriptedIo(answer), document)
    assert outcome.output is not None
    assert outcome.output.value == "NotGranted E_NOT_GRANTED"
    replay_run(store, RUN)


# --- sessions -------------------------------------------------------------------------------------


def answer_or_fail(attempt: Attempt) -> Answer:
    """Numbers up to 6 and up to 8 can never be drawn."""
    failures = {6: UNREACHABLE, 8: TIMEOUT}
    high: Any = attempt.request.arguments.get("high")
    return failures.get(high) or answer(attempt)


ONCE = {("drawn xs[0]", 1): TIMEOUT}


@pytest.mark.parametrize(("retries", "failures", "points"), [(1, ONCE, 28), (0, {}, 16)])
def test_a_run_that_died_anywhere_goes_on_with_the_same_failures(
    retries: int, failures: Any, points: int
) -> None:
    document, inputs = attempts(retries=retries), {"ns": [5, 6, 7, 8, 9]}
    expected = start(MemoryStore(), ScriptedIo(answer_or_fail), document, inputs, batch_size=2)
    assert expected.output is not None
    assert expected.output.value == ["5", "-1", "7", "-1", "9"]
    resumed = 0
    for crash_at in range(1000):
        store = MemoryStore()
        observer: Any = CrashingObserver(crash_at)
        try:
            start(
                store, ScriptedIo(answer_or_fail, failures), document, inputs, batch_size=2, observer=observer
            )
        except SimulatedCrashError:
            pass
        else:
            break
        if store.get_head(RUN) == 0 or read_types(store)[-1] == "RunCompleted":
            continue
        before = read_envelopes(store)
        outside = ScriptedIo(answer_or_fail, failures)
        outcome = resume(store, outside)
        resumed += 1
        assert outcome.snapshot == expected.snapshot
        assert outcome.output == expected.output
        assert verify_run(store, RUN).problems == []
        failed = Counter(e.event.instance for e in before if isinstance(e.event, StateFailed))
        settled = {instance for instance, times in failed.items() if times > retries}
        entered = [e.event for e in read_envelopes(store)[len(before) :]]
        drawn = [e for e in entered if isinstance(e, StateEntered) and e.state.endswith("drawn")]
        assert settled.isdisjoint(e.instance for e in drawn)
        report = replay_run(store, RUN)
        assert (report.sessions, report.is_finished) == (2, True)
    assert resumed == points


# --- the policy of an invoked op ------------------------------------------------------------------


def test_the_retries_of_an_invoked_op_hold_for_its_effects_only() -> None:
    third = build_op("int", [draw("c"), return_node(ref("c"))], retries=0)
    other = build_op(
        "int", [draw("a"), invoke_node("i", "int", "third"), draw("b"), return_node(ref("b"))], retries=2
    )
    document = one(
        invoke_node("i", "int", "other"), draw("d"), errors="Timeout", retries=1, other=other, third=third
    )

    def run(*failing: str) -> tuple[Any, list[int]]:
        store = MemoryStore()
        failures = {(f"{name[0]} {name[2:]}", number): TIMEOUT for name in failing for number in range(1, 9)}
        outside = ScriptedIo(answer, failures)
        outcome = start(store, outside, document)
        assert outcome.output is not None
        replay_run(store, RUN)
        return outcome.output.value, outside.waits

    assert run() == ("fine", [])
    assert run("a:try.i") == ("Timeout E_RPC_TIMEOUT", [1, 2])
    assert run("c:try.i/i") == ("Timeout E_RPC_TIMEOUT", [])
    assert run("b:try.i") == ("Timeout E_RPC_TIMEOUT", [1, 2])
    assert run("d:") == ("Timeout E_RPC_TIMEOUT", [1])
