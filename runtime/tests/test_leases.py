"""What a driver does with its lease: it asks nothing of the outside when the lease may be another's."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
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
from house.scripted_io import NOWHERE, RUN
from opforge_ir.codes.store import E_LEASE_LOST
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.history import read_run
from opforge_runtime.stores import SqliteStore

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


def test_a_group_of_side_effects_ends_where_the_lease_was_lost(
    serve: Callable[[Any], str], tmp_path: Path
) -> None:
    posted: list[bytes] = []

    def take_over(head: bytes, body: bytes) -> bytes:
        posted.append(body)
        with SqliteStore(tmp_path / "runs.db") as store:
            store.acquire_lease(RUN, OTHER, 60_000, dead_owner=ME)
        lost_at = time.monotonic()
        while time.monotonic() - lost_at <= LEASE_MS / 1000:
            pass  # the driver's own clock tells it too, when it has the answer
        return ANSWER

    async def drive(store: SqliteStore) -> None:
        resolve = {"api.example": serve(take_over)}
        async with open_live_io({}, log=lambda level, message: None, resolve=resolve) as effect_io:
            engine = Engine(store, effect_io, clock=lambda: 1_000, owner=ME, lease_ms=LEASE_MS)
            await engine.start(
                RUN,
                json.dumps(keyed_posts()).encode(),
                "main",
                {"texts": ["a", "b", "c"]},
                configuration=DEFAULT_CONFIGURATION,
                provenance=NOWHERE,
            )

    with SqliteStore(tmp_path / "runs.db") as store:
        with pytest.raises(DiagnosticError) as lost:
            asyncio.run(drive(store))
        assert lost.value.diagnostics[0].code is E_LEASE_LOST
        assert posted == [b"a"]
        assert "fact_recorded" not in [each.envelope.event.type for each in read_run(store, RUN)]
