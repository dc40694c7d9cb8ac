"""Runs that died are taken up again, and end as if nothing had happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    lit,
    map_node,
    no_headers,
    no_key,
    ref,
    return_node,
    yield_node,
)
from house.sample_program import TIMEOUT, answer, read_envelopes, read_types, squares
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.events import Envelope, RunResumed
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.history import read_history
from opforge_runtime.journal import Journal, SilentObserver
from opforge_runtime.leases import build_owner
from opforge_runtime.log import DirectLog
from opforge_runtime.queries.summary import get_record
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore
from opforge_runtime.verification import verify_run


def codes(error: pytest.ExceptionInfo[DiagnosticError]) -> list[str]:
    return [problem.code.name for problem in error.value.diagnostics]


def crash_everywhere(
    document: Json, inputs: Json, make_io: Callable[[], ScriptedIo]
) -> Iterator[tuple[str, MemoryStore]]:
    """A store for every point of a run, as a crash there left it."""
    for crash_at in range(1000):
        store = MemoryStore()
        try:
            start(store, make_io(), document, inputs, observer=CrashingObserver(crash_at), batch_size=2)
        except SimulatedCrashError as crash:
            yield str(crash), store
            continue
        return


@pytest.mark.parametrize("failures", [{}, {("drawn xs[1]", 1): TIMEOUT, ("drawn xs[2]", 1): TIMEOUT}])
def test_a_resume_after_a_crash_anywhere_ends_in_the_same_snapshot(failures: Any) -> None:
    document, inputs = squares(retries=2), {"ns": [1, 2, 3]}
    expected = start(MemoryStore(), ScriptedIo(answer), document, inputs, batch_size=2)
    points: dict[str, int] = {}
    for point, store in crash_everywhere(document, inputs, lambda: ScriptedIo(answer, failures)):
        points[point] = points.get(point, 0) + 1
        if store.get_head(RUN) == 0 or read_types(store)[-1] == "RunCompleted":
            continue  # it died before the run began, or after it had ended
        known = {key(e) for e in read_envelopes(store) if e.event.type == "fact_recorded"}
        outside = ScriptedIo(answer, failures)
        outcome = resume(store, outside)
        assert outcome.snapshot == expected.snapshot
        assert outcome.output == expected.output
        assert verify_run(store, RUN).problems == []
        assert known.isdisjoint(outside.answered)
        recorded = [key(e) for e in read_envelopes(store) if e.event.type == "fact_recorded"]
        assert len(recorded) == len(set(recorded)) == 7
    # The time, two groups of numbers, two of lines: what a group came to is appended with the beginning of
    # the next one, and alone when something is to be tried again.
    steps, repeated = 5, len(failures)
    appends, performs = steps + 1 + 2 * repeated, steps + repeated
    assert points == {"append": appends, "appended": appends, "perform": performs, "performed": performs}


def key(envelope: Envelope) -> tuple[str, str]:
    """State and instance of an event that has them."""
    return getattr(envelope.event, "state", ""), getattr(envelope.event, "instance", "")


def test_recorded_facts_are_not_asked_for_again() -> None:
    document, inputs = squares(log=False), {"ns": [1, 2, 3]}
    store, observer = MemoryStore(), CrashingObserver(10)
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), document, inputs, batch_size=2, observer=observer)
    known = {e.event.instance for e in read_envelopes(store) if e.event.type == "fact_recorded"}
    assert known == {"", "xs[0]", "xs[1]"}
    outside = ScriptedIo(answer)
    resume(store, outside)
    assert outside.asked == ["xs[2]"]


def test_a_fact_inside_an_orphaned_attempt_stays_valid() -> None:
    """A failure in the group keeps the other one's fact, and the crash comes before it is completed."""
    document, inputs = squares(retries=1, log=False), {"ns": [1, 2]}
    failures = {("drawn xs[1]", 1): TIMEOUT}
    store = MemoryStore()
    for crash_at in range(100):
        store = MemoryStore()
        with suppress(SimulatedCrashError):
            start(store, ScriptedIo(answer, failures), document, inputs, observer=CrashingObserver(crash_at))
        if store.list_runs() and read_types(store)[-2:] == ["fact_recorded", "StateFailed"]:
            break
    outside = ScriptedIo(answer)
    outcome = resume(store, outside)
    assert outside.asked == ["xs[1]"]
    assert outcome.output is not None
    assert outcome.output.value == ["1", "4"]
    assert verify_run(store, RUN).problems == []


