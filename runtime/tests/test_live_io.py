"""Live IO: each verb has its handler, and what a handler answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    lit,
    map_node,
    no_headers,
    ref,
    return_node,
    return_none,
    yield_node,
)
from house.scripted_io import NOWHERE, RUN, start
from opforge_ir.capabilities import VERBS
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.effect_io.live import LiveIo, open_live_io
from opforge_runtime.engine import start_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.transports.chain import ChainTransport, NetworkEndpoint
from opforge_runtime.transports.http import HttpTransport


def build(
    log: Callable[[str, str], None] = lambda level, message: None,
    networks: dict[str, NetworkEndpoint] | None = None,
) -> LiveIo:
    """Live IO with a clock that stands still, and chance that is always the largest."""
    return LiveIo(
        networks or {},
        chain=ChainTransport(networks or {}),
        http=HttpTransport(),
        log=log,
        now_seconds=lambda: 1_795_201_595,
        random_below=lambda n: n - 1,
    )


def run(effect_io: LiveIo, result: str, body: list[Json], **parts: Any) -> RunOutcome:
    timeout_ms = parts.pop("timeout_ms", 0)
    main = build_op(result, body, timeout_ms=timeout_ms, retries=parts.pop("retries", 0))
    return start(MemoryStore(), effect_io, build_document({"main": main}, **parts))


def test_every_verb_has_a_handler_and_nothing_else_has() -> None:
    """But for waits, which the engine answers itself."""
    assert set(build().handlers) == {verb.name for verb in VERBS.values() if verb.effect != "wait"}


def test_time_is_whole_seconds_and_chance_is_within_its_bounds() -> None:
    bounds = {"low": lit("int", "-3"), "high": lit("int", "4")}
    body = [
        effect("now", "time.now", "int"),
        effect("r", "random.integer", "int", **bounds),
        return_node({"kind": "tuple", "items": [ref("now"), ref("r")]}),
    ]
    outcome = run(build(), "tuple[int,int]", body)
    assert outcome.output is not None
    assert outcome.output.value == ["1795201595", "4"]


def test_bounds_in_the_wrong_order_fail() -> None:
    bounds = {"low": lit("int", "1"), "high": lit("int", "0")}
    outcome = run(build(), "int", [effect("r", "random.integer", "int", **bounds), return_node(ref("r"))])
    assert outcome.error is not None
    assert (outcome.error.code.name, outcome.error.values) == ("E_RANDOM_RANGE", {"low": "1", "high": "0"})


def test_lines_of_a_wave_come_in_the_order_of_the_plan() -> None:
    lines: list[tuple[str, str]] = []
    numbers = apply("int.range", lit("int", "0"), lit("int", "3"), lit("int", "1"))
    said = [
        effect("a", "log.info", "None", message=apply("int.str", ref("i"))),
        effect("b", "log.warning", "None", message=apply("int.str", ref("i"))),
        yield_node(ref("i")),
    ]
    body = [map_node("xs", "list[int]", numbers, {"i": "int"}, said), return_none()]
    run(build(lambda level, message: lines.append((level, message))), "None", body)
    assert lines == [("info", "0"), ("info", "1"), ("info", "2"), *[("warning", str(i)) for i in range(3)]]


def test_a_network_without_an_endpoint_is_found_before_the_run_begins() -> None:
    blocks = [
        effect(name, "chain.block", "Block", static={"tag": "latest"}, network=lit("str", name))
        for name in ("base", "mainnet")
    ]
    with pytest.raises(DiagnosticError) as refused:
        run(build(), "None", [*blocks, return_none()], networks={"base": 8453, "mainnet": 1})
    assert [(p.code.name, p.values["network"]) for p in refused.value.diagnostics] == [
        ("E_NETWORK_WITHOUT_ENDPOINT", "base"),
        ("E_NETWORK_WITHOUT_ENDPOINT", "mainnet"),
    ]


def get(url: str) -> list[Json]:
    return [
        effect("got", "http.get", "Response", url=lit("str", url), headers=no_headers()),
        return_node({"kind": "field", "of": ref("got"), "name": "status"}),
    ]


def test_any_status_of_http_is_a_result(serve: Callable[[Any], str]) -> None:
    def respond(head: bytes, body: bytes) -> bytes:
        return b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

    url = serve(respond)
    outcome = run(build(), "int", get(url + "/x"))
    assert outcome.output is not None, outcome.error
    assert outcome.output.value == "503"


def test_a_session_ends_when_its_time_is_over(serve: Callable[[Any], str]) -> None:
    def stay_silent(head: bytes, body: bytes) -> None:
        return None

    url = serve(stay_silent)
    outcome = run(build(), "int", get(url), timeout_ms=50, retries=3)
    assert outcome.error is not None
    assert (outcome.error.code.name, outcome.error.values) == ("E_SESSION_TIMEOUT", {"timeout_ms": 50})


def test_a_failed_request_is_made_again(serve: Callable[[Any], str]) -> None:
    seen: list[bytes] = []

    def respond(head: bytes, body: bytes) -> bytes:
        seen.append(head)
        return b"" if len(seen) == 1 else b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    url = serve(respond)
    outcome = run(build(), "int", get(url), retries=1)
    assert outcome.output is not None, outcome.error
    assert len(seen) == 2


def test_the_real_clock_and_chance_are_used_at_the_edge() -> None:
    draw = effect("r", "random.integer", "int", low=lit("int", "0"), high=lit("int", "0"))
    pair = {"kind": "tuple", "items": [ref("now"), ref("r")]}
    main = build_op("tuple[int,int]", [effect("now", "time.now", "int"), draw, return_node(pair)])
    document = json.dumps(build_document({"main": main})).encode()

    async def drive() -> RunOutcome:
        async with open_live_io({}, log=lambda level, message: None) as effect_io:
            return await start_run(
                MemoryStore(),
                effect_io,
                run=RUN,
                document=document,
                op="main",
                inputs={},
                clock=lambda: 0,
                provenance=NOWHERE,
            )

    before = int(time.time())
    outcome = asyncio.run(drive())
    assert outcome.output is not None
    now, drawn = cast("list[str]", outcome.output.value)
    assert before <= int(now) <= int(time.time())
    assert drawn == "0"
