"""A run from its start to its end: its events, its batches, its failures."""

from __future__ import annotations

import pytest

from house.documents import (
    apply,
    build_document,
    build_op,
    effect,
    let,
    lit,
    ref,
    return_node,
    return_none,
)
from house.sample_program import TIMEOUT, UNREACHABLE, answer, read_envelopes, read_types, squares
from house.scripted_io import RUN, ScriptedIo, start
from opforge_ir.codes.transport import E_CALL_REVERTED, E_RPC_TIMEOUT
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import GENESIS, StateCompleted, StateEntered, StateFailed
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import build_history, read_run
from opforge_runtime.stores import MemoryStore
from opforge_runtime.verification import verify_run

ZERO, ONE = lit("int", "0"), lit("int", "1")
REVERTED = EffectFailure(
    E_CALL_REVERTED,
    {"network": "devnet", "contract": "0x", "selector": "0x", "reason": "no", "data": "0x"},
)


def codes(error: pytest.ExceptionInfo[DiagnosticError]) -> list[str]:
    return [problem.code.name for problem in error.value.diagnostics]


# --- the event stream -----------------------------------------------------------------------------


def test_a_run_leaves_its_events_in_the_order_of_the_plan() -> None:
    store = MemoryStore()
    outcome = start(store, ScriptedIo(answer), squares(), {"ns": [2, 3]})
    assert outcome.outcome == "completed"
    assert outcome.output is not None
    assert outcome.output.value == ["4", "9"]
    drawn = ["StateEntered"] * 2 + ["fact_recorded", "StateCompleted"] * 2
    assert read_types(store) == [
        "RunStarted",
        *["StateEntered", "fact_recorded", "StateCompleted"],
        *drawn,
        *drawn,
        "RunCompleted",
    ]
    assert verify_run(store, RUN).problems == []
    assert outcome.events == len(read_envelopes(store))


def test_every_envelope_names_the_one_before_it() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(answer), squares(), {"ns": [1]})
    recorded = read_run(store, RUN)
    assert [event.envelope.previous for event in recorded] == [
        GENESIS,
        *[event.sealed.digest for event in recorded[:-1]],
    ]


def test_nothing_is_recorded_before_the_inputs_are_right() -> None:
    store = MemoryStore()
    document = squares()
    document["ops"]["main"]["parameters"].append({"name": "who", "type": "Address", "default": []})
    with pytest.raises(DiagnosticError) as refused:
        start(store, ScriptedIo(answer), document, {"ns": ["x"], "n": 1})
    assert codes(refused) == ["E_INPUT_UNKNOWN", "E_VALUE_MISMATCH", "E_INPUT_MISSING"]
    assert refused.value.diagnostics[1].pointer == "/ns/0"
    with pytest.raises(DiagnosticError) as unknown:
        start(store, ScriptedIo(answer), squares(), {}, op="other")
    assert codes(unknown) == ["E_OP_UNKNOWN"]
    assert store.list_runs() == []


def test_a_document_that_is_none_is_refused() -> None:
    with pytest.raises(DiagnosticError):
        start(MemoryStore(), ScriptedIo(answer), {"artifact": "workload"}, {})


def test_a_run_id_is_used_once() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(answer), squares(), {"ns": []})
    with pytest.raises(DiagnosticError) as refused:
        start(store, ScriptedIo(answer), squares(), {"ns": []})
    assert codes(refused) == ["E_RUN_EXISTS"]


def test_a_wave_is_performed_and_committed_in_batches() -> None:
    store, outside = MemoryStore(), ScriptedIo(answer)
    start(store, outside, squares(log=False), {"ns": list(range(7))}, batch_size=3)
    assert outside.waves == [1, 3, 3, 1]
    assert read_types(store)[4:10] == ["StateEntered"] * 3 + [
        "fact_recorded",
        "StateCompleted",
        "fact_recorded",
    ]


def test_an_op_bounds_how_many_requests_are_under_way() -> None:
    outside = ScriptedIo(answer)
    start(MemoryStore(), outside, squares(log=False, concurrency=2), {"ns": [1, 2, 3]}, batch_size=3)
    assert outside.waves == [1, 2, 1]


def test_the_output_of_an_op_without_effects_is_recorded() -> None:
    store = MemoryStore()
    document = build_document({"main": build_op("int", [return_node(ONE)])})
    outcome = start(store, ScriptedIo(answer), document)
    assert read_types(store) == ["RunStarted", "RunCompleted"]
    assert outcome.output is not None
    assert (outcome.output.type, outcome.output.value) == ("int", "1")


# --- failures -------------------------------------------------------------------------------------