def test_failures_are_counted_over_all_sessions() -> None:
    document, inputs = squares(retries=1, log=False), {"ns": [1]}
    store = MemoryStore()
    for crash_at in range(100):
        store = MemoryStore()
        outside = ScriptedIo(answer, {("drawn xs[0]", 1): TIMEOUT})
        with suppress(SimulatedCrashError):
            start(store, outside, document, inputs, observer=CrashingObserver(crash_at))
        if store.list_runs() and read_types(store)[-1] == "StateFailed":
            break
    outcome = resume(store, ScriptedIo(answer, {("drawn xs[0]", 2): TIMEOUT}))
    assert outcome.outcome == "failed"


def test_a_finished_run_and_an_unknown_one_are_not_resumed() -> None:
    store = MemoryStore()
    with pytest.raises(DiagnosticError) as unknown:
        resume(store, ScriptedIo(answer))
    assert codes(unknown) == ["E_RUN_UNKNOWN"]
    start(store, ScriptedIo(answer), squares(), {"ns": []})
    head = store.get_head(RUN)
    with pytest.raises(DiagnosticError) as finished:
        resume(store, ScriptedIo(answer))
    assert codes(finished) == ["E_RUN_FINISHED"]
    assert store.get_head(RUN) == head


def test_a_side_effect_that_may_have_happened_is_left_to_a_person() -> None:
    url, headers = lit("str", "https://api.example.com/x"), no_headers()
    post = effect(
        "sent",
        "http.post",
        "Response",
        url=url,
        body=lit("str", "hello"),
        headers=headers,
        idempotency_key=no_key(),
    )
    body = [
        map_node("xs", "list[int]", ref("ns"), {"n": "int"}, [post, yield_node(ref("n"))]),
        return_node(ref("xs")),
    ]
    document = build_document({"main": build_op("list[int]", body, {"ns": "list[int]"})})

    def respond(attempt: Attempt) -> Answer:
        return RecordInstance("Response", (200, "ok", {}))

    store, outside = MemoryStore(), ScriptedIo(respond)
    observer = CrashingObserver(9)
    with pytest.raises(SimulatedCrashError):
        start(store, outside, document, {"ns": [1, 2, 3]}, observer=observer)
    assert outside.waves == [1, 1]  # each of them is a group of its own
    assert read_types(store)[-1] == "StateEntered"
    head = store.get_head(RUN)
    again = ScriptedIo(respond)
    for _ in range(2):
        outcome = resume(store, again)
        assert outcome.outcome == "needs_resolution"
        assert outcome.error is not None
        assert outcome.error.code.name == "E_OUTCOME_UNKNOWN"
        assert outcome.error.pointer == "/ops/main/body/0/body/0"
        assert outcome.error.values == {
            "verb": "http.post",
            "state": "sample.main.xs.sent",
            "instance": "xs[1]",
            "run": RUN,
        }
    assert store.get_head(RUN) == head
    assert get_record(store, RUN).standing.status == "needs_resolution"
    assert again.asked == []
    assert replay_run(store, RUN).events == head


def open_journal(store: MemoryStore, *, dead_owner: str | None = None) -> Journal:
    """The end of the run, as another process would go on from it."""
    history = read_history(store, RUN)
    return Journal(
        DirectLog(store),
        store.acquire_lease(RUN, "another", 1_000, dead_owner=dead_owner),
        head=history.head,
        previous=history.previous,
        snapshot=history.snapshot,
        clock=lambda: 0,
        observer=SilentObserver(),
    )


def test_another_driver_in_between_is_noticed() -> None:
    store = MemoryStore(lambda: 0)

    class Meddler(ScriptedIo):
        async def perform(self, attempts: Any) -> list[Answer]:
            # another process takes this one for dead, takes the run up, and stops at once
            journal = open_journal(store, dead_owner=build_owner())
            journal.note(RunResumed(type="run_resumed", session=2))
            await journal.commit("queued")
            return await super().perform(attempts)

    with pytest.raises(DiagnosticError) as refused:
        start(store, Meddler(answer), squares(), {"ns": [1]})
    assert codes(refused) == ["E_LEASE_LOST"]
    assert resume(store, ScriptedIo(answer)).outcome == "completed"
    assert verify_run(store, RUN).problems == []


def test_a_fact_of_another_request_is_refused() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), squares(), {"ns": [1]}, observer=CrashingObserver(2))
    journal = open_journal(store)
    journal.record_fact("sample.main.now", "", Digest("f" * 64), b'"5"')
    asyncio.run(journal.commit("queued"))
    with pytest.raises(DiagnosticError) as refused:
        resume(store, ScriptedIo(answer))
    (problem,) = refused.value.diagnostics
    assert problem.code.name == "E_FACT_MISMATCH"
    assert problem.values["recorded"] == "f" * 64
    assert problem.values["asked"] != problem.values["recorded"]
