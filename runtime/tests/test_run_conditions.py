"""What runs wait for, what they have started, how they compare; the histories are written by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from house.documents import build_document, build_op, effect, lit, no_headers, no_key, return_none
from house.run_builder import LEASE_MS, RunBuilder
from opforge_ir.canonical import JsonValue
from opforge_ir.codes.execution import E_INPUT_MISSING
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import (
    AttemptResolved,
    CancelRequested,
    ChildRunCompleted,
    ChildRunSpawned,
    ErrorRecord,
    RunForked,
    TimerSet,
)
from opforge_ir.ids import RunId
from opforge_runtime import (
    Condition,
    RunStatus,
    compare_runs,
    describe_record,
    describe_run,
    follow_events,
    get_run,
    get_timeline,
    get_tree,
)
from opforge_runtime.queries.tree import MAX_TREE_RUNS
from opforge_runtime.stores import MemoryStore

NOW = LEASE_MS + 10_000
POST = "sample.main.sent"
GET = "sample.main.got"
URL = lit("str", "https://bank.example/pay")
PROGRAM = build_document(
    {
        "main": build_op(
            "None",
            [
                effect("got", "http.get", "Response", url=URL, headers=no_headers()),
                effect(
                    "sent",
                    "http.post",
                    "Response",
                    url=URL,
                    body=lit("str", ""),
                    headers=no_headers(),
                    idempotency_key=no_key(),
                ),
                return_none(),
            ],
        )
    }
)
ANSWER: JsonValue = {"status": "200", "text": "yes", "headers": []}
PROBLEM = ErrorRecord(code=E_INPUT_MISSING.number, fields=dict.fromkeys(E_INPUT_MISSING.fields, "x"))


class Clock:
    now_epoch_ms = 0

    def __call__(self) -> int:
        return self.now_epoch_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


def build(store: MemoryStore, run: str = "sample-1", parent: str | None = None) -> RunBuilder:
    return RunBuilder(store, run, PROGRAM, parent=parent)


def describe(store: MemoryStore, run: str = "sample-1", now: int = NOW) -> Condition:
    summary = get_run(store, RunId(run))
    return describe_run(summary.record, summary.status, get_timeline(store, RunId(run)), now)


@pytest.mark.parametrize(
    ("status", "due", "kind", "commands"),
    [
        ("queued", None, "queued", ["forge resume sample-1"]),
        ("running", None, "interrupted", ["forge resume sample-1"]),
        ("sleeping", 99, "sleeping", ["forge resume sample-1"]),
        ("waiting", None, "waiting", ["forge runs show sample-1"]),
        ("needs_resolution", None, "in_doubt", ["forge runs show sample-1"]),
        ("completed", None, "completed", []),
        ("failed", None, "failed", []),
        ("cancelled", None, "cancelled", []),
    ],
)
def test_every_condition_has_its_command(
    status: RunStatus, due: int | None, kind: str, commands: list[str], store: MemoryStore
) -> None:
    build(store).append(1).append(2, status, due)
    (record,) = store.list_runs()
    condition = describe_record(record, NOW)
    assert (condition.kind, list(condition.commands)) == (kind, commands)
    assert (condition.since_epoch_ms, condition.until_epoch_ms) == (record.last_event_at_epoch_ms, due)


def test_a_run_whose_lease_is_held_is_driven(store: MemoryStore) -> None:
    build(store).append(1)
    (record,) = store.list_runs()
    driven = describe_record(record, LEASE_MS - 1)
    assert (driven.kind, driven.holder, driven.until_epoch_ms) == ("driven", "test", LEASE_MS)
    assert driven.commands == ()
    assert describe_record(record, LEASE_MS).kind == "interrupted"


def test_a_side_effect_without_an_outcome_needs_a_person(
    store: MemoryStore,
) -> None:
    build(store).do(GET, ANSWER).enter(POST).append(1, "needs_resolution")
    condition = describe(store)
    (wait,) = condition.waits
    assert condition.kind == "in_doubt"
    assert (wait.kind, wait.state, wait.attempt, wait.name, wait.pointer) == (
        "person",
        POST,
        1,
        "http.post",
        "/ops/main/body/1",
    )
    assert condition.commands == wait.commands
    assert [command.split(" --as ")[1].split()[0] for command in condition.commands] == [
        "done",
        "retry",
        "failed",
    ]


def test_a_side_effect_under_way_needs_no_person(store: MemoryStore) -> None:
    """Its driver may come back; a resume finds out whether it may be made again."""
    build(store).enter(POST).append(1)
    assert (describe(store).kind, describe(store).waits) == ("interrupted", ())
    driven = describe(store, now=LEASE_MS - 1)
    assert (driven.kind, driven.waits, driven.commands) == ("driven", (), ())


def test_the_place_of_an_instance_is_quoted_for_the_shell(store: MemoryStore) -> None:
    build(store).enter(POST, "xs[1]").append(1, "needs_resolution")
    assert f"forge resolve sample-1 '{POST}@xs[1]' --as done" in describe(store).commands[0]


def give_answer(builder: RunBuilder) -> None:
    builder.answer(POST, ANSWER)


def give_failure(builder: RunBuilder) -> None:
    builder.fail(POST, PROBLEM)


def give_decision(builder: RunBuilder) -> None:
    builder.note(
        AttemptResolved(
            type="attempt_resolved",
            state=POST,
            instance="",
            attempt=1,
            decision="retry",
            reason="looked",
            fact=[],
        )
    )


@pytest.mark.parametrize("settle", [give_answer, give_failure, give_decision])
def test_what_is_settled_is_not_in_doubt(settle: Callable[[RunBuilder], None], store: MemoryStore) -> None:
    builder = build(store).enter(POST)
    settle(builder)
    builder.append(1, "needs_resolution")
    assert describe(store).waits == ()


def test_a_read_is_never_in_doubt(store: MemoryStore) -> None:
    build(store).enter(GET).append(1, "needs_resolution")
    assert describe(store).waits == ()


def test_the_timeline_tells_of_timers_children_and_resolutions(store: MemoryStore) -> None:
    builder = build(store).enter(GET).enter(POST)
    builder.note(TimerSet(type="timer_set", state=GET, instance="", due_at_epoch_ms=77))
    builder.note(TimerSet(type="timer_set", state=GET, instance="", due_at_epoch_ms=99))
    builder.note(ChildRunSpawned(type="child_run_spawned", state=POST, instance="", run="child-run-1"))
    builder.note(
        ChildRunCompleted(
            type="child_run_completed", state=POST, instance="", run="child-run-1", outcome="failed"
        )
    )
    builder.note(CancelRequested(type="cancel_requested", reason="too late"))
    builder.note(RunForked(type="run_forked", run="sample-0", seq=3, digest="0" * 64))
    builder.append(1).resume().enter(POST).append(5)
    got, sent, again = get_timeline(store, RunId("sample-1"))
    assert got.due_at_epoch_ms == 77
    assert (sent.child, sent.child_outcome) == ("child-run-1", "failed")
    assert (again.child, again.attempt, again.session) == ("child-run-1", 2, 2)
    summary = get_run(store, RunId("sample-1"))
    assert (summary.cancel_reason, summary.forked_from) == ("too late", ("sample-0", 3))


def test_a_fact_is_read_beside_its_event_or_as_an_artifact(store: MemoryStore) -> None:
    for run, attached in (("sample-1", True), ("sample-2", False)):
        build(store, run).enter(GET).answer(GET, ANSWER, attached=attached).append(1)
        (entry,) = get_timeline(store, RunId(run))
        assert entry.value == '{"headers":[],"status":"200","text":"yes"}'


def test_the_events_are_right_where_the_standing_differs(store: MemoryStore) -> None:
    build(store).finish("None", None).append(1, "running")
    assert get_run(store, RunId("sample-1")).status == "completed"
    build(store, "sample-2").append(1, "completed")
    assert get_run(store, RunId("sample-2")).status == "running"


# --- several runs ---------------------------------------------------------------------------------


def test_a_tree_shows_where_each_run_was_started(store: MemoryStore, clock: Clock) -> None:
    builder = build(store, "sample-top").enter(GET, "xs[0]")
    builder.note(
        ChildRunSpawned(type="child_run_spawned", state=GET, instance="xs[0]", run="sample-child")
    ).append(1)
    build(store, "sample-child", "sample-top").append(2)
    build(store, "sample-grandchild", "sample-child").append(3)
    build(store, "sample-other").append(4)
    tree = get_tree(store, RunId("sample-top"))
    (child,) = tree.children
    assert (tree.state, child.record.run, child.state, child.instance) == ("", "sample-child", GET, "xs[0]")
    (grandchild,) = child.children
    assert (grandchild.record.run, grandchild.state, grandchild.children) == ("sample-grandchild", "", ())
    assert not tree.is_cut


def test_a_large_tree_is_cut(store: MemoryStore) -> None:
    build(store, "sample-top").append(1)
    for number in range(MAX_TREE_RUNS):
        build(store, f"sample-{number:04}", "sample-top").append(2)
    tree = get_tree(store, RunId("sample-top"))
    assert len(tree.children) == MAX_TREE_RUNS - 1
    assert tree.is_cut


def test_a_circle_of_parents_has_an_end(store: MemoryStore) -> None:
    build(store, "sample-a", "sample-b").append(1)
    build(store, "sample-b", "sample-a").append(1)
    (child,) = get_tree(store, RunId("sample-a")).children
    assert child.children == ()


def test_equal_runs_do_not_part(store: MemoryStore) -> None:
    for run in ("sample-1", "sample-2"):
        build(store, run).do(GET, ANSWER).finish("None", None).append(1, "completed")
    comparison = compare_runs(store, RunId("sample-1"), RunId("sample-2"))
    assert (comparison.states, comparison.equal_states, comparison.is_same_ending) == ((), 1, True)
    assert (comparison.is_same_program, comparison.is_same_op, comparison.inputs) == (True, True, ())


def test_runs_part_at_the_first_state_that_differs(store: MemoryStore) -> None:
    left = RunBuilder(store, "sample-1", PROGRAM, inputs={"n": "1", "m": "2"})
    left.do(GET, ANSWER, "a").enter(GET, "b").answer(GET, "x", "b", asked="one").complete(GET, "b")
    left.enter(GET, "c").fail(GET, PROBLEM, "c").do(POST, ANSWER).append(1)
    right = RunBuilder(store, "sample-2", PROGRAM, inputs={"n": "1", "k": "3"})
    right.do(GET, ANSWER, "a").enter(GET, "b").answer(GET, "x", "b", asked="two").complete(GET, "b")
    right.do(GET, ANSWER, "c").do(GET, ANSWER, "d").append(1)
    comparison = compare_runs(store, RunId("sample-1"), RunId("sample-2"))
    assert comparison.inputs == (("m", '"2"', ""), ("k", "", '"3"'))
    assert comparison.equal_states == 1
    assert [(each.kind, each.instance) for each in comparison.states] == [
        ("asked", "b"),
        ("answered", "c"),
        ("missing", ""),
        ("missing", "d"),
    ]
    assert comparison.states[1].left.startswith(f"failed: {E_INPUT_MISSING.number} ")


def test_a_fact_outweighs_the_failures_of_its_state(store: MemoryStore) -> None:
    build(store).enter(GET).fail(GET, PROBLEM).do(GET, ANSWER).append(1)
    build(store, "sample-2").do(GET, ANSWER).append(1)
    assert compare_runs(store, RunId("sample-1"), RunId("sample-2")).states == ()


def test_another_program_is_named(store: MemoryStore) -> None:
    other = build_document({"main": build_op("None", [return_none()])})
    build(store).append(1)
    RunBuilder(store, "sample-2", other).append(1)
    assert not compare_runs(store, RunId("sample-1"), RunId("sample-2")).is_same_program


def test_events_are_followed_to_the_end_of_the_run(store: MemoryStore) -> None:
    builder = build(store).enter(GET).append(1)
    moments = iter([2, 3])

    def go_on() -> None:
        moment = next(moments)
        grown = builder.answer(GET, ANSWER) if moment == 2 else builder.finish("None", None)
        grown.append(moment)

    followed = follow_events(store, RunId("sample-1"), go_on)
    assert [(envelope.event.type, at) for envelope, at in followed] == [
        ("RunStarted", 1),
        ("StateEntered", 1),
        ("fact_recorded", 2),
        ("RunCompleted", 3),
    ]


def test_an_unknown_run_is_not_followed(store: MemoryStore) -> None:
    with pytest.raises(DiagnosticError, match="E_RUN_UNKNOWN"):
        next(follow_events(store, RunId("sample-1"), lambda: None))
