"""The typed functions of the SDK say what the definitions of the capabilities say (ADR 0007)."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

import dataclasses
import inspect
import time
import typing
from decimal import Decimal
from typing import Any, Literal

import pytest

import opforge
from house.scripted_host import AskedRequest, ScriptedHost
from opforge import Address, Block, Contract, Response, chain, run
from opforge._host import HostMissing, use_host
from opforge_ir.capabilities import (
    CAPABILITIES,
    CAPABILITY_RECORDS,
    MAX_WAIT_SECONDS,
    VERBS,
    Parameter,
    Static,
    Verb,
)
from opforge_ir.types import Type, parse_type

SCALARS: dict[str, object] = {
    "int": int,
    "str": str,
    "bytes": bytes,
    "bool": bool,
    "Decimal": Decimal,
    "Address": Address,
    "None": None,
    "Block": Block,
    "Response": Response,
}
CONTRACT_CALL = "chain.call"
"""The verb of contract functions: its function is `chain.view`."""
FUNCTIONS = [verb for name, verb in VERBS.items() if name != CONTRACT_CALL]
WRITTEN_OTHERWISE: dict[str, list[tuple[str, object, object]]] = {
    "time.sleep": [("seconds", int | str, inspect.Parameter.empty)],
    "signal.wait": [("name", str, inspect.Parameter.empty), ("timeout", int | str | None, None)],
    "event.emit": [("name", str, inspect.Parameter.empty), ("value", object, None)],
}
"""The parameters that authors write in other words than the IR: durations as texts, values of any type."""

CALLED = [verb for verb in FUNCTIONS if verb.name != "run.child"]
"""Those whose functions take values; that of `run.child` takes an op and its arguments."""

OWNER = Address("0x" + "11" * 20)
BLOCK = Block(number=7, hash=bytes(32), timestamp=1_700_000_000, network="mainnet")
ARGUMENTS: dict[str, dict[str, object]] = {
    "chain.block": {"network": "mainnet", "tag": "safe"},
    "chain.balance": {"address": OWNER, "at": BLOCK},
    "http.get": {"url": "https://quotes.example"},
    "http.post": {"url": "https://quotes.example", "body": "{}"},
    "log.info": {"message": "x"},
    "log.warning": {"message": "x"},
    "random.integer": {"low": 1, "high": 6},
    "time.now": {},
    "time.sleep": {"seconds": "2h"},
    "time.until": {"epoch_seconds": 1_800_000_000},
    "signal.wait": {"name": "approve", "timeout": 60},
    "event.emit": {"name": "settled", "value": [1]},
}
"""For each verb: a call of its function."""


class Token(Contract):
    @chain.view
    def allowance(self, owner: Address, spender: Address) -> int: ...


def function_of(verb: Verb) -> Any:
    capability, _, name = verb.name.partition(".")
    return getattr(getattr(opforge, capability), name)


def annotation_of(kind: Type) -> Any:
    if kind.is_optional:
        return annotation_of(kind.args[0]) | None
    if kind.is_dict:
        return dict[annotation_of(kind.args[0]), annotation_of(kind.args[1])]  # type: ignore[misc]
    return SCALARS[kind.text]


def parameters_of(verb: Verb) -> list[tuple[str, object, object]]:
    """The parameters of a function as its definition has them."""
    written = WRITTEN_OTHERWISE.get(verb.name)
    return written or [*map(parameter_of, verb.parameters), *map(static_of, verb.statics)]


def parameter_of(defined: Parameter) -> tuple[str, object, object]:
    kind = annotation_of(parse_type(defined.type))
    if defined.default is None:
        return defined.name, kind, inspect.Parameter.empty
    assert defined.default == "None"
    return defined.name, kind | None, None


def static_of(defined: Static) -> tuple[str, object, object]:
    default = inspect.Parameter.empty if defined.default is None else defined.default
    return defined.name, Literal[defined.values], default


@pytest.mark.parametrize("verb", CALLED, ids=lambda verb: verb.name)
def test_a_function_has_the_signature_of_its_definition(verb: Verb) -> None:
    signature = inspect.signature(function_of(verb), eval_str=True)
    found = [(p.name, p.annotation, p.default) for p in signature.parameters.values()]
    assert found == parameters_of(verb)
    result = Any if verb.result == "*" else annotation_of(parse_type(verb.result))
    assert signature.return_annotation == result


@pytest.mark.parametrize("verb", CALLED, ids=lambda verb: verb.name)
def test_what_may_be_left_out_is_given_by_name(verb: Verb) -> None:
    """So that a parameter can be added; but what a call is about may stand first without its name."""
    parameters = list(inspect.signature(function_of(verb)).parameters.values())
    by_name = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    subjects = parameters[: 2 if verb.name == "event.emit" else 1]  # an event is its name and its value
    optional = {p.name for p in parameters if p.default is not inspect.Parameter.empty}
    assert by_name == optional - {p.name for p in subjects}


@pytest.mark.parametrize("verb", FUNCTIONS, ids=lambda verb: verb.name)
def test_a_function_is_documented_as_its_definition(verb: Verb) -> None:
    doc = inspect.getdoc(function_of(verb)) or ""
    assert doc.partition("\n")[0] == verb.doc
    assert [error for error in verb.errors if error not in doc] == []


@pytest.mark.parametrize("name", sorted(CAPABILITIES))
def test_a_capability_has_a_function_for_each_verb_and_no_other(name: str) -> None:
    module = getattr(opforge, name)
    named = {verb.name.partition(".")[2] for verb in CAPABILITIES[name].verbs}
    assert set(module.__all__) == ({*named, "view"} - {"call"} if name == "chain" else named)
    assert (inspect.getdoc(module) or "").startswith(CAPABILITIES[name].doc.partition(". ")[0])


@pytest.mark.parametrize("name", sorted(CAPABILITY_RECORDS))
def test_a_record_has_the_fields_of_its_definition(name: str) -> None:
    cls: type = getattr(opforge, name)
    defined = [
        (field.name, annotation_of(parse_type(field.type))) for field in CAPABILITY_RECORDS[name].fields
    ]
    assert list(typing.get_type_hints(cls).items()) == defined
    assert [field.name for field in dataclasses.fields(cls)] == [field for field, _ in defined]


@pytest.mark.parametrize("verb", CALLED, ids=lambda verb: verb.name)
def test_without_a_host_the_function_says_that_it_needs_one(verb: Verb) -> None:
    with pytest.raises(HostMissing, match="forge run") as raised:
        function_of(verb)(**ARGUMENTS[verb.name])
    assert raised.value.verb == verb.name
    assert verb.name in str(raised.value)


@pytest.mark.parametrize("verb", CALLED, ids=lambda verb: verb.name)
def test_a_host_gets_every_argument_of_the_definition(verb: Verb) -> None:
    host = ScriptedHost(lambda _: "the answer")
    with use_host(host):
        answer = function_of(verb)(**ARGUMENTS[verb.name])
    (asked,) = host.asked
    assert asked.verb == verb.name
    assert list(asked.args) == [p.name for p in verb.parameters]
    assert list(asked.static) == [s.name for s in verb.statics if s.kind != "type"]
    assert answer == (None if verb.result == "None" else "the answer")


def test_a_child_run_is_asked_for_with_every_argument() -> None:
    def settle(order: str, limit: int = 3, *, note: str = "") -> int:
        raise AssertionError(f"{order} {limit} {note}: the host answers")

    host = ScriptedHost(lambda _: 5)
    with use_host(host):
        assert run.child(settle, note="late", order="a") == 5
    assert host.asked == [AskedRequest("run.child", {"op": "settle"}, {"arguments": ("a", 3, "late")})]


def test_a_child_run_without_a_host_says_that_it_needs_one() -> None:
    with pytest.raises(HostMissing) as raised:
        run.child(lambda: 1)
    assert raised.value.verb == "run.child"


@pytest.mark.parametrize("given", ["2", "500ms", "-1s", "2h30m", ""])
def test_a_text_that_is_no_whole_number_of_seconds_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="no duration of whole seconds"):
        opforge.time.sleep(given)


@pytest.mark.parametrize(("seconds", "raised"), [(-1, ValueError), (MAX_WAIT_SECONDS + 1, OverflowError)])
def test_a_wait_out_of_bounds_raises_what_pythons_own_does(seconds: int, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        opforge.time.sleep(seconds)
    with pytest.raises(raised):
        opforge.signal.wait("go", timeout=seconds)
    with pytest.raises(raised):
        time.sleep(seconds)


def test_a_contract_function_is_the_verb_chain_call() -> None:
    host = ScriptedHost(lambda _: 5)
    token = Token(Address("0x" + "22" * 20))
    with use_host(host):
        assert token.allowance(OWNER, Address("0x" + "33" * 20), at=BLOCK) == 5
    assert host.asked == [
        AskedRequest(
            CONTRACT_CALL,
            {"contract": "Token", "function": "allowance"},
            {
                "address": token.address,
                "arguments": (OWNER, Address("0x" + "33" * 20)),
                "at": BLOCK,
                "network": "mainnet",
            },
        )
    ]
    assert list(host.asked[0].args) == [p.name for p in VERBS[CONTRACT_CALL].parameters]
    assert list(host.asked[0].static) == [s.name for s in VERBS[CONTRACT_CALL].statics]


def test_a_contract_function_takes_its_arguments_by_name_as_well() -> None:
    host = ScriptedHost(lambda _: 5)
    spender = Address("0x" + "33" * 20)
    allowance: Any = Token(OWNER, network="base").allowance
    with use_host(host):
        allowance(spender=spender, owner=OWNER, at=BLOCK)
    assert host.asked[0].args["arguments"] == (OWNER, spender)
    assert host.asked[0].args["network"] == "base"


def test_a_contract_function_without_a_host_says_that_it_needs_one() -> None:
    with pytest.raises(HostMissing) as raised:
        Token(OWNER).allowance(OWNER, OWNER, at=BLOCK)
    assert raised.value.verb == CONTRACT_CALL


@pytest.mark.parametrize("arguments", [(), (OWNER,), (OWNER, OWNER, OWNER)])
def test_a_contract_function_takes_as_many_arguments_as_it_declares(arguments: tuple[Any, ...]) -> None:
    with use_host(ScriptedHost(lambda _: 5)), pytest.raises(TypeError):
        Token(OWNER).allowance(*arguments, at=BLOCK)
