"""Triggers in a document: what each may say, what it passes to the op, and documents from before them."""

from __future__ import annotations

import copy
import zoneinfo
from typing import Any

import pytest

from house.document_checks import ONE, places
from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    invoke_node,
    let,
    lit,
    ref,
    return_node,
)
from opforge_ir.abi_types import type_of_abi
from opforge_ir.grants import infer_grants
from opforge_ir.time_zones import TIME_ZONES
from opforge_ir.triggers import event_topic, find_event_problem
from opforge_ir.types import parse_type
from opforge_ir.validation import load_document, validate_document

USDC = "0x" + "11" * 20
CRON: Json = {"kind": "cron", "expression": "0 8 * * *", "timezone": "UTC", "missed": "last", "passes": {}}
CHAIN: Json = {"network": "base", "tag": "finalized", "confirmations": 0, "missed": "all", "passes": {}}
BLOCK: Json = {"kind": "block", "every": 1, **CHAIN}
PING: Json = {
    "kind": "log",
    "addresses": [USDC],
    "event": "Ping",
    "inputs": [{"abi": "uint256", "place": "data"}],
    "topic": event_topic("Ping(uint256)"),
    **CHAIN,
}
MESSAGE: Json = {"kind": "message", "topic": "orders.created", "passes": {}}
MANUAL: Json = {"kind": "manual"}


def build(triggers: list[Json], parameters: dict[str, str] | None = None, **tables: Any) -> Json:
    """A document with one op that has these triggers."""
    tables.setdefault("networks", {"base": 8453} if any("network" in each for each in triggers) else {})
    return build_document(
        {"main": build_op("int", [return_node(ONE)], parameters, triggers=triggers)}, **tables
    )


def test_an_op_may_have_triggers_of_every_kind() -> None:
    document = build([BLOCK, PING, CRON, MESSAGE, MANUAL])
    assert validate_document(document) == []


@pytest.mark.parametrize(
    ("trigger", "value", "type_"),
    [
        (BLOCK, "block", "Block"),
        (PING, "block", "Block"),
        (PING, "address", "Address"),
        (PING, "transaction", "bytes"),
        (PING, "event", "Pinged"),
        (CRON, "time", "int"),
        (MESSAGE, "message", "str"),
        (MESSAGE, "message", "Pinged"),
        (MESSAGE, "message", "list[Pinged]"),
        (MESSAGE, "message", "dict[str,int]"),
    ],
)
def test_a_value_is_passed_to_a_parameter_of_its_type(trigger: Json, value: str, type_: str) -> None:
    records = {"Pinged": {"count": "int"}} if "Pinged" in type_ else None
    document = build([{**trigger, "passes": {"given": value}}], {"given": type_}, records=records)
    assert validate_document(document) == []


@pytest.mark.parametrize(
    ("trigger", "value", "type_", "reason"),
    [
        (BLOCK, "block", "int", "it is int, and the value is Block"),
        (PING, "address", "bytes", "it is bytes, and the value is Address"),
        (PING, "event", "int", "it is int, and not a record of the document"),
        (PING, "event", "Block", "it is Block, and not a record of the document"),
        (PING, "event", "Row", "its field count is str, and uint256 is int"),
        (MESSAGE, "message", "int", "a message is not read as int"),
        (MESSAGE, "message", "Block", "a message is not read as Block"),
    ],
)
def test_a_value_does_not_fit(trigger: Json, value: str, type_: str, reason: str) -> None:
    records = {"Row": {"count": "str"}} if type_ == "Row" else None
    document = build([{**trigger, "passes": {"given": value}}], {"given": type_}, records=records)
    (found,) = validate_document(document)
    assert (found.code.name, found.pointer) == ("E_TRIGGER_VALUE", "/ops/main/triggers/0/passes/given")
    assert found.values["reason"] == reason


def test_every_trigger_but_a_manual_one_passes_what_has_no_default() -> None:
    document = build([MANUAL, CRON, {**CRON, "missed": "all", "passes": {"n": "time"}}], {"n": "int"})
    assert places(validate_document(document)) == [("E_TRIGGER_INCOMPLETE", "/ops/main/triggers/1/passes")]
    document["ops"]["main"]["parameters"][0]["default"] = [ONE]
    assert validate_document(document) == []


def test_what_is_passed_to_no_parameter_is_refused() -> None:
    document = build([{**CRON, "passes": {"when": "time"}}])
    assert places(validate_document(document)) == [("E_TRIGGER_VALUE", "/ops/main/triggers/0/passes/when")]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"addresses": ["any", USDC]}, "E_TRIGGER_ADDRESSES", "addresses"),
        ({"addresses": [USDC, USDC]}, "E_TRIGGER_ADDRESSES", "addresses"),
        ({"addresses": []}, "E_ITEM_COUNT", "addresses"),
        ({"inputs": [{"abi": "function", "place": "data"}]}, "E_EVENT_INPUT", "inputs/0"),
        ({"inputs": [{"abi": "bool", "place": "topic"}] * 4}, "E_EVENT_INPUT", "inputs/3"),
        ({"event": "Pong"}, "E_EVENT_TOPIC", "topic"),
        ({"network": "optimism"}, "E_UNKNOWN_NETWORK", "network"),
        ({"tag": "safe", "confirmations": 2}, "E_TRIGGER_CONFIRMATIONS", "confirmations"),
        ({"missed": "some"}, "E_NOT_ALLOWED", "missed"),
        ({"passes": {"n": "time"}}, "E_NOT_ALLOWED", "passes/n"),
    ],
)
def test_what_a_log_trigger_cannot_say(change: Json, code: str, place: str) -> None:
    trigger = copy.deepcopy({**PING, **change})
    found = validate_document(build([trigger], networks={"base": 8453}))
    # Where something else is wrong, a network that nothing uses is not a second problem.
    assert places(found) == [(code, f"/ops/main/triggers/0/{place}")]


