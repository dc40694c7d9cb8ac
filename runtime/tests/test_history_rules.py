"""Each rule of a history, broken once."""

from __future__ import annotations

from typing import Any

import pytest

from opforge_ir.events import Envelope
from opforge_runtime.history_rules import check_history

D = "d" * 64
S0, S1, S2 = "0" * 63 + "a", "1" * 64, "2" * 64
STARTED = {"type": "RunStarted", "op": "main", "manifest": D, "snapshot": S0}
ERROR: dict[str, Any] = {"code": "E2001", "fields": {}}


def entered(attempt: int = 1, state: str = "a", base: str = S0) -> dict[str, Any]:
    return {"type": "StateEntered", "state": state, "instance": "", "attempt": attempt, "base": base}


def fact(state: str = "a") -> dict[str, Any]:
    return {"type": "fact_recorded", "state": state, "instance": "", "fact": D}


def completed(attempt: int = 1, state: str = "a", snapshot: str = S1) -> dict[str, Any]:
    return {
        "type": "StateCompleted",
        "state": state,
        "instance": "",
        "attempt": attempt,
        "snapshot": snapshot,
    }


def failed(attempt: int = 1) -> dict[str, Any]:
    return {"type": "StateFailed", "state": "a", "instance": "", "attempt": attempt, "error": ERROR}


def resumed(session: int = 2) -> dict[str, Any]:
    return {"type": "run_resumed", "session": session}


def over(outcome: str = "completed", snapshot: str = S2) -> dict[str, Any]:
    is_completed = outcome == "completed"
    return {
        "type": "RunCompleted",
        "outcome": outcome,
        "snapshot": snapshot,
        "output": [D] if is_completed else [],
        "error": [] if is_completed else [ERROR],
    }


def note(kind: str, state: str = "a", **members: Any) -> dict[str, Any]:
    return {"type": kind, "state": state, "instance": "", **members}


def closed(attempt: int = 1, code: str = "E2034") -> dict[str, Any]:
    return {**failed(attempt), "error": {"code": code, "fields": {}}}


def resolved(decision: str, *facts: str, attempt: int = 1) -> dict[str, Any]:
    return note("attempt_resolved", attempt=attempt, decision=decision, reason="seen", fact=[*facts])


CHILD, OTHER_CHILD = "child-0001", "child-0002"
CANCEL = {"type": "cancel_requested", "reason": "late"}
FORK = {"type": "run_forked", "run": "origin-01", "seq": 3, "digest": D}


def problems(*events: dict[str, Any], first_seq: int = 1, **options: Any) -> list[tuple[int, str]]:
    envelopes = [
        Envelope.model_validate(
            {"artifact": "event", "run": "sample-1", "seq": seq, "previous": D, "event": event}
        )
        for seq, event in enumerate(events, start=first_seq)
    ]
    return [(int(p.values["seq"]), str(p.values["rule"])) for p in check_history(envelopes, **options)]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [STARTED],
        [STARTED, over(snapshot=S2)],
        [STARTED, entered(), fact(), completed(), over()],
        [STARTED, entered(), failed(), entered(2), fact(), completed(2), over()],
        [STARTED, entered(), fact(), resumed(), entered(2), completed(2), over()],
        [
            STARTED,
            entered(),
            entered(state="b"),
            fact("b"),
            failed(),
            completed(state="b"),
            over("failed", S1),
        ],
        [STARTED, entered(), resumed(), resumed(3), over("cancelled", S0)],
    ],
)
def test_a_good_history_has_no_problem(events: list[dict[str, Any]]) -> None:
    assert problems(*events) == []


@pytest.mark.parametrize(
    ("events", "seq", "rule"),
    [
        ([over("cancelled", S0)], 1, "a run begins with RunStarted, once"),
        ([STARTED, STARTED], 2, "a run begins with RunStarted, once"),
        ([STARTED, resumed(3)], 2, "sessions are counted without a gap"),
        ([STARTED, entered(2)], 2, "attempts are counted without a gap"),
        ([STARTED, entered(), entered(2)], 3, "the attempt before it is still open"),
        ([STARTED, entered(base=S1)], 2, "its base is not the run's snapshot"),
        ([STARTED, entered(), fact(), completed(), entered(2, base=S1)], 5, "the state is completed"),
        ([STARTED, fact()], 2, "a fact is recorded within an attempt"),
        ([STARTED, entered(), resumed(), fact()], 4, "a fact is recorded within an attempt"),
        ([STARTED, entered(), fact(), fact()], 4, "the state has its fact already"),
        ([STARTED, entered(), completed()], 3, "a state completes with a fact"),
        ([STARTED, entered(), fact(), completed(2)], 4, "no such attempt is under way"),
        ([STARTED, entered(), failed(), failed()], 4, "no such attempt is under way"),
        ([STARTED, entered(), resumed(), failed()], 4, "no such attempt is under way"),
        ([STARTED, entered(), over()], 3, "an attempt is still open"),
        ([STARTED, over(), resumed()], 3, "the run is over"),
        ([STARTED, over("failed", S2)], 2, "a failure does not advance the snapshot"),
    ],
)
def test_a_broken_rule_is_named_at_its_event(events: list[dict[str, Any]], seq: int, rule: str) -> None:
    assert problems(*events) == [(seq, rule)]


