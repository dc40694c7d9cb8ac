"""Child runs: who drives them, and what their parents do meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
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
    no_key,
    ref,
    return_node,
    yield_node,
)
from house.scripted_io import NOWHERE, RUN, HeldIo, ScriptedIo
from opforge_ir.codes.store import E_LEASE_LOST
from opforge_ir.codes.transport import E_WRONG_CHAIN
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_ir.values import RecordInstance
from opforge_runtime.children import build_child_id
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import Engine
from opforge_runtime.offspring import Offspring
from opforge_runtime.resolution import resolve_attempt
from opforge_runtime.stores import MemoryStore, SqliteStore
from opforge_runtime.stores.protocol import Lease, RunFilter
from opforge_runtime.waits import ChildStart

ELSEWHERE = "elsewhere:1:1"
LONG_SECONDS = 30
"""After so long a test that waits has failed."""


def clock() -> int:
    return 1_000


def parents_and_children() -> Json:
    """`main` starts a child for each number, which posts it without a key."""
    post = effect(
        "sent",
        "http.post",
        "Response",
        url=lit("str", "https://api.example/x"),
        body=lit("str", "x"),
        headers=no_headers(),
        idempotency_key=no_key(),
    )
    arguments: Json = {"kind": "tuple", "items": [ref("n")]}
    child = effect("got", "run.child", "int", static={"op": "work"}, arguments=arguments)
    main = build_op(
        "list[int]",
        [
            map_node("all", "list[int]", ref("ns"), {"n": "int"}, [child, yield_node(ref("got"))]),
            return_node(ref("all")),
        ],
        {"ns": "list[int]"},
    )
    work = build_op("int", [post, return_node(ref("n"))], {"n": "int"})
    return build_document({"main": main, "work": work})


def respond(attempt: Attempt) -> Answer:
    return RecordInstance("Response", (200, "", {}))


class LeaseCountingStore(SqliteStore):
    """Counts how often the lease of each run is asked for. Asking writes, which those notice who wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked: Counter[str] = Counter()

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        if owner != ELSEWHERE:
            self.asked[run] += 1
        return super().acquire_lease(run, owner, duration_ms, dead_owner=dead_owner)


class DyingIo(ScriptedIo):
    """Something is wrong outside, once a request has been made."""

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        raise E_WRONG_CHAIN.error(network="devnet", expected_chain_id=1, actual_chain_id=2)


async def start(engine: Engine, *numbers: int, run: RunId = RUN, op: str = "main") -> Any:
    document = json.dumps(parents_and_children()).encode()
    inputs: dict[str, Any] = {"ns": [*numbers]} if op == "main" else {"n": numbers[0]}
    return await engine.start(run, document, op, inputs, provenance=NOWHERE)


CHILD = build_child_id(RUN, "work", "sample.main.all.got", "all[0]")


def needs_person(store: SqliteStore) -> bool:
    record = store.get_run(CHILD)
    return record is not None and record.standing.status == "needs_resolution"


def test_children_are_driven_here_before_a_parent_that_does_not_wait_leaves() -> None:
    store = MemoryStore()
    engine = Engine(store, ScriptedIo(respond), clock=clock, longest_attended_ms=0)
    outcome = asyncio.run(start(engine, 1, 2))
    assert outcome.outcome == "completed"
    assert outcome.output.value == ["1", "2"]


def test_children_that_are_handed_out_are_queued_before_the_parent_leaves() -> None:
    store, queued = MemoryStore(), list[RunId]()
    engine = Engine(store, ScriptedIo(respond), clock=clock, longest_attended_ms=0, dispatch=queued.append)

    async def drive() -> None:
        assert (await start(engine, 1, 2)).outcome == "waiting"
        assert [each.run for each in store.list_runs(RunFilter(statuses=["queued"]))] == sorted(queued)
        for child in queued:
            assert (await engine.resume(child)).outcome == "completed"
        assert (await engine.resume(RUN)).outcome == "completed"

    asyncio.run(drive())
    assert len(queued) == 2


def test_a_child_that_needs_a_person_is_left_alone_until_one_has_decided(tmp_path: Path) -> None:
    store = LeaseCountingStore(tmp_path / "runs.db")
    engine = Engine(store, ScriptedIo(respond), clock=clock)

    async def drive() -> None:
        with pytest.raises(DiagnosticError):
            await start(Engine(store, DyingIo(respond), clock=clock), 1, run=CHILD, op="work")
        parent = asyncio.create_task(start(engine, 1))
        while not needs_person(store):  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0)
        for _ in range(1000):
            await asyncio.sleep(0)  # the parent may do what it wants to
        resolve_attempt(
            store, CHILD, "sample.work.sent", "", "retry", "it was not there", clock=clock, owner=ELSEWHERE
        )
        assert (await parent).outcome == "completed"

    with store:
        asyncio.run(drive())
    assert store.asked[CHILD] == 2  # to find that a person is needed, and to go on


def test_a_child_that_somebody_else_drives_is_looked_at_now_and_then_only(tmp_path: Path) -> None:
    store = LeaseCountingStore(tmp_path / "runs.db")

    async def drive() -> None:
        outside = HeldIo(respond)
        other = Engine(store, outside, clock=clock, owner=ELSEWHERE)
        child = asyncio.create_task(start(other, 1, run=CHILD, op="work"))
        await outside.is_asked.wait()
        parent = asyncio.create_task(start(Engine(store, ScriptedIo(respond), clock=clock), 1))
        while not store.asked[CHILD]:  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0)
        for _ in range(1000):
            await asyncio.sleep(0)
        outside.may_answer.set()
        assert (await child).outcome == "completed"
        assert (await parent).outcome == "completed"

    with store:
        asyncio.run(drive())
    assert store.asked[CHILD] < 5


def test_a_child_that_comes_to_rest_before_it_is_waited_for_ends_the_wait() -> None:
    async def lose_lease(child: ChildStart) -> None:
        raise E_LEASE_LOST.error(run=child.run, owner=ELSEWHERE)

    async def drive() -> None:
        offspring = Offspring(MemoryStore(), lose_lease, is_handed_out=False, clock=clock)
        child = ChildStart(CHILD, "work", {})
        await offspring.ensure(child)
        while offspring.is_busy:  # noqa: ASYNC110 - it comes to rest before anybody waits
            await asyncio.sleep(0)
        async with asyncio.timeout(LONG_SECONDS):
            await offspring.wait_for_end()
        with pytest.raises(DiagnosticError):
            await offspring.ensure(child)
        await offspring.close()

    asyncio.run(drive())
