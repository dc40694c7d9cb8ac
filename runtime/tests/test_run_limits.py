"""What a run may take up: events, bytes of a fact, the time of an attempt and of the run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    for_node,
    lit,
    map_node,
    ref,
    return_node,
    yield_node,
)
from house.scripted_io import NOWHERE, RUN, ScriptedIo
from opforge_ir.document import Document
from opforge_runtime.effect_io.live import LiveSession
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import Execution, compile_document
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.verification import verify_run


def clocks(rounds: int) -> Json:
    """Reads the clock in a loop."""
    loop = for_node(
        "loop",
        apply("int.range", lit("int", "0"), lit("int", str(rounds)), lit("int", "1")),
        {"i": "int"},
        [effect("now", "time.now", "int")],
    )
    return build_document({"main": build_op("int", [loop, return_node(lit("int", "1"))])})


def drive(store: MemoryStore, document: Json, limits: dict[str, int]) -> RunOutcome:
    configuration = DEFAULT_CONFIGURATION.model_copy(update=limits)
    engine = Engine(store, ScriptedIo(lambda attempt: 1_700_000_000), clock=lambda: 1_000)
    content = json.dumps(document).encode()
    outcome = asyncio.run(
        engine.start(RUN, content, "main", {}, configuration=configuration, provenance=NOWHERE)
    )
    assert replay_run(store, RUN).is_finished
    return outcome


@pytest.mark.parametrize(
    ("limits", "code", "fields"),
    [
        ({"max_events": 10}, "E_EVENT_BUDGET", {"limit": 10}),
        ({"max_fact_bytes": 11}, "E_FACT_TOO_LARGE", {"verb": "time.now", "bytes": 12, "limit": 11}),
        ({"max_steps": 20}, "E_STEP_LIMIT", {"limit": 20}),
    ],
)
def test_a_run_that_takes_up_too_much_ends_with_a_code(
    limits: dict[str, int], code: str, fields: dict[str, str | int]
) -> None:
    outcome = drive(MemoryStore(), clocks(1_000), limits)
    assert (outcome.outcome, outcome.output) == ("failed", None)
    assert outcome.error is not None
    assert outcome.error.code.name == code
    assert outcome.error.values.items() >= fields.items()


def test_a_run_may_take_up_all_that_it_has() -> None:
    assert drive(MemoryStore(), clocks(3), {"max_events": 11, "max_fact_bytes": 12}).outcome == "completed"


@pytest.mark.parametrize(
    ("left_ms", "own_ms", "code"),
    [(None, 1, "E_ATTEMPT_TIMEOUT"), (60_000, 1, "E_ATTEMPT_TIMEOUT"), (1, 60_000, "E_SESSION_TIMEOUT")],
)
def test_an_attempt_ends_when_its_time_or_that_of_the_run_is_over(
    left_ms: int | None, own_ms: int, code: str
) -> None:
    program = compile_document(Document.model_validate(clocks(1)))
    (request,) = Execution(program, "main", {}).start()

    async def never(attempts: Sequence[Attempt]) -> list[Answer]:
        await asyncio.Event().wait()
        raise AssertionError(attempts)

    session = LiveSession({"time.now": never}, 7, left_ms, lambda below: below - 1)
    (answer,) = asyncio.run(session.perform([Attempt(request, 1, frozenset(), own_ms)]))
    assert isinstance(answer, EffectFailure)
    assert answer.code.name == code


def test_the_events_of_one_wave_are_counted_too() -> None:
    """What is asked side by side is asked a few at a time, and no further than the budget."""
    draw = effect("drawn", "random.integer", "int", low=ref("n"), high=ref("n"))
    items = apply("int.range", lit("int", "0"), lit("int", "100"), lit("int", "1"))
    fan = map_node("xs", "list[int]", items, {"n": "int"}, [draw, yield_node(ref("drawn"))])
    store = MemoryStore()
    document = build_document({"main": build_op("list[int]", [fan, return_node(ref("xs"))])})
    outcome = drive(store, document, {"max_events": 10, "batch_size": 2})
    assert outcome.error is not None
    assert outcome.error.code.name == "E_EVENT_BUDGET"
    assert outcome.events == 14  # the start, two groups of two, and the end
    assert verify_run(store, RUN).problems == []