def test_events_are_counted_from_one_without_a_gap() -> None:
    assert problems(STARTED, first_seq=2) == [(2, "its number does not follow the one before it")]


def test_a_run_may_go_on_after_a_failure_that_it_caught() -> None:
    events = [STARTED, entered(), failed(), entered(state="b"), fact("b"), completed(state="b"), over()]
    assert problems(*events) == []


@pytest.mark.parametrize(
    "events",
    [
        [STARTED, entered(), resumed(), closed(), entered(2), fact(), completed(2), over()],
        [STARTED, entered(), fact(), resumed(), closed(), entered(2), completed(2), over()],
        [STARTED, entered(), resumed(), closed(), over("failed", S0)],
        [STARTED, entered(state="w"), resumed(), fact("w"), completed(state="w"), over()],
        [
            STARTED,
            entered(state="w"),
            note("timer_set", "w", due_at_epoch_ms=5),
            resumed(),
            fact("w"),
            completed(state="w"),
            over(),
        ],
        [STARTED, entered(), note("signal_received", position=1), fact(), completed(), over()],
        [
            STARTED,
            entered(),
            note("child_run_spawned", run=CHILD),
            resumed(),
            closed(),
            entered(2),
            note("child_run_spawned", run=CHILD),
            note("child_run_completed", run=CHILD, outcome="failed"),
            failed(2),
            over("failed", S0),
        ],
        [STARTED, entered(), note("event_emitted", name="x", value=1), fact(), completed(), over()],
        [STARTED, entered(), CANCEL, closed(code="E2035"), over("cancelled", S0)],
        [STARTED, entered(), resolved("done", D), resumed(), closed(), entered(2), completed(2), over()],
        [
            STARTED,
            entered(),
            resolved("retry"),
            resumed(),
            closed(),
            entered(2),
            fact(),
            completed(2),
            over(),
        ],
        [STARTED, entered(), resolved("failed"), resumed(), over("failed", S0)],
        [STARTED, entered(), fact(), completed(), FORK, resumed(), over()],
    ],
)
def test_a_good_history_of_format_2_has_no_problem(events: list[dict[str, Any]]) -> None:
    assert problems(*events, is_closing=True, waits={"w"}) == []


@pytest.mark.parametrize(
    ("events", "seq", "rule"),
    [
        ([STARTED, entered(), resumed(), entered(2)], 4, "the attempt before it is still open"),
        ([STARTED, entered(), resumed(), over("failed", S0)], 4, "an attempt is still open"),
        ([STARTED, entered(), over("cancelled", S0)], 3, "an attempt is still open"),
        ([STARTED, entered(), resumed(), fact()], 4, "a fact is recorded within an attempt"),
        ([STARTED, entered(), resumed(), failed()], 4, "no such attempt is under way"),
        ([STARTED, closed()], 2, "no such attempt is under way"),
        ([STARTED, over("cancelled", S1)], 2, "a failure does not advance the snapshot"),
        ([STARTED, note("timer_set", due_at_epoch_ms=5)], 2, "it belongs to an attempt"),
        ([STARTED, note("event_emitted", name="x", value=1)], 2, "it belongs to an attempt"),
        (
            [STARTED, entered(), note("signal_received", position=1), note("signal_received", position=1)],
            4,
            "the message was taken before",
        ),
        (
            [
                STARTED,
                entered(),
                note("child_run_spawned", run=CHILD),
                note("child_run_spawned", run=OTHER_CHILD),
            ],
            4,
            "the state has started another run",
        ),
        (
            [STARTED, entered(), note("child_run_completed", run=CHILD, outcome="completed")],
            3,
            "the state has not started this run",
        ),
        ([STARTED, CANCEL, CANCEL], 3, "the run was cancelled before"),
        ([STARTED, resolved("retry")], 2, "no such attempt is in doubt"),
        ([STARTED, entered(), fact(), resolved("retry")], 4, "no such attempt is in doubt"),
        ([STARTED, entered(), resolved("retry", attempt=2)], 3, "no such attempt is in doubt"),
        ([STARTED, entered(), resolved("done")], 3, "what was done has a fact, and nothing else"),
        ([STARTED, entered(), resolved("failed", D)], 3, "what was done has a fact, and nothing else"),
        ([STARTED, entered(), FORK], 3, "an attempt is still open"),
        ([STARTED, FORK, FORK], 3, "a run is forked once"),
    ],
)
def test_a_broken_rule_of_format_2_is_named_at_its_event(
    events: list[dict[str, Any]], seq: int, rule: str
) -> None:
    assert problems(*events, is_closing=True, waits={"w"}) == [(seq, rule)]


def test_an_old_history_need_not_close_its_orphans() -> None:
    events = [STARTED, entered(), fact(), resumed(), entered(2), completed(2), over()]
    assert problems(*events) == []
    assert problems(*events, is_closing=True) == [(5, "the attempt before it is still open")]
