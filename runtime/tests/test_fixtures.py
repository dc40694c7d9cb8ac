"""Cases of fixtures: what a program is answered, and what of its run is held to what is expected."""

from __future__ import annotations

import json
import socket
from typing import Any, NoReturn, cast

import pytest

from house.compiled_source import compile_text
from opforge_ir.fixture import Fixture
from opforge_ir.fixture_reading import read_fixture
from opforge_runtime import CaseOutcome, run_case

ALICE = "0x" + "a1" * 20
TOKEN = "0x" + "70" * 20
DOCUMENT = compile_text(f'''
from opforge import Address, Contract, Fail, chain, http, log, op, random, time, workload
from opforge.abi import uint8

workload("sample", version="1.0", networks={{"devnet": 31337}})


class Token(Contract):
    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def shifted(self, by: uint8) -> int: ...


@op
def total(owners: list[Address]) -> int:
    at = chain.block("devnet", tag="finalized")
    held = [chain.balance(owner, at=at) for owner in owners]
    log.info(f"{{sum(held)}} wei")
    return sum(held)


@op(retry=2)
def decimals() -> int:
    at = chain.block("devnet")
    return Token(Address("{TOKEN}")).decimals(at=at)


@op
def shifted(by: int) -> int:
    at = chain.block("devnet")
    return Token(Address("{TOKEN}")).shifted(by, at=at)


@op
def page() -> str:
    response = http.get("https://a.example/x", headers={{"Accept": "text/plain"}})
    if response.status != 200:
        raise Fail(f"status {{response.status}}")
    return response.headers["content-type"] + response.text


@op
def moment() -> list[int]:
    return [time.now(), time.now(), random.integer(1, 6)]


@op
def chance(low: int, high: int) -> int:
    return random.integer(low, high)


@op
def share(parts: int) -> int:
    return 100 // parts
''')
BLOCK = {"verb": "chain.block", "value": {"number": 12}}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> NoReturn:
        raise AssertionError("a fixture asked the network")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)


def read(*cases: Any, **members: Any) -> Fixture:
    document = {"artifact": "forge-test", "program": "app.py", "cases": list(cases), **members}
    return read_fixture("a.forge-test.json", json.dumps(document).encode())


def run(op: str, *answers: Any, shared: Any = (), **case: Any) -> CaseOutcome:
    fixture = read({"name": "one", "answers": list(answers), **case}, answers=list(shared))
    return run_case(DOCUMENT, fixture.cases[0], op, fixture.answers)


def problems(outcome: CaseOutcome) -> list[tuple[str, str]]:
    return [(each.code.name, each.message) for each in outcome.diagnostics]


def found(outcome: CaseOutcome) -> Any:
    (difference,) = outcome.differences
    return difference.found


# --- what is answered -----------------------------------------------------------------------------------


def test_a_case_that_holds_says_nothing() -> None:
    outcome = run(
        "total",
        {"verb": "chain.balance", "arguments": {"address": ALICE}, "value": 5},
        {"verb": "chain.balance", "value": "7"},
        shared=[BLOCK],
        inputs={"owners": [ALICE, TOKEN]},
        expect={"output": 12},
        side_effects=[{"verb": "log.info", "arguments": {"message": "12 wei"}}],
        effects=[
            {"verb": "chain.block", "static": {"tag": "finalized"}},
            {"state": "sample.total.held.chain-balance", "instance": "held[0]"},
            {"verb": "chain.balance", "arguments": {"address": TOKEN, "at": {"number": 12}}},
            {"verb": "log.info"},
        ],
    )
    assert problems(outcome) == []
    assert outcome.is_passed
    assert [each.verb for each in outcome.shared] == ["chain.block"]


def test_replies_are_given_in_turn() -> None:
    outcome = run(
        "moment",
        {"verb": "time.now", "in_turn": [{"value": 1}, {"value": 2}]},
        {"verb": "random.integer", "value": 6},
        expect={"output": ["1", 2, 6]},
    )
    assert problems(outcome) == []


def test_a_failure_is_tried_again_as_the_policy_says() -> None:
    timeouts = [{"error": "Timeout"}, {"error": "E_RPC_UNREACHABLE"}]
    answer = {"verb": "chain.call", "in_turn": [*timeouts, {"value": 6}]}
    assert problems(run("decimals", BLOCK, answer, expect={"output": 6})) == []
    outcome = run("decimals", BLOCK, {"verb": "chain.call", "error": "Timeout"}, expect={"output": 6})
    assert found(outcome) == {"error": "E_RPC_TIMEOUT"}


def test_a_response_is_filled_in_and_its_headers_are_in_lower_case() -> None:
    answer = {"verb": "http.get", "value": {"text": "!", "headers": {"Content-Type": "text"}}}
    assert problems(run("page", answer, expect={"output": "text!"})) == []


