"""A recorded run becomes a case: with its answers, the case holds, and says no more than it has to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from house.compiled_source import compile_text
from house.sample_program import TIMEOUT, UNREACHABLE, squares
from house.scripted_io import NOWHERE, RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, start
from opforge_ir.codes.execution import E_SESSION_TIMEOUT
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.fixture_reading import read_fixture
from opforge_ir.values import RecordInstance
from opforge_runtime import MemoryStore, record_case, run_case, start_run
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure

ALICE = "0x" + "a1" * 20
DOCUMENT = compile_text("""
from opforge import Address, chain, http, log, op, time, workload

workload("recorded", version="1.0", networks={"devnet": 31337})


@op(retry=1)
def main(owners: list[Address]) -> int:
    started = time.now()
    at = chain.block("devnet", tag="latest")
    held = [chain.balance(owner, at=at) for owner in owners]
    later = chain.block("devnet", tag="finalized")
    again = [chain.balance(owner, at=later) for owner in owners]
    page = http.post("https://a.example/", f"{sum(held)}")
    log.info(page.text)
    return sum(held) + sum(again) + time.now() - started
""")


class Outside:
    """A chain whose balances grow, and a clock that goes on."""

    def __init__(self) -> None:
        self._now = 100
        self._failed: set[str] = set()

    def answer(self, attempt: Attempt) -> Answer:
        request = attempt.request
        match request.site.verb.name:
            case "time.now":
                self._now += 1
                return self._now
            case "chain.block":
                number = 7 if request.site.static["tag"] == "finalized" else 8
                return RecordInstance("Block", (number, bytes(32), 5, "devnet"))
            case "chain.balance" if request.instance == "held[0]" and attempt.number == 1:
                return TIMEOUT
            case "chain.balance":
                block = cast("RecordInstance", request.arguments["at"])
                return block.values[0]
            case "http.post":
                return RecordInstance("Response", (200, "ok", {"x": "1"}))
            case _:
                return None


def record(
    store: MemoryStore, document: bytes, inputs: dict[str, Any], answer: Callable[[Attempt], Answer]
) -> Any:
    asyncio.run(
        start_run(
            store,
            ScriptedIo(answer),
            run=RUN,
            document=document,
            op="main",
            inputs=inputs,
            clock=lambda: 1,
            provenance=NOWHERE,
        )
    )
    return record_case(store, RUN)


def holds(document: bytes, case: Any) -> bool:
    fixture = {"artifact": "forge-test", "program": "app.py", "cases": [case]}
    parsed = read_fixture("a", json.dumps(fixture).encode())
    outcome = run_case(document, parsed.cases[0], "main")
    assert [each.message for each in outcome.diagnostics] == []
    return outcome.is_passed


def test_a_run_becomes_a_case_that_holds() -> None:
    case = record(MemoryStore(), DOCUMENT, {"owners": [ALICE]}, Outside().answer)
    assert holds(DOCUMENT, case)
    balance = {"verb": "chain.balance", "arguments": {"address": ALICE, "network": "devnet"}}
    by_verb = [(each["verb"], {k: v for k, v in each.items() if k != "verb"}) for each in case["answers"]]
    assert by_verb[0] == ("time.now", {"in_turn": [{"value": "101"}, {"value": "102"}]})
    assert by_verb[1][1]["static"] == {"tag": "latest"}
    assert case["answers"][2] == {
        **balance,
        "arguments": {"address": ALICE, "at": {"number": "8"}, "network": "devnet"},
        "in_turn": [
            {"error": "E_RPC_TIMEOUT", "fields": {"network": "devnet", "timeout_ms": 5}},
            {"value": "8"},
        ],
    }
    assert case["answers"][3]["arguments"]["at"] == {"number": "7"}
    assert [verb for verb, _ in by_verb[4:]] == ["chain.block", "http.post"]
    assert case["expect"] == {"output": "16"}
    assert [each["verb"] for each in case["side_effects"]] == ["http.post", "log.info"]
    assert (case["name"], case["op"], case["inputs"]) == (RUN, "main", {"owners": [ALICE]})


def test_what_gives_nothing_needs_no_answer() -> None:
    document = compile_text(
        "from opforge import event, log, op, workload\n\n"
        'workload("recorded", version="1.0")\n\n\n'
        '@op\ndef main(n: int) -> int:\n    log.info("x")\n    event.emit("seen", n)\n    return n\n'
    )
    case = record(MemoryStore(), document, {"n": 5}, lambda _: None)
    assert case["answers"] == []
    assert [each["verb"] for each in case["side_effects"]] == ["log.info", "event.emit"]
    assert case["side_effects"][1]["arguments"] == {"value": "5"}
    assert holds(document, case)


def test_requests_that_are_answered_the_same_share_an_answer() -> None:
    outside = Outside()
    case = record(MemoryStore(), DOCUMENT, {"owners": ["0x" + "b0" * 20, ALICE, ALICE]}, outside.answer)
    assert holds(DOCUMENT, case)
    written = [each["arguments"] for each in case["answers"] if each["verb"] == "chain.balance"]
    assert [(each["address"][:4], each["at"]["number"]) for each in written] == [
        ("0xb0", "8"),
        ("0xb0", "7"),
        ("0xa1", "8"),
        ("0xa1", "7"),
    ]


def test_requests_that_are_told_apart_by_their_place_only_keep_it() -> None:
    """Two equal requests of one wave, one of which is tried again."""
    case = record(MemoryStore(), DOCUMENT, {"owners": [ALICE, ALICE]}, Outside().answer)
    assert holds(DOCUMENT, case)
    places = [each.get("instance") for each in case["answers"] if each["verb"] == "chain.balance"]
    assert places == ["held[0]", "held[1]", None]


def test_a_run_that_failed_becomes_a_case_that_expects_it() -> None:
    def fail(attempt: Attempt) -> Answer:
        return TIMEOUT if attempt.request.site.verb.name == "chain.block" else Outside().answer(attempt)

    case = record(MemoryStore(), DOCUMENT, {"owners": []}, fail)
    assert case["expect"] == {"error": "E_RPC_TIMEOUT"}
    assert "side_effects" not in case
    assert holds(DOCUMENT, case)


def test_a_run_that_has_not_ended_is_refused() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(lambda _: 1), squares(), {"ns": [1]}, observer=CrashingObserver(5))
    with pytest.raises(DiagnosticError) as raised:
        record_case(store, RUN)
    assert raised.value.diagnostics[0].code.name == "E_RUN_NOT_RECORDED"


def test_a_run_that_its_time_ended_is_refused() -> None:
    ended = EffectFailure(E_SESSION_TIMEOUT, {"timeout_ms": 5})
    with pytest.raises(DiagnosticError) as raised:
        record(MemoryStore(), DOCUMENT, {"owners": []}, lambda _attempt: ended)
    (problem,) = raised.value.diagnostics
    assert problem.code.name == "E_RUN_NOT_RECORDED"
    assert "E_SESSION_TIMEOUT" in problem.message


CATCHING = compile_text("""
from opforge import RpcError, chain, op, workload

workload("catching", version="1.0", networks={"devnet": 31337})


@op(retry=1)
def main(networks: list[str]) -> list[int]:
    numbers: list[int] = []
    for _ in networks:
        try:
            numbers.append(chain.block("devnet").number)
        except RpcError:
            numbers.append(-1)
    return numbers
""")


def test_a_failure_that_the_program_caught_is_part_of_the_case() -> None:
    def answer(attempt: Attempt) -> Answer:
        match attempt.request.instance, attempt.number:
            case "for-_[0]", _:
                return UNREACHABLE
            case "for-_[1]", 1:
                return UNREACHABLE
            case _:
                return RecordInstance("Block", (7, bytes(32), 5, "devnet"))

    case = record(MemoryStore(), CATCHING, {"networks": ["a", "b", "c"]}, answer)
    assert holds(CATCHING, case)
    assert case["expect"] == {"output": ["-1", "7", "7"]}
    failure = {"error": "E_RPC_UNREACHABLE", "fields": {"network": "devnet"}}
    assert case["answers"][0]["in_turn"] == [failure, failure]
