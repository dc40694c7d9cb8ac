# mypy: disable-error-code="empty-body"
"""Cases of fixture files, run as plain Python."""

from __future__ import annotations

import enum
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opforge import Address, Contract, Fail, Reverted, Timeout, chain, http, op, random, record, testing, time
from opforge.abi import uint8
from opforge.testing import ChainBalance, UnansweredError, load_cases
from opforge_ir.diagnostics import DiagnosticError

ALICE = "0x" + "a1" * 20
TOKEN = Address("0x" + "70" * 20)


class Kind(enum.StrEnum):
    HOT = "hot"
    COLD = "cold"


@record
class Wallet:
    address: Address
    kind: Kind
    shares: tuple[Decimal, bool] | None = None


class FixtureToken(Contract):
    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def owners(self, first: int) -> list[Address]: ...


@op
def total(wallets: list[Wallet], limits: dict[Kind, int], key: bytes) -> dict[str, int]:
    at = chain.block("base", tag="safe")
    assert key == b"\x01\x02"
    return {w.kind.value: chain.balance(w.address, at=at) + limits[w.kind] for w in wallets}


@op
def owners(first: int) -> list[Address]:
    at = chain.block("base")
    try:
        return FixtureToken(TOKEN).owners(first, at=at)
    except Reverted as error:
        raise Fail(f"reverted: {error}") from None


@op
def page() -> str:
    return http.post("https://a.example/", "7", headers={"Accept": "*/*"}).headers["x"]


@op
def moments() -> list[int]:
    return [time.now(), time.now(), random.integer(1, 6)]


def load(folder: Path, **case: Any) -> testing.Case:
    document = {"artifact": "forge-test", "program": "app.py", "cases": [{"name": "one", **case}]}
    path = folder / "app.forge-test.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    (loaded,) = load_cases(path)
    assert (str(loaded), loaded.op) == ("one", "")
    return loaded


WALLETS = [
    {"address": ALICE, "kind": "hot", "shares": None},
    {"address": "0x" + "b0" * 20, "kind": "cold", "shares": ["0.5", True]},
]
BLOCK = {"verb": "chain.block", "static": {"tag": "safe"}, "value": {"number": 7}}


def test_inputs_answers_and_output_are_those_of_the_file(tmp_path: Path) -> None:
    case = load(
        tmp_path,
        inputs={"wallets": WALLETS, "limits": {"hot": 1, "cold": "2"}, "key": "0x0102"},
        answers=[
            BLOCK,
            {"verb": "chain.balance", "arguments": {"address": ALICE, "at": {"number": 7}}, "value": 10},
            {"verb": "chain.balance", "value": "20"},
        ],
        expect={"output": {"hot": 11, "cold": 22}},
    )
    inputs = case.read_inputs(total)
    assert inputs["wallets"][1] == Wallet(Address("0x" + "b0" * 20), Kind.COLD, (Decimal("0.5"), True))
    assert inputs["limits"] == {Kind.HOT: 1, Kind.COLD: 2}
    effects = case.check(total)
    assert effects[1:] == [ChainBalance(Address(ALICE)), ChainBalance(network="base")]


def test_answers_may_be_given_to_a_host(tmp_path: Path) -> None:
    case = load(
        tmp_path,
        answers=[
            {"verb": "time.now", "in_turn": [{"value": 1}, {"value": 2}]},
            {"verb": "random.integer", "value": 6},
        ],
    )
    for _ in "ab":
        with testing.host(*case.answers) as h:
            assert moments() == [1, 2, 6]
            with pytest.raises(UnansweredError):
                time.now()
        h.assert_all_used()


def test_an_answer_of_a_contract_is_of_the_type_that_its_class_declares(tmp_path: Path) -> None:
    call = {"verb": "chain.call", "static": {"contract": "FixtureToken"}, "arguments": {"arguments": [3]}}
    block = {"verb": "chain.block", "value": {"number": 7}}
    case = load(
        tmp_path, inputs={"first": 3}, answers=[block, {**call, "value": [ALICE]}], expect={"output": [ALICE]}
    )
    case.check(owners)
    case = load(
        tmp_path,
        inputs={"first": 3},
        answers=[block, {**call, "error": "Reverted", "fields": {"reason": "paused"}}],
        expect={"error": "Fail", "fields": {"message": "reverted: paused"}},
    )
    case.check(owners)


def test_headers_are_matched_and_filled_in(tmp_path: Path) -> None:
    answer = {
        "verb": "http.post",
        "arguments": {"body": "7", "headers": {"Accept": "*/*"}},
        "value": {"text": "", "headers": {"X": "1"}},
    }
    load(tmp_path, answers=[answer], expect={"output": "1"}).check(page)


@pytest.mark.parametrize(
    ("answer", "expect", "problem"),
    [
        ({"value": {"text": "", "headers": {"x": "2"}}}, {"output": "1"}, "expects 1, and 2 was returned"),
        (
            {"value": {"text": "", "headers": {"x": "2"}}},
            {"error": "Fail"},
            "expects Fail, and '2' was returned",
        ),
        ({"value": {"text": ""}}, None, "expects nothing"),
    ],
)
def test_what_does_not_hold_is_told(tmp_path: Path, answer: Any, expect: Any, problem: str) -> None:
    members = {} if expect is None else {"expect": expect}
    case = load(tmp_path, answers=[{"verb": "http.post", **answer}], **members)
    with pytest.raises(AssertionError, match=problem):
        case.check(page)


@pytest.mark.parametrize(
    ("expect", "is_held"),
    [
        ({"error": "Timeout"}, True),
        ({"error": "EffectError"}, True),
        ({"error": "E_HTTP_TIMEOUT"}, True),
        ({"error": "HttpError"}, False),
        ({"error": "Fail", "fields": {"message": "no"}}, False),
        ({"output": "1"}, False),
    ],
)
def test_an_error_is_the_one_that_is_expected_or_is_raised(
    tmp_path: Path, expect: dict[str, Any], is_held: bool
) -> None:
    case = load(tmp_path, answers=[{"verb": "http.post", "error": "Timeout"}], expect=expect)
    if is_held:
        case.check(page)
    else:
        with pytest.raises(Timeout, match=r"^E_HTTP_TIMEOUT$"):
            case.check(page)


def test_an_answer_by_state_is_refused(tmp_path: Path) -> None:
    case = load(tmp_path, answers=[{"state": "app.page.x", "value": 1}])
    with pytest.raises(ValueError, match=r"app\.page\.x cannot be given to plain Python"):
        _ = case.answers


def build_twice() -> tuple[type[Contract], type[Contract]]:
    class Once(Contract):
        @chain.view
        def owners(self) -> str: ...

    class Again(Contract):
        @chain.view
        def owners(self) -> int: ...

    Once.__name__ = Again.__name__ = "Twice"
    return Once, Again


def test_contract_classes_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    classes = build_twice()  # both have to live on to be found
    twice: Any = classes[0]
    call = {"verb": "chain.call", "value": "1"}
    case = load(tmp_path, answers=[{"verb": "chain.block", "value": {"number": 7}}, call])
    with testing.host(*case.answers):
        at = chain.block("base")
        with pytest.raises(ValueError, match=r"2 types are declared for Twice\.owners"):
            twice(TOKEN).owners(at=at)
    assert len(classes) == 2


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError, match="there is no verb time"):
        load(tmp_path, answers=[{"verb": "time", "value": 1}])
