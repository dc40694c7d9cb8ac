"""A run from its start to its end, through failures, refusals and resumes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    let,
    lit,
    map_node,
    no_headers,
    record_value,
    ref,
    return_node,
    yield_node,
)
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.codes.transport import E_CALL_REVERTED, E_RPC_TIMEOUT, E_RPC_UNREACHABLE
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import GENESIS, Envelope, StateCompleted, StateEntered, StateFailed
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import build_history, read_run
from opforge_runtime.history_rules import check_history
from opforge_runtime.journal import Journal, SilentObserver
from opforge_runtime.stores import MemoryStore

ZERO, ONE = lit("int", "0"), lit("int", "1")
TIMEOUT = EffectFailure(E_RPC_TIMEOUT, {"network": "devnet", "timeout_ms": 5})
UNREACHABLE = EffectFailure(E_RPC_UNREACHABLE, {"network": "devnet"})
REVERTED = EffectFailure(
    E_CALL_REVERTED,
    {"network": "devnet", "contract": "0x", "selector": "0x", "reason": "no", "data": "0x"},
)


def squares(*, retries: int = 0, log: bool = True) -> Json:
    """Draws a number for each input at once, says so for each, and returns the sums."""
    body = [effect("drawn", "random.integer", "int", low=ZERO, high=ref("n"))]
    if log:
        body.append(effect("log-info", "log.info", "None", message=apply("int.str", ref("drawn"))))
    body.append(yield_node(apply("int.mul", ref("drawn"), ref("drawn"))))
    main = build_op(
        "list[int]",
        [
            effect("now", "time.now", "int"),
            map_node("xs", "list[int]", ref("ns"), {"n": "int"}, body),
            return_node(ref("xs")),
        ],
        {"ns": "list[int]"},
        retries=retries,
    )
    return build_document({"main": main}, ambient=["log", "random", "time"])


def answer(attempt: Attempt) -> Answer:
    match attempt.request.site.verb.name:
        case "time.now":
            return 1_700_000_000
        case "random.integer":
            return attempt.request.arguments["high"]
        case _:
            return None


def envelopes(store: MemoryStore) -> list[Envelope]:
    return [event.envelope for event in read_run(store, RUN)]


def types(store: MemoryStore) -> list[str]:
    return [envelope.event.type for envelope in envelopes(store)]


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
    assert types(store) == [
        "RunStarted",
        *["StateEntered", "fact_recorded", "StateCompleted"],
        *drawn,
        *drawn,
        "RunCompleted",
    ]
    assert check_history(envelopes(store)) == []
    assert outcome.events == len(envelopes(store))


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
    assert types(store)[4:10] == ["StateEntered"] * 3 + ["fact_recorded", "StateCompleted", "fact_recorded"]


def test_the_output_of_an_op_without_effects_is_recorded() -> None:
    store = MemoryStore()
    document = build_document({"main": build_op("int", [return_node(ONE)])})
    outcome = start(store, ScriptedIo(answer), document)
    assert types(store) == ["RunStarted", "RunCompleted"]
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
    assert check_history(envelopes(disturbed)) == []
    tried = [e.event for e in envelopes(disturbed)]
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
    assert types(store)[-4:] == ["StateCompleted", "StateFailed", "StateFailed", "RunCompleted"]
    assert check_history(envelopes(store)) == []
    end = build_history(read_run(store, RUN)).end
    assert end is not None
    assert (end.outcome, end.error[0].code, end.error[0].fields) == ("failed", "E2111", TIMEOUT.fields)


def test_what_would_fail_again_is_not_tried_again() -> None:
    store, outside = MemoryStore(), ScriptedIo(answer, {("drawn xs[0]", 1): REVERTED})
    outcome = start(store, outside, squares(retries=5), {"ns": [1, 2]})
    assert outcome.outcome == "failed"
    assert outside.waits == []
    completed = [e.event for e in envelopes(store) if isinstance(e.event, StateCompleted)]
    assert [e.instance for e in completed] == ["", "xs[1]"]


def test_a_program_failure_is_recorded_with_code_and_fields() -> None:
    store = MemoryStore()
    body = [
        effect("now", "time.now", "int"),
        let("x", "int", apply("int.floordiv", ref("now"), ZERO)),
        return_node(ref("x")),
    ]
    outcome = start(
        store, ScriptedIo(answer), build_document({"main": build_op("int", body)}, ambient=["time"])
    )
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
        {"main": build_op("None", [effect("log-info", "log.info", "None", message=surrogate)])},
        ambient=["log"],
    )
    for document in (returned, logged):
        store, outside = MemoryStore(), ScriptedIo(answer)
        outcome = start(store, outside, document)
        assert outcome.error is not None
        assert outcome.error.code.name == "E_VALUE_SURROGATE"
        assert outside.asked == []
        assert types(store) == ["RunStarted", "RunCompleted"]


# --- grants ---------------------------------------------------------------------------------------

TOKEN, STRANGER = "0x" + "11" * 20, "0x" + "22" * 20
SELECTOR = "0x70a08231"
BLOCK = RecordInstance("Block", (7, bytes(32), 1_700_000_000, "devnet"))


def reading(verb: str, *, url: str = "https://api.example.com/x", address: str = TOKEN) -> Json:
    """One request of a verb."""
    chain = {"network": lit("str", "devnet"), "at": ref("at"), "address": lit("Address", address)}
    nodes = {
        "chain.block": effect("it", verb, "Block", static={"tag": "latest"}, network=lit("str", "devnet")),
        "chain.balance": effect("it", verb, "int", **chain),
        "chain.call": effect(
            "it",
            verb,
            "int",
            static={"contract": "Token", "function": "balanceOf"},
            **chain,
            arguments={"kind": "tuple", "items": [lit("Address", STRANGER)]},
        ),
        "http.get": effect(
            "it",
            verb,
            "Response",
            url=lit("str", url),
            headers=no_headers(),
        ),
        "time.now": effect("it", verb, "int"),
    }
    block = record_value("Block", number=ONE, hash=lit("bytes", "0x" + "00" * 32), timestamp=ONE)
    block["fields"].append({"name": "network", "value": lit("str", "devnet")})
    main = build_op("None", [let("at", "Block", block), nodes[verb]])
    function = {
        "selector": SELECTOR,
        "inputs": [{"name": "owner", "abi": "address", "type": "Address"}],
        "outputs": [{"name": "balance", "abi": "uint256", "type": "int"}],
    }
    return build_document(
        {"main": main},
        contracts={"Token": {"functions": {"balanceOf": function}}},
        networks={"devnet": 31337},
    )


def outside_answer(attempt: Attempt) -> Answer:
    results: dict[str, Answer] = {
        "chain.block": BLOCK,
        "http.get": RecordInstance("Response", (200, "ok", {})),
    }
    return results.get(attempt.request.site.verb.name, 5)


FUNCTIONS = {"functions": {SELECTOR: "balanceOf(address)"}}
DEVNET: dict[str, Any] = {"reads": ["chain.block", "chain.balance"], "calls": {}}


@pytest.mark.parametrize(
    ("verb", "granted", "refused", "target"),
    [
        (
            "chain.block",
            {"chain": {"devnet": DEVNET}},
            {"chain": {"devnet": {"reads": ["chain.balance"], "calls": {}}}},
            "devnet",
        ),
        ("chain.balance", {"chain": {"devnet": DEVNET}}, {"chain": {"base": DEVNET}}, "devnet"),
        (
            "chain.call",
            {"chain": {"devnet": {"reads": [], "calls": {TOKEN: FUNCTIONS}}}},
            {"chain": {"devnet": {"reads": [], "calls": {STRANGER: FUNCTIONS}}}},
            f"{SELECTOR} of {TOKEN} on devnet",
        ),
        (
            "chain.call",
            {"chain": {"devnet": {"reads": [], "calls": {"any": FUNCTIONS}}}},
            {"chain": {"devnet": {"reads": [], "calls": {"any": {"functions": {"0x00000000": "f()"}}}}}},
            f"{SELECTOR} of {TOKEN} on devnet",
        ),
        (
            "http.get",
            {"http": {"api.example.com": ["http.get"]}},
            {"http": {"api.example.com": ["http.post"], "example.com": ["http.get"]}},
            "api.example.com",
        ),
        ("time.now", {"ambient": ["time"]}, {"ambient": ["random"]}, "time"),
    ],
)
def test_a_request_outside_the_grants_is_not_made(
    verb: str, granted: Json, refused: Json, target: str
) -> None:
    document = reading(verb)
    document["grants"] |= granted
    outside = ScriptedIo(outside_answer)
    assert start(MemoryStore(), outside, document).outcome == "completed"
    assert outside.waves == [1]
    document["grants"] = {"chain": {}, "http": {}, "ambient": []} | refused
    store, outside = MemoryStore(), ScriptedIo(outside_answer)
    outcome = start(store, outside, document)
    assert outcome.error is not None
    assert (outcome.error.code.name, outcome.error.values) == (
        "E_NOT_GRANTED",
        {"verb": verb, "target": target},
    )
    assert outside.waves == []
    assert types(store) == ["RunStarted", "StateEntered", "StateFailed", "RunCompleted"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.example.com:443/x", "api.example.com"),
        ("https://api.example.com:8443/x", "api.example.com:8443"),
        ("https://api.example.com@evil.example/x", "evil.example"),
        ("https://api.example.com.evil.example/", "api.example.com.evil.example"),
        ("//api.example.com/", "api.example.com"),
        ("https://[::1", ""),
    ],
)
def test_the_host_of_a_url_is_what_is_granted(url: str, host: str) -> None:
    document = reading("http.get", url=url)
    outcome = start(MemoryStore(), ScriptedIo(outside_answer), document)
    assert outcome.error is not None
    assert outcome.error.values["target"] == host


# --- resume ---------------------------------------------------------------------------------------


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
        if store.get_head(RUN) == 0 or types(store)[-1] == "RunCompleted":
            continue  # it died before the run began, or after it had ended
        known = {key(e) for e in envelopes(store) if e.event.type == "fact_recorded"}
        outside = ScriptedIo(answer, failures)
        outcome = resume(store, outside)
        assert outcome.snapshot == expected.snapshot
        assert outcome.output == expected.output
        assert check_history(envelopes(store)) == []
        assert known.isdisjoint(outside.answered)
        recorded = [key(e) for e in envelopes(store) if e.event.type == "fact_recorded"]
        assert len(recorded) == len(set(recorded)) == 7
    assert min(points[point] for point in ("append", "appended", "perform", "performed")) >= 5


def key(envelope: Envelope) -> tuple[str, str]:
    """State and instance of an event that has them."""
    return getattr(envelope.event, "state", ""), getattr(envelope.event, "instance", "")


def test_recorded_facts_are_not_asked_for_again() -> None:
    document, inputs = squares(log=False), {"ns": [1, 2, 3]}
    store, observer = MemoryStore(), CrashingObserver(15)
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), document, inputs, batch_size=2, observer=observer)
    known = {e.event.instance for e in envelopes(store) if e.event.type == "fact_recorded"}
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
        if store.list_runs() and types(store)[-2:] == ["fact_recorded", "StateFailed"]:
            break
    outside = ScriptedIo(answer)
    outcome = resume(store, outside)
    assert outside.asked == ["xs[1]"]
    assert outcome.output is not None
    assert outcome.output.value == ["1", "4"]
    assert check_history(envelopes(store)) == []


def test_failures_are_counted_over_all_sessions() -> None:
    document, inputs = squares(retries=1, log=False), {"ns": [1]}
    store = MemoryStore()
    for crash_at in range(100):
        store = MemoryStore()
        outside = ScriptedIo(answer, {("drawn xs[0]", 1): TIMEOUT})
        with suppress(SimulatedCrashError):
            start(store, outside, document, inputs, observer=CrashingObserver(crash_at))
        if store.list_runs() and types(store)[-1] == "StateFailed":
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


def test_a_side_effect_that_may_have_happened_is_not_repeated_unasked() -> None:
    url, headers = lit("str", "https://api.example.com/x"), no_headers()
    post = effect("sent", "http.post", "Response", url=url, body=lit("str", "hello"), headers=headers)
    body = [
        map_node("xs", "list[int]", ref("ns"), {"n": "int"}, [post, yield_node(ref("n"))]),
        return_node(ref("xs")),
    ]
    document = build_document(
        {"main": build_op("list[int]", body, {"ns": "list[int]"})}, http={"api.example.com": ["http.post"]}
    )

    def respond(attempt: Attempt) -> Answer:
        return RecordInstance("Response", (200, "ok", {}))

    store, outside = MemoryStore(), ScriptedIo(respond)
    observer = CrashingObserver(11)
    with pytest.raises(SimulatedCrashError):
        start(store, outside, document, {"ns": [1, 2, 3]}, observer=observer)
    assert outside.waves == [1, 1]  # each of them is a group of its own
    assert types(store)[-1] == "StateEntered"
    head = store.get_head(RUN)
    with pytest.raises(DiagnosticError) as refused:
        resume(store, ScriptedIo(respond))
    assert refused.value.diagnostics[0].values == {
        "verb": "http.post",
        "state": "sample.main.xs.sent",
        "instance": "xs[1]",
    }
    assert store.get_head(RUN) == head
    again = ScriptedIo(respond)
    assert resume(store, again, is_repeat_allowed=True).outcome == "completed"
    assert again.asked == ["xs[1]", "xs[2]"]


def open_journal(store: MemoryStore) -> Journal:
    """The end of the run, as another process would go on from it."""
    history = build_history(read_run(store, RUN))
    return Journal(
        store,
        RUN,
        head=history.head,
        previous=history.previous,
        snapshot=history.snapshot,
        clock=lambda: 0,
        observer=SilentObserver(),
    )


def test_another_driver_in_between_is_noticed() -> None:
    store = MemoryStore()

    class Meddler(ScriptedIo):
        async def perform(self, attempts: Any) -> list[Answer]:
            # another process takes the run up, and dies at once
            journal = open_journal(store)
            journal.resume(2)
            journal.commit()
            return await super().perform(attempts)

    with pytest.raises(DiagnosticError) as refused:
        start(store, Meddler(answer), squares(), {"ns": [1]})
    assert codes(refused) == ["E_STALE_HEAD"]
    assert resume(store, ScriptedIo(answer)).outcome == "completed"
    assert check_history(envelopes(store)) == []


def test_a_fact_of_another_request_is_refused() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), squares(), {"ns": [1]}, observer=CrashingObserver(2))
    journal = open_journal(store)
    journal.enter("sample.main.now", "", 1)
    journal.record_fact("sample.main.now", "", "f" * 64, "5")  # type: ignore[arg-type]
    journal.commit()
    with pytest.raises(DiagnosticError) as refused:
        resume(store, ScriptedIo(answer))
    (problem,) = refused.value.diagnostics
    assert problem.code.name == "E_FACT_MISMATCH"
    assert problem.values["recorded"] == "f" * 64
    assert problem.values["asked"] != problem.values["recorded"]