def test_a_network_may_be_there_for_a_trigger_alone() -> None:
    assert validate_document(build([BLOCK])) == []
    document = build([CRON], networks={"base": 8453})
    assert places(validate_document(document)) == [("E_UNUSED_DEFINITION", "/networks/base")]


def test_a_block_that_triggers_pass_is_of_their_networks() -> None:
    read = effect(
        "balance",
        "chain.balance",
        "int",
        address=lit("Address", USDC),
        at=ref("at"),
        network={"kind": "field", "of": ref("at"), "name": "network"},
    )
    passes = {"at": "block"}
    triggers = [{**BLOCK, "passes": passes}, {**BLOCK, "network": "mainnet", "passes": passes}, MANUAL]
    op = build_op("int", [read, return_node(ref("balance"))], {"at": "Block"}, triggers=triggers)
    document = build_document({"main": op}, networks={"base": 8453, "mainnet": 1})
    assert set(document["grants"]["chain"]) == {"base", "mainnet"}
    assert validate_document(document) == []
    op["triggers"] = [MANUAL]
    assert [each.code.name for each in infer_grants(document).diagnostics] == ["E_NETWORK_NOT_KNOWN"]


@pytest.mark.parametrize("way", ["invoke", "child", "child by name", "compensation"])
def test_a_block_may_also_come_from_another_op(way: str) -> None:
    network = {"kind": "field", "of": ref("at"), "name": "network"}
    read = effect("b", "chain.balance", "int", address=lit("Address", USDC), at=ref("at"), network=network)
    triggers = [{**BLOCK, "passes": {"at": "block"}}]
    main = build_op("int", [read, return_node(ref("b"))], {"at": "Block"}, triggers=triggers)
    passing = [{**triggers[0], "network": "optimism"}]
    undone = build_op(
        "int", [return_node(lit("int", "1"))], {"at": "Block"}, triggers=passing, compensation=["main"]
    )
    given: Json = {"kind": "tuple", "items": [ref("at")]}
    calls: dict[str, list[Json]] = {
        "invoke": [invoke_node("n", "int", "main", ref("at"))],
        "child": [effect("n", "run.child", "int", static={"op": "main"}, arguments=given)],
        "child by name": [
            let("all", "tuple[Block]", given),
            effect("n", "run.child", "int", static={"op": "main"}, arguments=ref("all")),
        ],
        "compensation": [invoke_node("n", "int", "undone", ref("at"))],
    }
    block = effect("at", "chain.block", "Block", static={"tag": "latest"}, network=lit("str", "optimism"))
    ops = {"main": main, "outer": build_op("int", [block, *calls[way], return_node(ref("n"))])}
    if way == "compensation":
        ops["undone"] = undone
    document = build_document(ops, networks={"base": 8453, "optimism": 10})
    assert validate_document(document) == []
    assert document["grants"]["chain"]["base"]["reads"] == ["chain.balance"]
    assert document["grants"]["chain"]["optimism"]["reads"] == ["chain.balance", "chain.block"]


def test_a_document_from_before_triggers_has_none() -> None:
    document = build([])
    document["ir_version"] = "0.1"
    del document["enums"]
    op = document["ops"]["main"]
    del op["triggers"], op["compensation"]
    op["policy"] = {"retries": 0, "timeout_ms": 0}
    assert validate_document(document) == []
    loaded = load_document(str(document).replace("'", '"').encode()).ops["main"]
    assert (loaded.triggers, loaded.policy.concurrency) == ([], 0)


# --- the tables -----------------------------------------------------------------------------------


def test_the_topic_of_an_event() -> None:
    assert event_topic("Transfer(address,address,uint256)") == (
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    )


def test_the_time_zones_are_those_of_the_database() -> None:
    """A machine may have an older copy; the database never takes a name back."""
    here = {name for name in zoneinfo.available_timezones() if "/" in name}
    here -= {name for name in here if name.startswith(("posix/", "right/", "SystemV/"))}
    assert here - TIME_ZONES == set()
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} <= TIME_ZONES
    assert not TIME_ZONES & {"CET", "EST5EDT", "Factory", "localtime"}


@pytest.mark.parametrize(
    ("abi", "type_"),
    [
        ("uint256", "int"),
        ("int8", "int"),
        ("bytes", "bytes"),
        ("bytes32", "bytes"),
        ("string[2][]", "list[list[str]]"),
        ("uint", None),
        ("uint7", None),
        ("uint264", None),
        ("uint08", None),
        ("bytes0", None),
        ("bytes33", None),
        ("address[0]", None),
        ("tuple", None),
    ],
)
def test_the_type_that_carries_an_abi_type(abi: str, type_: str | None) -> None:
    assert type_of_abi(abi) is (None if type_ is None else parse_type(type_))


def test_what_a_record_of_an_event_holds() -> None:
    fields = [("owner", parse_type("Address")), ("label", parse_type("bytes"))]
    assert find_event_problem(fields, [("address", True), ("string", True)]) is None
    assert find_event_problem(fields, [("address", True), ("uint8[]", True)]) is None
    assert find_event_problem(fields, [("address", True), ("string", False)]) == (
        "its field label is bytes, and string is str"
    )
    assert find_event_problem(fields, [("address", True)]) == "it has 2 fields, and the event 1 arguments"
