"""What parents and children record of each other, whatever dies, fails or is cancelled."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from house.live_runs import LiveBench, get_value
from house.sample_program import read_envelopes, read_types
from house.scripted_io import RUN
from opforge_ir.events import ChildRunCompleted, ChildRunSpawned, RunCompleted, StateFailed
from opforge_ir.ids import RunId
from opforge_runtime.children import build_child_id
from opforge_runtime.driver import Durability
from opforge_runtime.history import read_run
from opforge_runtime.replay import replay_run

SQUARES = (
    "@op\ndef square(n: int) -> int:\n    return random.integer(n, n) * n\n"
    "@op\ndef main() -> list[int]:\n    return [run.child(square, n) for n in [2, 3]]\n"
)


@pytest.fixture(params=["strict", "grouped"])
def bench(request: pytest.FixtureRequest) -> LiveBench:
    """Each step durable by itself; or reads up to a barrier, in commits that all runs share."""
    is_grouped = request.param == "grouped"
    return LiveBench("grouped" if is_grouped else "strict", is_shared=is_grouped)


def list_children(bench: LiveBench) -> list[RunId]:
    return [record.run for record in bench.store.list_runs() if record.opening.parent == RUN]


def test_a_parent_records_which_runs_it_has_started_and_how_they_ended(bench: LiveBench) -> None:
    assert get_value(bench.start(SQUARES)) == ["4", "9"]
    children = list_children(bench)
    assert read_types(bench.store) == [
        "RunStarted",
        *["StateEntered", "child_run_spawned"] * 2,
        *["child_run_completed", "fact_recorded", "StateCompleted"] * 2,
        "RunCompleted",
    ]
    events = [envelope.event for envelope in read_envelopes(bench.store)]
    spawned = [event for event in events if isinstance(event, ChildRunSpawned)]
    assert [event.run for event in spawned] == [
        build_child_id(RUN, "square", event.state, event.instance) for event in spawned
    ]
    assert sorted(event.run for event in spawned) == sorted(children)
    ended = [event for event in events if isinstance(event, ChildRunCompleted)]
    assert [(event.run, event.outcome) for event in ended] == [(event.run, "completed") for event in spawned]
    told = bench.store.read_messages(RUN)
    assert sorted((each.message.kind, each.message.name) for each in told) == [
        ("child", run) for run in sorted(children)
    ]


def test_the_minimal_profile_leaves_out_how_they_ended(bench: LiveBench) -> None:
    assert get_value(bench.start(SQUARES, profile="minimal")) == ["4", "9"]
    assert Counter(read_types(bench.store))["child_run_completed"] == 0
    assert Counter(read_types(bench.store))["child_run_spawned"] == 2


@pytest.mark.parametrize("durability", ["strict", "grouped"])
def test_children_are_run_once_wherever_their_process_dies(durability: Durability) -> None:
    """Parent and children share the process; where it dies all of them do."""
    died = 0
    for crash_at in range(100):
        bench = LiveBench(durability, is_shared=durability == "grouped")
        if not bench.dies(SQUARES, crash_at):
            break
        died += 1
        if not bench.store.get_head(RUN):
            continue
        if not replay_run(bench.store, RUN).is_finished:
            assert get_value(bench.resume()) == ["4", "9"]
        assert len(list_children(bench)) == 2
        for child in list_children(bench):
            assert replay_run(bench.store, child).is_finished
    assert died > 12


CAREFUL = (
    "@op\ndef work() -> None:\n    {work}\n"
    "@op\ndef main() -> str:\n    try:\n        run.child(work)\n"
    "    except ChildFailed as error:\n        return str(error)\n    return 'fine'\n"
)


def test_a_failed_child_is_an_error_of_its_parent(bench: LiveBench) -> None:
    outcome = bench.start(CAREFUL.format(work="signal.wait('go', timeout=1)"))
    assert get_value(outcome) == "E_SIGNAL_TIMEOUT"
    (child,) = list_children(bench)
    (failed,) = [e.event.error for e in read_envelopes(bench.store) if isinstance(e.event, StateFailed)]
    assert failed.fields == {
        "run": child,
        "op": "work",
        "child_code": "E2060",
        "message": "E_SIGNAL_TIMEOUT",
    }


def test_a_child_that_is_cancelled_has_failed_for_its_parent(bench: LiveBench) -> None:
    async def cancel() -> None:
        await asyncio.sleep(1)
        bench.cancel("not this one", *list_children(bench))

    outcome = bench.start_with(CAREFUL.format(work="signal.wait('go')"), cancel())
    assert get_value(outcome) == "E_RUN_CANCELLED"
    (child,) = list_children(bench)
    record = bench.store.get_run(child)
    assert record is not None
    assert record.standing.status == "cancelled"


def test_a_child_of_a_run_that_is_cancelled_ends_with_it(bench: LiveBench) -> None:
    async def cancel() -> None:
        await asyncio.sleep(1)
        bench.cancel("no more")

    outcome = bench.start_with(CAREFUL.format(work="signal.wait('go')"), cancel())
    assert outcome.outcome == "cancelled"
    (child,) = list_children(bench)
    record = bench.store.get_run(child)
    assert record is not None
    assert (record.standing.status, record.lease) == ("cancelled", None)
    last = read_run(bench.store, child)[-1].envelope.event
    assert isinstance(last, RunCompleted)
    assert [each.fields for each in last.error] == [{"reason": "no more"}]
    assert bench.store.list_drivable(9) == []
