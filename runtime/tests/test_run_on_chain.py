"""Runs against a node: how many requests leave, at which block they read, what is kept of the endpoint."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    field_of,
    let,
    lit,
    map_node,
    ref,
    return_node,
    yield_node,
)
from house.scripted_io import NOWHERE, RUN
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.selector import function_selector
from opforge_runtime.devchain import DevChain
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import start_run
from opforge_runtime.history import read_run
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import SqliteStore
from opforge_runtime.transports.chain import NetworkEndpoint

SELECTOR = function_selector("balanceOf(address)")
AT = {"at": ref("at"), "network": lit("str", "devnet")}
CANARY = "canary-key-0123456789"


def portfolio(token: str) -> Json:
    """Native and token balances of wallets, each kind in one wave, at one block."""
    native = [effect("wei", "chain.balance", "int", address=ref("w"), **AT), yield_node(ref("wei"))]
    arguments = {"kind": "tuple", "items": [ref("w")]}
    statics = {"contract": "Token", "function": "balanceOf"}
    held = effect(
        "amount",
        "chain.call",
        "int",
        static=statics,
        address=lit("Address", token),
        arguments=arguments,
        **AT,
    )
    result = {"kind": "tuple", "items": [field_of(ref("at"), "hash"), ref("natives"), ref("tokens")]}
    nodes = [
        effect("at", "chain.block", "Block", static={"tag": "latest"}, network=lit("str", "devnet")),
        map_node("natives", "list[int]", ref("wallets"), {"w": "Address"}, native),
        map_node("tokens", "list[int]", ref("holders"), {"w": "Address"}, [held, yield_node(ref("amount"))]),
        let("total", "int", apply("list.sum_int", ref("natives"), lit("int", "0"))),
        return_node(result),
    ]
    parameters = {"wallets": "list[Address]", "holders": "list[Address]"}
    function = {
        "selector": SELECTOR,
        "inputs": [{"name": "owner", "abi": "address", "type": "Address"}],
        "outputs": [{"name": "balance", "abi": "uint256", "type": "int"}],
    }
    return build_document(
        {"main": build_op("tuple[bytes,list[int],list[int]]", nodes, parameters, retries=1)},
        contracts={"Token": {"functions": {"balanceOf": function}}},
        networks={"devnet": 31337},
    )


class Proxy:
    """Passes requests on to a node, mines a block after each, and remembers what was asked."""

    def __init__(self, chain: DevChain) -> None:
        self._chain = chain
        self._lock = threading.Lock()
        self.requests: list[list[Json]] = []

    def respond(self, head: bytes, body: bytes) -> bytes:
        with self._lock:
            self.requests.append(json.loads(body))
            asked = urllib.request.Request(
                self._chain.url, body, {"Content-Type": "application/json"}, method="POST"
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:
                found = answer.read()
            self._chain.mine()
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(found), found)

    @property
    def pins(self) -> set[str]:
        """The block hashes that reads named."""
        return {
            call["params"][1]["blockHash"]
            for batch in self.requests
            for call in batch
            if len(call["params"]) == 2 and isinstance(call["params"][1], dict)
        }


def run(store: SqliteStore, document: Json, inputs: Json, url: str, chain_id: int = 31337) -> RunOutcome:
    async def drive() -> RunOutcome:
        networks = {"devnet": NetworkEndpoint(chain_id, url)}
        async with open_live_io(networks, log=lambda level, message: None) as effect_io:
            return await start_run(
                store,
                effect_io,
                run=RUN,
                document=json.dumps(document).encode(),
                op="main",
                inputs=inputs,
                clock=lambda: 1_000,
                provenance=NOWHERE,
            )

    return asyncio.run(drive())


def get_output(outcome: RunOutcome) -> list[Any]:
    """The stored value of the tuple that a completed run returned."""
    assert outcome.output is not None, outcome.error
    return cast("list[Any]", outcome.output.value)


def test_two_hundred_balances_travel_in_three_requests_at_one_block(
    devchain: DevChain, serve: Callable[[Any], str], tmp_path: Path
) -> None:
    proxy = Proxy(devchain)
    strangers = [f"0x{number:040x}" for number in range(0x1000, 0x1000 + 199)]
    token = devchain.tokens["DUSD"].address.lower()
    inputs = {"wallets": [devchain.accounts[0].lower(), *strangers], "holders": []}
    with SqliteStore(tmp_path / "runs.db") as store:
        outcome = run(store, portfolio(token), inputs, serve(proxy.respond))
        block_hash, natives, _ = get_output(outcome)
        assert len(proxy.requests) <= 3
        assert proxy.pins == {block_hash}
        assert len(natives) == 200
        assert int(natives[0]) > 0
        assert set(natives[1:]) == {"0"}
        head = devchain.call_rpc("eth_getBlockByNumber", "latest", False)
        assert head["hash"] != block_hash
        assert replay_run(store, RUN).is_finished


def test_a_contract_is_called_and_its_answer_decoded(devchain: DevChain, tmp_path: Path) -> None:
    token = devchain.tokens["DUSD"].address.lower()
    inputs = {"wallets": [], "holders": [account.lower() for account in devchain.accounts[:2]]}
    with SqliteStore(tmp_path / "runs.db") as store:
        outcome = run(store, portfolio(token), inputs, devchain.url)
        calldata = "0x" + SELECTOR[2:] + devchain.accounts[0][2:].lower().zfill(64)
        expected = devchain.call_rpc("eth_call", {"to": token, "data": calldata}, "latest")
        assert get_output(outcome)[2][0] == str(int(expected, 16))
    # Where there is no contract, nothing comes back, and that is no zero.
    with SqliteStore(tmp_path / "other.db") as store:
        nothing = run(store, portfolio("0x" + "99" * 20), inputs, devchain.url)
        assert nothing.error is not None
        assert nothing.error.code.name == "E_ABI_DATA_EMPTY"


def test_the_endpoint_of_another_chain_stops_the_session_and_not_the_run(
    devchain: DevChain, tmp_path: Path
) -> None:
    with SqliteStore(tmp_path / "runs.db") as store:
        with pytest.raises(DiagnosticError) as stopped:
            run(store, portfolio("0x" + "99" * 20), {"wallets": [], "holders": []}, devchain.url, chain_id=1)
        assert [p.code.name for p in stopped.value.diagnostics] == ["E_WRONG_CHAIN"]
        assert [e.envelope.event.type for e in read_run(store, RUN)] == ["RunStarted", "StateEntered"]


def test_no_part_of_an_endpoint_is_kept(serve: Callable[[Any], str], tmp_path: Path) -> None:
    """Neither by a run whose node answers badly, nor by one whose node is gone."""

    def quote(head: bytes, body: bytes) -> bytes:
        asked = json.loads(body)
        message = f"no service for {CANARY} at http://user:{CANARY}@127.0.0.1/{CANARY}"
        found = json.dumps(
            [{"jsonrpc": "2.0", "id": a["id"], "error": {"code": -32000, "message": message}} for a in asked]
        ).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(found), found)

    urls = [f"{serve(quote)}/v2/{CANARY}", f"http://127.0.0.1:9/v2/{CANARY}?key={CANARY}"]
    for number, url in enumerate(urls):
        folder = tmp_path / str(number)
        folder.mkdir()
        with SqliteStore(folder / "runs.db") as store:
            document = portfolio("0x" + "99" * 20)
            outcome = run(store, document, {"wallets": [], "holders": []}, url)
            assert outcome.error is not None
            shown = json.dumps(outcome.error.to_json())
            kept = b"".join(path.read_bytes() for path in folder.iterdir())
        assert b"RunCompleted" in kept
        for secret in (CANARY, "127.0.0.1"):
            assert secret not in shown
            assert secret.encode() not in kept