def test_a_read_that_failed_is_tried_again_and_leaves_the_same_snapshot() -> None:
    undisturbed, disturbed = MemoryStore(), MemoryStore()
    expected = start(undisturbed, ScriptedIo(answer), squares(retries=2), {"ns": [1, 2, 3]})
    outside = ScriptedIo(
        answer, {("drawn xs[1]", 1): TIMEOUT, ("drawn xs[2]", 1): UNREACHABLE, ("drawn xs[1]", 2): TIMEOUT}
    )
    outcome = start(disturbed, outside, squares(retries=2), {"ns": [1, 2, 3]})
    assert outcome.snapshot == expected.snapshot
    assert outside.waits == [1, 2]
    assert outside.waves == [1, 3, 2, 1, 3]
    assert verify_run(disturbed, RUN).problems == []
    tried = [e.event for e in read_envelopes(disturbed)]
    drawn = [e for e in tried if isinstance(e, StateEntered | StateFailed) and "drawn" in e.state]
    assert [(e.type, e.instance, e.attempt) for e in drawn] == [
        ("StateEntered", "xs[0]", 1),
        ("StateEntered", "xs[1]", 1),
        ("StateEntered", "xs[2]", 1),
        ("StateFailed", "xs[1]", 1),
        ("StateFailed", "xs[2]", 1),
        ("StateEntered", "xs[1]", 2),
        ("StateEntered", "xs[2]", 2),
        ("StateFailed", "xs[1]", 2),
        ("StateEntered", "xs[1]", 3),
    ]


def test_when_no_attempt_is_left_the_run_fails_with_the_first_failure_of_the_plan() -> None:
    store = MemoryStore()
    failures = {("drawn xs[1]", 1): TIMEOUT, ("drawn xs[1]", 2): TIMEOUT}
    failures |= {("drawn xs[2]", 1): UNREACHABLE, ("drawn xs[2]", 2): UNREACHABLE}
    outside = ScriptedIo(answer, failures)
    outcome = start(store, outside, squares(retries=1), {"ns": [1, 2, 3]})
    assert outcome.outcome == "failed"
    assert outcome.error is not None
    assert outcome.error.code is E_RPC_TIMEOUT
    assert outcome.error.pointer == "/ops/main/body/1/body/0"
    assert read_types(store)[-4:] == ["StateCompleted", "StateFailed", "StateFailed", "RunCompleted"]
    assert verify_run(store, RUN).problems == []
    end = build_history(read_run(store, RUN)).end
    assert end is not None
    assert (end.outcome, end.error[0].code, end.error[0].fields) == ("failed", "E2111", TIMEOUT.fields)


def test_what_would_fail_again_is_not_tried_again() -> None:
    store, outside = MemoryStore(), ScriptedIo(answer, {("drawn xs[0]", 1): REVERTED})
    outcome = start(store, outside, squares(retries=5), {"ns": [1, 2]})
    assert outcome.outcome == "failed"
    assert outside.waits == []
    completed = [e.event for e in read_envelopes(store) if isinstance(e.event, StateCompleted)]
    assert [e.instance for e in completed] == ["", "xs[1]"]


def test_a_program_failure_is_recorded_with_code_and_fields() -> None:
    store = MemoryStore()
    body = [
        effect("now", "time.now", "int"),
        let("x", "int", apply("int.floordiv", ref("now"), ZERO)),
        return_node(ref("x")),
    ]
    outcome = start(store, ScriptedIo(answer), build_document({"main": build_op("int", body)}))
    end = build_history(read_run(store, RUN)).end
    assert end is not None
    assert end.error[0].model_dump() == {
        "code": "E2001",
        "fields": {"exception": "ZeroDivisionError", "at": "sample.main.x", "instance": ""},
    }
    assert outcome.error is not None
    assert outcome.error.pointer == "/ops/main/body/1"
    assert end.snapshot == outcome.snapshot


def test_a_text_that_has_no_stored_form_fails_the_run() -> None:
    surrogate = apply("int.format", lit("int", str(0xD800)), lit("str", "c"))
    returned = build_document({"main": build_op("str", [return_node(surrogate)])})
    logged = build_document(
        {
            "main": build_op(
                "None", [effect("log-info", "log.info", "None", message=surrogate), return_none()]
            )
        },
    )
    for document in (returned, logged):
        store, outside = MemoryStore(), ScriptedIo(answer)
        outcome = start(store, outside, document)
        assert outcome.error is not None
        assert outcome.error.code.name == "E_VALUE_SURROGATE"
        assert outside.asked == []
        assert read_types(store) == ["RunStarted", "RunCompleted"]
