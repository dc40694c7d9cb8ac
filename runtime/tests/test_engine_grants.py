"""No request leaves that the document was not granted."""

from __future__ import annotations

from typing import Any

import pytest

from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    let,
    lit,
    no_headers,
    record_value,
    ref,
    return_none,
)
from house.sample_program import read_types
from house.scripted_io import ScriptedIo, start_unchecked
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.stores import MemoryStore

ONE = lit("int", "1")
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
    main = build_op("None", [let("at", "Block", block), nodes[verb], return_none()])
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
    document["grants"] = {"chain": {}, "http": {}, "ambient": []} | granted
    outside = ScriptedIo(outside_answer)
    assert start_unchecked(MemoryStore(), outside, document).outcome == "completed"
    assert outside.waves == [1]
    document["grants"] = {"chain": {}, "http": {}, "ambient": []} | refused
    store, outside = MemoryStore(), ScriptedIo(outside_answer)
    outcome = start_unchecked(store, outside, document)
    assert outcome.error is not None
    assert (outcome.error.code.name, outcome.error.values) == (
        "E_NOT_GRANTED",
        {"verb": verb, "target": target},
    )
    assert outside.waves == []
    assert read_types(store) == ["RunStarted", "StateEntered", "StateFailed", "RunCompleted"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.example.com:443/x", "api.example.com"),
        ("https://api.example.com:8443/x", "api.example.com:8443"),
        ("https://api.example.com@evil.example/x", ""),
        ("https://api.example.com.evil.example/", "api.example.com.evil.example"),
        ("//api.example.com/", ""),
        ("https://[::1", ""),
    ],
)
def test_the_host_of_a_url_is_what_is_granted(url: str, host: str) -> None:
    document = reading("http.get", url=url)
    document["grants"]["http"] = {}
    outcome = start_unchecked(MemoryStore(), ScriptedIo(outside_answer), document)
    assert outcome.error is not None
    assert outcome.error.values["target"] == host
