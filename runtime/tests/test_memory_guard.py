"""A program that takes up too much memory ends with a code, and its run can be resumed."""

from __future__ import annotations

import asyncio
import json

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    for_node,
    let,
    lit,
    ref,
    return_node,
)
from house.scripted_io import NOWHERE, RUN, ScriptedIo
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.engine import Engine
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore


def counting(rounds: int) -> Json:
    """Reads the clock once, and counts for as long as it is told."""
    count = for_node(
        "count",
        apply("int.range", lit("int", "0"), lit("int", str(rounds)), lit("int", "1")),
        {"i": "int"},
        [let("next", "int", apply("int.add", ref("i"), lit("int", "1")))],
    )
    return build_document(
        {"main": build_op("int", [effect("now", "time.now", "int"), count, return_node(ref("now"))])}
    )


def drive(store: MemoryStore, document: Json, max_memory_mib: int | None, *, is_new: bool) -> str:
    engine = Engine(store, ScriptedIo(lambda attempt: 7), clock=lambda: 1_000, max_memory_mib=max_memory_mib)
    content = json.dumps(document).encode()
    session = engine.start(RUN, content, "main", {}, provenance=NOWHERE) if is_new else engine.resume(RUN)
    return asyncio.run(session).outcome


def test_a_program_is_stopped_and_its_run_goes_on_where_there_is_more() -> None:
    store = MemoryStore()
    with pytest.raises(DiagnosticError) as stopped:
        # More rounds than a machine goes through before the guard looks; this process holds more than 1 MiB.
        drive(store, counting(1_000_000), 1, is_new=True)
    (problem,) = stopped.value.diagnostics
    assert (problem.code.name, problem.values) == ("E_MEMORY_BUDGET", {"limit_mib": 1})
    assert not replay_run(store, RUN).is_finished
    assert drive(store, counting(1_000_000), None, is_new=False) == "completed"
    assert replay_run(store, RUN).is_finished


def test_a_program_within_its_bounds_is_left_alone() -> None:
    assert drive(MemoryStore(), counting(10), 1_000_000, is_new=True) == "completed"
