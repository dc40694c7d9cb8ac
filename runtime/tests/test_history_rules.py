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


def problems(*events: dict[str, Any], first_seq: int = 1) -> list[tuple[int, str]]:
    envelopes = [
        Envelope.model_validate(
            {"artifact": "event", "run": "sample-1", "seq": seq, "previous": D, "event": event}
        )
        for seq, event in enumerate(events, start=first_seq)
    ]
    return [(int(p.values["seq"]), str(p.values["rule"])) for p in check_history(envelopes)]


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
