"""When what a run does is durable: each step, or up to a barrier; alone, or together with other runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    for_node,
    lit,
    no_headers,
    no_key,
    ref,
    return_node,
)
from house.sample_program import TIMEOUT, answer, read_envelopes, squares
from house.scripted_io import (
    NOWHERE,
    RUN,
    CrashingObserver,
    ScriptedIo,
    SimulatedCrashError,
    resume,
    start,
)
from opforge_ir.codes.store import E_RUN_EXISTS, E_STORE_FULL
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_ir.values import RecordInstance
from opforge_runtime import driver
from opforge_runtime.driver import Durability
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import Engine
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Append
from opforge_runtime.verification import verify_run

OTHER = RunId("sample-run-2")
READS = 4


def reads_and_posts() -> Json:
    """Reads the clock a few times, says so, posts without a key, and reads once more."""
    url = lit("str", "https://api.example/x")
    rounds = apply("int.range", lit("int", "0"), lit("int", str(READS)), lit("int", "1"))
    nodes = [
        for_node("loop", rounds, {"i": "int"}, [effect("now", "time.now", "int")]),
        effect("said", "log.info", "None", message=lit("str", "read")),
        effect(
            "sent",
            "http.post",
            "Response",
            url=url,
            body=lit("str", ""),
            headers=no_headers(),
            idempotency_key=no_key(),
        ),
        effect("last", "time.now", "int"),
        return_node(ref("last")),
    ]
    return build_document({"main": build_op("int", nodes)})


def respond(attempt: Attempt) -> Answer:
    is_post = attempt.request.site.verb.name == "http.post"
    return RecordInstance("Response", (200, "ok", {})) if is_post else answer(attempt)


def list_points(durability: Durability) -> tuple[list[str], MemoryStore]:
    """The points of an undisturbed run: `A` for an append, `P` for a request."""
    store, observer = MemoryStore(), CrashingObserver(10_000)
    start(store, ScriptedIo(respond), reads_and_posts(), observer=observer, durability=durability)
    return [{"appended": "A", "perform": "P"}.get(point, "") for point in observer.points], store


def test_each_step_is_durable_before_the_next_request_leaves() -> None:
    points, _ = list_points("strict")
    # The answer to the post is durable before the program goes on; what it asks next is another append.
    assert "".join(points) == "AP" * READS + "AP" + "APA" + "AP" + "A"


def test_reads_are_durable_at_the_next_barrier() -> None:
    """But for the first one: a run is known before anything of it leaves."""
    points, _ = list_points("grouped")
    assert "".join(points) == "AP" + "P" * (READS - 1) + "AP" + "APA" + "P" + "A"


def test_the_events_do_not_tell_how_durable_they_were() -> None:
    (_, strict), (_, grouped) = list_points("strict"), list_points("grouped")
    assert read_envelopes(strict) == read_envelopes(grouped)


@pytest.mark.parametrize("failures", [{}, {("drawn xs[1]", 1): TIMEOUT}])
def test_a_grouped_run_that_died_anywhere_ends_as_it_would_have(failures: Any) -> None:
    document, inputs = squares(retries=1), {"ns": [1, 2, 3]}
    expected = start(MemoryStore(), ScriptedIo(answer), document, inputs, batch_size=2)
    died = 0
    for crash_at in range(1000):
        store, observer = MemoryStore(), CrashingObserver(crash_at)
        outside = ScriptedIo(answer, failures)
        try:
            start(store, outside, document, inputs, batch_size=2, observer=observer, durability="grouped")
        except SimulatedCrashError:
            died += 1
        else:
            break
        if store.get_head(RUN) == 0:
            continue
        if not replay_run(store, RUN).is_finished:
            outcome = resume(store, ScriptedIo(answer, failures), durability="grouped")
            assert (outcome.snapshot, outcome.output) == (expected.snapshot, expected.output)
        assert verify_run(store, RUN).problems == []
        assert replay_run(store, RUN).is_finished
    assert died > 10


@pytest.mark.parametrize(
    ("bound", "least", "expected"),
    [
        ("_LONGEST_GROUP_EVENTS", 6, "AP" + "PP" + "AP" + "AP" + "APA" + "P" + "A"),
        ("_LONGEST_GROUP_SECONDS", -1.0, "AP" * READS + "AP" + "APA" + "AP" + "A"),
    ],
)
def test_what_is_pending_has_a_bound(
    bound: str, least: float, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, bound, least)
    points, _ = list_points("grouped")
    assert "".join(points) == expected


# --- a shared log ---------------------------------------------------------------------------------


class WatchedStore(MemoryStore):
    """Remembers which runs each of its commits was for, and may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[list[RunId]] = []
        self.fails_at = -1

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Part of EventStore."""
        if len(self.commits) == self.fails_at:
            raise E_STORE_FULL.error(store="a test")
        self.commits.append([append.run for append in appends])
        return super().append(appends)


def drive_both(store: WatchedStore, runs: Sequence[RunId]) -> list[RunOutcome | BaseException]:
    """Drive the same program as runs side by side."""
    document = json.dumps(squares()).encode()

    async def drive() -> list[RunOutcome | BaseException]:
        engine = Engine(store, ScriptedIo(answer), clock=lambda: 1_000, is_shared=True)
        each = (engine.start(run, document, "main", {"ns": [1, 2]}, provenance=NOWHERE) for run in runs)
        return await asyncio.gather(*each, return_exceptions=True)

    return asyncio.run(drive())


def get_codes(outcomes: Sequence[RunOutcome | BaseException]) -> list[str]:
    return [
        outcome.diagnostics[0].code.name
        if isinstance(outcome, DiagnosticError)
        else getattr(outcome, "outcome", repr(outcome))
        for outcome in outcomes
    ]


def test_runs_side_by_side_share_their_commits() -> None:
    store = WatchedStore()
    assert get_codes(drive_both(store, [RUN, OTHER])) == ["completed", "completed"]
    assert store.commits == [[RUN, OTHER]] * 4
    for run in (RUN, OTHER):
        assert verify_run(store, run).problems == []


def test_a_refused_append_refuses_its_run_alone() -> None:
    store = WatchedStore()
    outcomes = drive_both(store, [RUN, RUN, OTHER])
    assert get_codes(outcomes) == ["completed", E_RUN_EXISTS.name, "completed"]
    assert store.commits == [[RUN, RUN, OTHER], *[[RUN, OTHER]] * 3]


@pytest.mark.parametrize("fails_at", range(4))
def test_a_commit_that_fails_stops_all_that_share_it(fails_at: int) -> None:
    store = WatchedStore()
    store.fails_at = fails_at
    assert get_codes(drive_both(store, [RUN, OTHER])) == [E_STORE_FULL.name] * 2
    store.fails_at = -1
    for run in (RUN, OTHER):
        if store.get_head(run):
            assert replay_run(store, run).events == store.get_head(run)
            assert resume_one(store, run).outcome == "completed"


def resume_one(store: MemoryStore, run: RunId) -> RunOutcome:
    return asyncio.run(Engine(store, ScriptedIo(answer), clock=lambda: 2_000).resume(run))


def test_a_run_that_is_stopped_while_it_commits_can_be_taken_up_at_once() -> None:
    """A task is cancelled between asking for a commit and getting it."""
    store, document = WatchedStore(), json.dumps(squares()).encode()

    async def drive() -> None:
        engine = Engine(store, ScriptedIo(answer), clock=lambda: 1_000, is_shared=True)
        await engine.submit(RUN, document, "main", {"ns": [1]}, provenance=NOWHERE)
        task = asyncio.get_running_loop().create_task(engine.resume(RUN))
        await asyncio.sleep(0)  # it has asked, and waits
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(drive())
    record = store.get_run(RUN)
    assert record is not None
    assert record.lease is None
    assert resume_one(store, RUN).outcome == "completed"
    assert verify_run(store, RUN).problems == []
