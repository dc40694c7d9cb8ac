"""Fixture files: what is read, what is refused, and which requests their patterns mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opforge_ir.alignment import align
from opforge_ir.capabilities import VERBS
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.effect_failures import get_failure_code, list_failures
from opforge_ir.errors import ERRORS, find_error, get_classes
from opforge_ir.fixture import FixturePattern
from opforge_ir.fixture_matching import AskedEffect, is_meant
from opforge_ir.fixture_reading import read_fixture
from opforge_ir.fixture_values import complete_value

ADDRESS = "0x" + "a1" * 20
CASE: dict[str, Any] = {"name": "one", "expect": {"output": "1"}}
BALANCE = AskedEffect(
    "chain.balance",
    {},
    {
        "address": ADDRESS,
        "at": {"number": "12", "hash": "0x" + "00" * 32, "timestamp": "5", "network": "base"},
        "network": "base",
    },
    "w.main.x",
    "x[1]",
)
POST = AskedEffect(
    "http.post",
    {},
    {"url": "https://a.example/", "body": "7", "headers": [["Accept", "*/*"], ["x", "1"]]},
    "w.main.y",
    "",
)


def read(*cases: Any, **members: Any) -> Any:
    document = {"artifact": "forge-test", "program": "app.py", "cases": list(cases), **members}
    return read_fixture("a.forge-test.json", json.dumps(document).encode())


def test_a_fixture_is_read_with_what_it_leaves_out() -> None:
    fixture = read(CASE, **{"$schema": "forge-test.schema.json"})
    (case,) = fixture.cases
    assert (fixture.op, fixture.answers, case.inputs, case.answers) == ("", [], {}, [])
    assert (case.effects, case.side_effects) == (None, None)
    assert read({"name": "one"}).cases[0].expect is None


def answered(**answer: Any) -> Any:
    return {**CASE, "answers": [answer]}


WRONG: list[tuple[list[Any], str, str]] = [
    ([], "/cases", "list should have at least 1 item"),
    ([{"name": "one", "expects": {}}], "/cases/0/expects", "extra inputs are not permitted"),
    ([{"expect": {"output": 1}}], "/cases/0/name", "field required"),
    ([{**CASE, "expect": {}}], "/cases/0/expect", "has to hold one of output, error, and holds none"),
    ([{**CASE, "expect": {"output": 1, "error": "Fail"}}], "/cases/0/expect", "and holds output, error"),
    ([{**CASE, "expect": {"output": 1, "fields": {}}}], "/cases/0/expect", "fields belong to an error"),
    ([CASE, CASE], "/cases/1/name", "two cases are called one"),
    ([answered(value=1)], "/cases/0/answers/0", "has to hold a state or a verb"),
    ([answered(verb="time.now")], "/cases/0/answers/0", "one of value, error, in_turn, and holds none"),
    ([answered(verb="time.now", in_turn=[])], "/cases/0/answers/0/in_turn", "at least 1 item"),
    ([answered(verb="chain.blok", value=1)], "/cases/0/answers/0/verb", "there is no verb chain.blok"),
    (
        [answered(verb="chain.block", static={"tags": "safe"}, value=1)],
        "/cases/0/answers/0/static/tags",
        "chain.block has no tags there; it has: tag",
    ),
    (
        [answered(verb="chain.balance", arguments={"adress": ADDRESS}, value=1)],
        "/cases/0/answers/0/arguments/adress",
        "chain.balance has no adress there; it has: address, at, network",
    ),
    (
        [answered(verb="chain.balance", error="Reverted")],
        "/cases/0/answers/0/error",
        "chain.balance never fails with Reverted; it may fail with RpcError, Timeout, NotGranted",
    ),
    (
        [answered(verb="time.now", in_turn=[{"value": 1}, {"error": "Timeout"}])],
        "/cases/0/answers/0/in_turn/1/error",
        "time.now never fails with Timeout; it may fail with nothing",
    ),
    ([{**CASE, "effects": [{"verb": "log"}]}], "/cases/0/effects/0/verb", "there is no verb log"),
]


@pytest.mark.parametrize(("cases", "place", "problem"), WRONG)
def test_what_is_wrong_with_a_fixture_is_told_with_its_place(
    cases: list[Any], place: str, problem: str
) -> None:
    with pytest.raises(DiagnosticError) as raised:
        read(*cases)
    (found,) = raised.value.diagnostics
    assert (found.code.name, found.pointer) == ("E_FIXTURE_INVALID", place)
    assert problem in found.message
    assert found.message.startswith("a.forge-test.json is no test fixture: ")


def test_all_problems_of_a_fixture_are_told_at_once() -> None:
    with pytest.raises(DiagnosticError) as raised:
        read({"name": ""}, {"name": "a", "x": 1}, CASE)
    assert [each.pointer for each in raised.value.diagnostics] == ["/cases/0/name", "/cases/1/x"]
    with pytest.raises(DiagnosticError) as raised:
        read(answered(verb="a", value=1), answers=[{"verb": "b", "value": 1}])
    assert [each.pointer for each in raised.value.diagnostics] == [
        "/answers/0/verb",
        "/cases/0/answers/0/verb",
    ]


# --- patterns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "pattern", "is_fitting"),
    [
        (BALANCE, {"verb": "chain.balance"}, True),
        (BALANCE, {"verb": "chain.block"}, False),
        (BALANCE, {"state": "w.main.x"}, True),
        (BALANCE, {"state": "w.main.y"}, False),
        (BALANCE, {"state": "w.main.x", "instance": "x[1]"}, True),
        (BALANCE, {"state": "w.main.x", "instance": ""}, False),
        (BALANCE, {"verb": "chain.balance", "arguments": {"address": ADDRESS.replace("a", "A")}}, True),
        (BALANCE, {"verb": "chain.balance", "arguments": {"address": "0x" + "b1" * 20}}, False),
        (BALANCE, {"verb": "chain.balance", "arguments": {"at": {"number": 12}}}, True),
        (BALANCE, {"verb": "chain.balance", "arguments": {"at": {"number": "12", "network": "base"}}}, True),
        (BALANCE, {"verb": "chain.balance", "arguments": {"at": {"number": 13}}}, False),
        (BALANCE, {"verb": "chain.balance", "arguments": {"at": 12}}, False),
        (BALANCE, {"verb": "chain.balance", "arguments": {"network": {"a": 1}}}, False),
        (BALANCE, {"verb": "chain.balance", "static": {"tag": "safe"}}, False),
        (POST, {"verb": "http.post", "arguments": {"headers": {"x": "1"}}}, True),
        (POST, {"verb": "http.post", "arguments": {"headers": {"x": "2"}}}, False),
        (POST, {"verb": "http.post", "arguments": {"headers": [["Accept", "*/*"], ["x", 1]]}}, True),
        (POST, {"verb": "http.post", "arguments": {"headers": [["x", "1"]]}}, False),
        (POST, {"verb": "http.post", "arguments": {"body": True}}, False),
        (POST, {"verb": "http.post", "arguments": {"body": None}}, False),
        (POST, {"verb": "http.post", "arguments": {"other": 1}}, False),
    ],
)
def test_a_pattern_means_the_requests_that_have_all_that_it_says(
    asked: AskedEffect, pattern: dict[str, Any], is_fitting: bool
) -> None:
    assert is_meant(FixturePattern.model_validate(pattern), asked) is is_fitting


def test_what_is_left_out_of_a_block_or_a_response_is_filled_in() -> None:
    block = AskedEffect("chain.block", {"tag": "latest"}, {"network": "base"}, "w.main.at", "")
    filled: Any = complete_value(block, {"number": 2})
    assert filled == {
        "number": 2,
        "hash": "0x" + "00" * 31 + "02",
        "timestamp": "1700000024",
        "network": "base",
    }
    assert complete_value(block, {"number": 2, "timestamp": "9"}) == {**filled, "timestamp": "9"}
    wrong: Any = complete_value(block, {"number": "x"})
    assert (wrong["number"], wrong["hash"], wrong["timestamp"]) == ("x", "0x" + "00" * 32, "1700000000")
    assert complete_value(POST, {"text": "a"}) == {"status": "200", "headers": [], "text": "a"}
    given: Any = complete_value(POST, {"text": "a", "status": 404, "headers": {"X-A": "b"}})
    assert given == {"status": 404, "headers": {"x-a": "b"}, "text": "a"}
    assert complete_value(BALANCE, {"any": 1}) == {"any": 1}


# --- failures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_each_error_of_a_verb_has_a_code_and_each_code_is_an_error_of_it(verb: Any) -> None:
    for name, code in list_failures(verb.name).items():
        error = find_error(code, {})
        assert error in verb.errors
        assert name in {error, code.name}
        assert "EffectError" in get_classes(error or "")
    assert {name for name in list_failures(verb.name) if name in ERRORS} == set(verb.errors)


def test_a_timeout_is_that_of_the_transport() -> None:
    assert get_failure_code("chain.call", "Timeout").name == "E_RPC_TIMEOUT"
    assert get_failure_code("http.get", "Timeout").name == "E_HTTP_TIMEOUT"
    with pytest.raises(ValueError, match=r"http\.get never fails with E_RPC_TIMEOUT"):
        get_failure_code("http.get", "E_RPC_TIMEOUT")


# --- alignment ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found", "shown"),
    [
        ("", "", ""),
        ("abc", "abc", "=a=b=c"),
        ("abc", "ac", "=a-b=c"),
        ("ac", "abc", "=a+b=c"),
        ("ab", "ba", "-a=b+a"),
        ("ab", "xy", "-a-b+x+y"),
    ],
)
def test_lists_are_aligned_with_as_many_pairs_as_there_can_be(expected: str, found: str, shown: str) -> None:
    pairs = align(expected, found, str.__eq__)
    signs = [f"={a[0]}" if a and b else f"-{a[0]}" if a else f"+{b[0]}" for a, b in pairs if a or b]  # type: ignore[index]
    assert "".join(signs) == shown
