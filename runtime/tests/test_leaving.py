"""A driver that is told to leave gives its runs back between two groups; others go on with them."""

from __future__ import annotations

import asyncio
import json

import pytest

from house.sample_program import TIMEOUT, answer, squares
from house.scripted_io import NOWHERE, RUN, ScriptedIo, resume
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore

DOCUMENT, INPUTS = squares(retries=2), {"ns": [1, 2, 3]}


def drive(store: MemoryStore, leave_at: int) -> tuple[RunOutcome, ScriptedIo]:
    """Drive the run, and leave while its n-th request is under way."""

    def answer_and_leave(attempt: Attempt) -> Answer:
        if len(effect_io.answered) == leave_at:
            engine.leave()
        return answer(attempt)

    effect_io = ScriptedIo(answer_and_leave, {("drawn xs[1]", 1): TIMEOUT})
    engine = Engine(store, effect_io, clock=lambda: 1_000)
    if leave_at == 0:
        engine.leave()
    session = engine.start(
        RUN,
        json.dumps(DOCUMENT).encode(),
        "main",
        INPUTS,
        configuration=DEFAULT_CONFIGURATION.model_copy(update={"batch_size": 2}),
        provenance=NOWHERE,
    )
    return asyncio.run(session), effect_io


@pytest.mark.parametrize("leave_at", range(8))
def test_a_run_that_is_given_back_is_gone_on_with(leave_at: int) -> None:
    expected, whole = drive(MemoryStore(), 99)
    store = MemoryStore()
    left, first = drive(store, leave_at)
    record = store.get_run(RUN)
    assert record is not None
    assert record.lease is None
    if left.outcome == "completed":  # nothing came after the last request
        assert leave_at == 7
        return
    assert (left.outcome, record.standing.status, store.list_drivable(9)) == ("queued", "queued", [RUN])
    second = ScriptedIo(answer)
    outcome = resume(store, second)
    assert (outcome.outcome, outcome.snapshot) == ("completed", expected.snapshot)
    assert sorted(first.answered + second.answered) == sorted(whole.answered)
    assert replay_run(store, RUN).is_finished
