"""A driver asks nothing of the outside when its lease may be another's, and leaves what others hold."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    lit,
    map_node,
    no_headers,
    ref,
    return_node,
    yield_node,
)
from house.sample_program import answer, squares
from house.scripted_io import NOWHERE, RUN, HeldIo, ScriptedIo
from opforge_ir.codes.store import E_LEASE_LOST, E_RUN_EXISTS
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import Engine
from opforge_runtime.history import read_run
from opforge_runtime.journal import Observer, SilentObserver
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore, SqliteStore, Store

ME, OTHER = "elsewhere:1:1", "elsewhere:2:2"
LEASE_MS = 1
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def keyed_posts() -> Json:
    """A post with a key for each text, all of them in one group."""
    post = effect(
        "sent",
        "http.post",
        "Response",
        url=lit("str", "https://api.example/x"),
        body=ref("text"),
        headers=no_headers(),
        idempotency_key={"kind": "apply", "op": "optional.some", "args": [ref("text")]},
    )
    nodes = [
        map_node("all", "list[str]", ref("texts"), {"text": "str"}, [post, yield_node(ref("text"))]),
        return_node(ref("all")),
    ]
    return build_document({"main": build_op("list[str]", nodes, {"texts": "list[str]"})})


async def begin(store: Store, outside: ScriptedIo, owner: str) -> RunOutcome:
    engine = Engine(store, outside, clock=lambda: 1_000, owner=owner)
    return await engine.start(RUN, json.dumps(squares()).encode(), "main", {"ns": ["1"]}, provenance=NOWHERE)


def test_who_begins_a_run_that_is_there_leaves_the_lease_of_who_began_it() -> None:
    store = MemoryStore()

    async def drive() -> None:
        outside = HeldIo(answer)
        first = asyncio.create_task(begin(store, outside, ME))
        await outside.is_asked.wait()
        with pytest.raises(DiagnosticError) as refused:
            await begin(store, ScriptedIo(answer), OTHER)
        assert refused.value.diagnostics[0].code is E_RUN_EXISTS
        outside.may_answer.set()
        assert (await first).outcome == "completed"

    asyncio.run(drive())


async def post_each(store: SqliteStore, url: str, texts: Sequence[str], observer: Observer) -> None:
    async with open_live_io({}, log=lambda level, message: None, resolve={"api.example": url}) as effect_io:
        engine = Engine(store, effect_io, clock=lambda: 1_000, owner=ME, lease_ms=LEASE_MS, observer=observer)
        document = json.dumps(keyed_posts()).encode()
        await engine.start(RUN, document, "main", {"texts": [*texts]}, provenance=NOWHERE)


def take_over(path: Path) -> None:
    """Another process takes the lease; the driver's own clock tells it too when this returns."""
    with SqliteStore(path) as store:
        store.acquire_lease(RUN, OTHER, 60_000, dead_owner=ME)
    lost_at = time.monotonic()
    while time.monotonic() - lost_at <= LEASE_MS / 1000:
        pass


def test_a_group_of_side_effects_ends_where_the_lease_was_lost(
    serve: Callable[[Any], str], tmp_path: Path
) -> None:
    posted: list[bytes] = []

    def respond(head: bytes, body: bytes) -> bytes:
        posted.append(body)
        take_over(tmp_path / "runs.db")
        return ANSWER

    with SqliteStore(tmp_path / "runs.db") as store:
        with pytest.raises(DiagnosticError) as lost:
            asyncio.run(post_each(store, serve(respond), "abc", SilentObserver()))
        assert lost.value.diagnostics[0].code is E_LEASE_LOST
        assert posted == [b"a"]
        assert "fact_recorded" not in [each.envelope.event.type for each in read_run(store, RUN)]


def test_a_side_effect_alone_is_not_made_when_the_lease_was_lost(
    serve: Callable[[Any], str], tmp_path: Path
) -> None:
    posted: list[bytes] = []

    def respond(head: bytes, body: bytes) -> bytes:
        posted.append(body)
        return ANSWER

    class Meddler(SilentObserver):
        def reach(self, point: str) -> None:
            if point == "perform":
                take_over(tmp_path / "runs.db")

    with SqliteStore(tmp_path / "runs.db") as store, pytest.raises(DiagnosticError) as lost:
        asyncio.run(post_each(store, serve(respond), "a", Meddler()))
    assert lost.value.diagnostics[0].code is E_LEASE_LOST
    assert posted == []