@pytest.mark.parametrize(
    ("op", "case", "expect"),
    [
        ("decimals", {"error": "Reverted", "fields": {"reason": "paused"}}, "Reverted"),
        ("decimals", {"error": "Reverted", "fields": {"reason": "paused"}}, "E_CALL_REVERTED"),
        ("decimals", {"error": "E_ABI_DATA_EMPTY"}, "RpcError"),
        ("decimals", {"error": "NotGranted"}, "EffectError"),
    ],
)
def test_an_effect_may_fail(op: str, case: dict[str, Any], expect: str) -> None:
    outcome = run(op, BLOCK, {"verb": "chain.call", **case}, expect={"error": expect})
    assert problems(outcome) == []


def test_a_failure_says_what_the_request_says() -> None:
    answer = {"verb": "chain.call", "error": "Reverted"}
    fields = {"reason": "no reason given", "contract": TOKEN, "network": "devnet", "selector": "0x313ce567"}
    outcome = run("decimals", BLOCK, answer, expect={"error": "Reverted", "fields": fields})
    assert problems(outcome) == []
    outcome = run("decimals", BLOCK, answer, expect={"error": "Reverted", "fields": {"reason": "paused"}})
    assert found(outcome) == {"error": "Reverted", "fields": {"reason": "no reason given"}}


