"""What a person says about a side effect whose outcome is not known, and what the run makes of it."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Sequence

import pytest

from house.documents import (
    build_document,
    build_op,
    effect,
    field_of,
    handler,
    lit,
    no_headers,
    no_key,
    ref,
    return_node,
    return_none,
    try_node,
)
from house.sample_program import read_types
from house.scripted_io import NOWHERE, RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.canonical import JsonValue
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import AttemptResolved
from opforge_ir.ids import RunId
from opforge_ir.values import RecordInstance
from opforge_runtime import (
    Engine,
    RunOutcome,
    get_arguments,
    get_run,
    get_timeline,
    replay_run,
    request_cancel,
)
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.history import read_run
from opforge_runtime.resolution import Decision, resolve_attempt
from opforge_runtime.stores import MemoryStore
from opforge_runtime.verification import verify_run

SENT = "sample.main.sent"
URL = lit("str", "https://bank.example/pay")
PROGRAM = build_document(
    {
        "main": build_op(
            "str",
            [
                effect("got", "http.get", "Response", url=URL, headers=no_headers()),
                effect(
                    "sent",
                    "http.post",
                    "Response",
                    url=URL,
                    body=field_of(ref("got"), "text"),
                    headers=no_headers(),
                    idempotency_key=no_key(),
                ),
                return_node(field_of(ref("sent"), "text")),
            ],
        )
    }
)
PAID: JsonValue = {"status": 200, "text": "paid", "headers": []}


def answer(attempt: Attempt) -> Answer:
    text = "quote" if attempt.request.site.verb.name == "http.get" else "answered"
    return RecordInstance("Response", (200, text, {}))


class DyingIo(ScriptedIo):
    """Dies with its process when it is to send."""

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        if attempts[0].request.site.verb.name == "http.post":
            raise SimulatedCrashError
        return await super().perform(attempts)


@pytest.fixture
def store() -> MemoryStore:
    """A run that died while it sent, and whose lease was given back."""
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, DyingIo(answer), PROGRAM)
    assert get_timeline(store, RUN)[-1].state == SENT
    return store


def resolve(
    store: MemoryStore,
    decision: Decision,
    *,
    state: str = SENT,
    value: JsonValue | None = None,
    reason: str = "looked at the bank's page",
) -> None:
    resolve_attempt(
        store, RUN, state, "", decision, reason, answer=value, clock=lambda: 1_500, owner="a person"
    )


def test_a_resume_stops_where_only_a_person_knows(store: MemoryStore) -> None:
    """Issue: "the run stops in `needs_resolution`"."""
    asked = ScriptedIo(answer)
    outcome = resume(store, asked)
    assert (outcome.outcome, asked.answered) == ("needs_resolution", [])
    assert get_run(store, RUN).status == "needs_resolution"


def test_what_was_done_is_not_done_again(store: MemoryStore) -> None:
    resolve(store, "done", value=PAID)
    assert get_run(store, RUN).status == "queued"
    asked = ScriptedIo(answer)
    outcome = resume(store, asked)
    assert (outcome.outcome, asked.answered) == ("completed", [])
    assert outcome.output is not None
    assert outcome.output.value == "paid"
    assert verify_run(store, RUN).problems == []
    assert replay_run(store, RUN).is_finished


def test_what_was_not_done_is_done(store: MemoryStore) -> None:
    resume(store, ScriptedIo(answer))
    resolve(store, "retry")
    asked = ScriptedIo(answer)
    outcome = resume(store, asked)
    assert (outcome.outcome, asked.answered) == ("completed", [(SENT, "")])
    assert verify_run(store, RUN).problems == []
    assert replay_run(store, RUN).is_finished


def test_what_failed_fails_the_run(store: MemoryStore) -> None:
    resolve(store, "failed")
    asked = ScriptedIo(answer)
    outcome = resume(store, asked)
    assert (outcome.outcome, asked.answered) == ("failed", [])
    assert outcome.error is not None
    assert outcome.error.code.name == "E_RESOLVED_FAILED"
    assert verify_run(store, RUN).problems == []
    assert replay_run(store, RUN).is_finished


def test_what_failed_can_be_caught() -> None:
    document = copy.deepcopy(PROGRAM)
    got, sent, returned = document["ops"]["main"]["body"]
    caught = handler("EffectError", "e", return_node(field_of(ref("e"), "message")))
    document["ops"]["main"]["body"] = [got, try_node("try", [sent, returned], caught)]
    store, state = MemoryStore(), "sample.main.try.sent"
    with pytest.raises(SimulatedCrashError):
        start(store, DyingIo(answer), document)
    resolve(store, "failed", state=state)
    outcome = resume(store, ScriptedIo(answer))
    assert outcome.output is not None
    assert outcome.output.value == "E_RESOLVED_FAILED"
    assert verify_run(store, RUN).problems == []
    assert replay_run(store, RUN).is_finished


def test_the_decision_is_in_the_history_with_its_reason(store: MemoryStore) -> None:
    resolve(store, "retry", reason="nothing at the bank")
    event = read_run(store, RUN)[-1].envelope.event
    assert isinstance(event, AttemptResolved)
    assert (event.state, event.attempt, event.decision, event.reason) == (
        SENT,
        1,
        "retry",
        "nothing at the bank",
    )
    entry = get_timeline(store, RUN)[-1]
    assert entry.resolution == event
    assert get_run(store, RUN).record.lease is None


def test_a_large_answer_is_an_artifact(store: MemoryStore) -> None:
    resolve(store, "done", value={"status": 200, "text": "x" * 5_000, "headers": []})
    assert read_run(store, RUN)[-1].sealed.attachment == b""
    outcome = resume(store, ScriptedIo(answer))
    assert outcome.output is not None
    assert outcome.output.value == "x" * 5_000


@pytest.mark.parametrize(
    ("state", "decision", "value", "reason", "code"),
    [
        (SENT, "retry", None, "  ", "E_REASON_EMPTY"),
        (SENT, "retry", PAID, "why", "E_RESOLUTION_VALUE"),
        (SENT, "done", None, "why", "E_RESOLUTION_VALUE"),
        (SENT, "done", "paid", "why", "E_VALUE_MISMATCH"),
        ("sample.main.got", "retry", None, "why", "E_NOT_IN_DOUBT"),
        ("sample.main.none", "retry", None, "why", "E_NOT_IN_DOUBT"),
    ],
)
def test_what_cannot_be_decided_changes_nothing(
    state: str, decision: Decision, value: JsonValue, reason: str, code: str, store: MemoryStore
) -> None:
    before = read_types(store)
    with pytest.raises(DiagnosticError, match=code):
        resolve(store, decision, state=state, value=value, reason=reason)
    assert read_types(store) == before
    lease = store.get_run(RUN)
    assert lease is not None
    assert lease.lease is None


def test_a_decision_is_made_once(store: MemoryStore) -> None:
    resolve(store, "done", value=PAID)
    with pytest.raises(DiagnosticError, match=r"E_NOT_IN_DOUBT.* its answer was recorded"):
        resolve(store, "retry")


def test_what_may_be_repeated_is_not_in_doubt() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), PROGRAM, observer=CrashingObserver(2))
    with pytest.raises(DiagnosticError, match=r"E_NOT_IN_DOUBT.* changes nothing outside"):
        resolve(store, "retry", state="sample.main.got")
    with pytest.raises(DiagnosticError, match=r"E_NOT_IN_DOUBT.* has not entered it"):
        resolve(store, "retry")


def test_a_run_that_is_over_or_driven_is_not_resolved(store: MemoryStore) -> None:
    lease = store.acquire_lease(RUN, "a driver", 60_000)
    with pytest.raises(DiagnosticError, match="E_RUN_LEASED"):
        resolve(store, "retry")
    store.release_lease(lease)
    resolve(store, "done", value=PAID)
    resume(store, ScriptedIo(answer))
    with pytest.raises(DiagnosticError, match="E_RUN_FINISHED"):
        resolve(store, "retry")


def test_an_unknown_run_is_not_resolved() -> None:
    with pytest.raises(DiagnosticError, match="E_RUN_UNKNOWN"):
        resolve_attempt(
            MemoryStore(), RunId("nothing-1"), SENT, "", "retry", "why", clock=lambda: 0, owner="a person"
        )


def test_what_a_compensation_did_is_found_out_too() -> None:
    store = MemoryStore()
    post = effect(
        *("sent", "http.post", "Response"),
        url=URL,
        body=lit("str", "undo"),
        headers=no_headers(),
        idempotency_key=no_key(),
    )
    wait = effect(
        *("go", "signal.wait", "None"),
        static={"name": "go"},
        timeout_seconds=lit("Optional[int]", "None"),
    )
    ops = {
        "main": build_op("None", [wait, return_none()], compensation=["undo"]),
        "undo": build_op("None", [post, return_none()]),
    }
    document = json.dumps(build_document(ops)).encode()

    def drive(effect_io: ScriptedIo) -> RunOutcome:
        async def go_on() -> RunOutcome:
            return await Engine(store, effect_io, clock=lambda: 2_000, longest_attended_ms=0).resume(RUN)

        return asyncio.run(go_on())

    engine = Engine(store, ScriptedIo(answer), clock=lambda: 1_000)
    asyncio.run(engine.submit(RUN, document, "main", {}, provenance=NOWHERE))
    assert drive(ScriptedIo(answer)).outcome == "waiting"
    request_cancel(store, RUN, "withdrawn", "one")
    with pytest.raises(SimulatedCrashError):
        drive(DyingIo(answer))
    asked = ScriptedIo(answer)
    assert (drive(asked).outcome, asked.answered) == ("needs_resolution", [])
    doubtful = get_timeline(store, RUN)[-1]
    assert doubtful.instance == "compensate()"
    assert get_arguments(store, RUN, doubtful.state, doubtful.instance) is not None
    resolve_attempt(
        *(store, RUN, doubtful.state, doubtful.instance, "done", "seen"),
        answer=PAID,
        clock=lambda: 3_000,
        owner="a person",
    )
    asked = ScriptedIo(answer)
    assert (drive(asked).outcome, asked.answered) == ("cancelled", [])
    assert replay_run(store, RUN).is_finished


def test_a_side_effect_under_way_in_a_cancelled_run_may_have_happened(store: MemoryStore) -> None:
    request_cancel(store, RUN, "withdrawn", "one")
    asked = ScriptedIo(answer)
    assert (resume(store, asked).outcome, asked.answered) == ("cancelled", [])
    assert [entry.may_have_happened for entry in get_timeline(store, RUN)] == [False, True]