@pytest.mark.parametrize(
    ("op", "inputs", "expect"),
    [
        ("page", {}, {"error": "Fail", "fields": {"message": "status 404"}}),
        ("share", {"parts": 0}, {"error": "ZeroDivisionError"}),
        ("share", {"parts": 0}, {"error": "ArithmeticError"}),
        ("share", {"parts": 0}, {"error": "E_PROGRAM_EXCEPTION"}),
        ("chance", {"low": 2, "high": 1}, {"error": "RandomError"}),
        ("shifted", {"by": 256}, {"error": "E_ABI_VALUE"}),
    ],
)
def test_a_run_may_be_expected_to_fail(op: str, inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    answer = {"verb": "http.get", "value": {"text": "", "status": 404}}
    outcome = run(op, shared=[answer, BLOCK], inputs=inputs, expect=expect)
    assert problems(outcome) == []


# --- what is not answered, or wrongly -------------------------------------------------------------------


def test_what_is_not_answered_is_told_with_the_answer_to_add() -> None:
    answer = {"verb": "chain.balance", "arguments": {"address": ALICE}, "value": 5}
    outcome = run("total", BLOCK, answer, inputs={"owners": [TOKEN, ALICE, "0x" + "cc" * 20]})
    assert [each.code.name for each in outcome.diagnostics] == ["E_ANSWER_MISSING"] * 2
    first = outcome.diagnostics[0]
    assert first.message == (
        'the case "one" has no answer to chain.balance at sample.total.held.chain-balance [held[0]]'
    )
    _, _, addition = first.fix.partition("…: ")
    assert json.loads(addition) == {
        "verb": "chain.balance",
        "arguments": {"address": TOKEN, "network": "devnet"},
        "value": "…",
    }
    assert first.pointer is not None
    assert outcome.differences == []


def test_replies_that_are_used_up_answer_nothing() -> None:
    outcome = run("moment", {"verb": "time.now", "in_turn": [{"value": 1}]})
    assert problems(outcome)[0][0] == "E_ANSWER_MISSING"


@pytest.mark.parametrize(
    ("op", "answer", "problem"),
    [
        ("decimals", {"verb": "chain.block", "value": {"number": "x"}}, "int"),
        ("decimals", {"verb": "chain.block", "value": {}}, "number"),
        ("decimals", {"verb": "chain.call", "value": 256}, "is not a uint8"),
        ("decimals", {"verb": "chain.call", "value": True}, "int"),
        (
            "decimals",
            {"state": "sample.decimals.call-decimals", "error": "HttpError"},
            "chain.call never fails",
        ),
        (
            "decimals",
            {"verb": "chain.call", "error": "Reverted", "fields": {"why": "a"}},
            "E_CALL_REVERTED has no field why; it has: selector, contract, network, reason, data",
        ),
        ("chance", {"verb": "random.integer", "value": 7}, "7 is not between 1 and 6"),
        ("page", {"verb": "http.get", "value": {"text": 5}}, "str"),
    ],
)
def test_an_answer_that_nobody_can_give_is_refused(op: str, answer: dict[str, Any], problem: str) -> None:
    inputs = {"low": 1, "high": 6} if op == "chance" else {}
    outcome = run(op, answer, shared=[BLOCK], inputs=inputs)
    ((name, message),) = problems(outcome)
    assert name == "E_FIXTURE_VALUE"
    assert problem in message


def test_answers_of_the_case_that_fit_nothing_are_told() -> None:
    unused = {"verb": "chain.balance", "arguments": {"address": ALICE}, "value": 5}
    outcome = run(
        "decimals", unused, {"verb": "chain.call", "value": 6}, shared=[BLOCK, unused], expect={"output": 6}
    )
    ((name, message),) = problems(outcome)
    assert name == "E_ANSWER_UNUSED"
    assert f'{{"verb": "chain.balance", "arguments": {{"address": "{ALICE}"}}}}' in message
    assert outcome.is_passed


def test_inputs_that_do_not_fit_are_told() -> None:
    assert [name for name, _ in problems(run("share"))] == ["E_INPUT_MISSING"]
    assert [name for name, _ in problems(run("share", inputs={"parts": "x"}))] == ["E_VALUE_MISMATCH"]


# --- what differs ---------------------------------------------------------------------------------------


def test_what_differs_is_told_by_part() -> None:
    outcome = run(
        "total",
        BLOCK,
        {"verb": "chain.balance", "value": 5},
        inputs={"owners": [ALICE]},
        expect={"output": 6},
        effects=[{"verb": "chain.block"}, {"verb": "log.info"}],
        side_effects=[],
    )
    assert [(each.part, each.expected, each.found) for each in outcome.differences] == [
        ("output", "6", "5"),
        (
            "effects",
            [{"verb": "chain.block"}, {"verb": "log.info"}],
            [
                {"verb": "chain.block", "static": {"tag": "finalized"}, "arguments": {"network": "devnet"}},
                {
                    "verb": "chain.balance",
                    "arguments": {"address": ALICE, "at": {"number": "12"}, "network": "devnet"},
                },
                {"verb": "log.info", "arguments": {"message": "5 wei"}},
            ],
        ),
        ("side_effects", [], [{"verb": "log.info", "arguments": {"message": "5 wei"}}]),
    ]
    signs = [(sign, verb["verb"]) for sign, verb in cast("Any", outcome.differences[1].rows)]
    assert signs == [(" ", "chain.block"), ("+", "chain.balance"), (" ", "log.info")]
    assert problems(outcome)[0] == (
        "E_TEST_DIFFERS",
        'the case "one" does not hold, output: expected "6", found "5"',
    )
    assert not outcome.is_passed
    assert outcome.is_updatable


@pytest.mark.parametrize(
    ("parts", "expect", "expected", "actual"),
    [
        (3, None, None, {"output": "33"}),
        (3, {"error": "Fail"}, {"error": "Fail"}, {"output": "33"}),
        (0, {"output": 33}, {"output": 33}, {"error": "ZeroDivisionError"}),
        (0, {"error": "Fail"}, {"error": "Fail"}, {"error": "ZeroDivisionError"}),
    ],
)
def test_another_ending_is_told_whole(parts: int, expect: Any, expected: Any, actual: Any) -> None:
    outcome = run("share", inputs={"parts": parts}, **({} if expect is None else {"expect": expect}))
    (difference,) = outcome.differences
    assert (difference.part, difference.expected, difference.found) == ("ending", expected, actual)
    assert ("expected nothing yet" in outcome.diagnostics[0].message) is (expect is None)


def test_an_expected_output_of_another_type_differs() -> None:
    outcome = run("share", inputs={"parts": 3}, expect={"output": ["33"]})
    assert found(outcome) == "33"


# --- what the program catches ---------------------------------------------------------------------------

CATCHING = compile_text(f'''
from opforge import Address, Contract, Reverted, RpcError, Timeout, chain, log, op, workload

workload("catching", version="1.0", networks={{"devnet": 31337}})


class Token(Contract):
    @chain.view
    def decimals(self) -> int: ...


@op(retry=1)
def main() -> str:
    at = chain.block("devnet")
    try:
        return str(Token(Address("{TOKEN}")).decimals(at=at))
    except Reverted as error:
        log.warning(f"reverted: {{error}}")
        return "reverted"
    except (Timeout, RpcError) as error:
        return str(error)
''')


@pytest.mark.parametrize(
    ("answer", "output", "logged"),
    [
        ({"value": 6}, "6", []),
        ({"error": "Reverted", "fields": {"reason": "paused"}}, "reverted", ["reverted: paused"]),
        ({"error": "Reverted"}, "reverted", ["reverted: no reason given"]),
        ({"error": "Timeout"}, "E_RPC_TIMEOUT", []),
        ({"in_turn": [{"error": "Timeout"}, {"value": 6}]}, "6", []),
        ({"in_turn": [{"error": "Timeout"}, {"error": "RpcError"}]}, "E_RPC_UNREACHABLE", []),
    ],
)
def test_a_program_may_catch_what_a_fixture_lets_fail(
    answer: dict[str, Any], output: str, logged: list[str]
) -> None:
    case = {
        "name": "one",
        "answers": [BLOCK, {"verb": "chain.call", **answer}],
        "expect": {"output": output},
        "side_effects": [{"verb": "log.warning", "arguments": {"message": message}} for message in logged],
    }
    outcome = run_case(CATCHING, read(case).cases[0], "main")
    assert problems(outcome) == []


def test_what_a_program_does_not_catch_ends_the_run() -> None:
    case = {"name": "one", "answers": [BLOCK, {"verb": "chain.call", "error": "NotGranted"}]}
    outcome = run_case(CATCHING, read({**case, "expect": {"error": "NotGranted"}}).cases[0], "main")
    assert problems(outcome) == []
