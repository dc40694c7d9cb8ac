"""Histories that somebody has changed, with all links made right again: none of them is derived as equal."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import orjson
import pytest

from house.compiled_source import compile_text
from house.scripted_io import NOWHERE, RUN, ScriptedIo
from house.virtual_time import VirtualClock, run_in_virtual_time
from opforge_ir.canonical import canonical_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.events import GENESIS
from opforge_ir.ids import RunId
from opforge_runtime.engine import Engine
from opforge_runtime.forking import fork_run
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Append, Lease, Opening, SealedArtifact, SealedEvent, Standing

SOURCE = """from opforge import op, random, time, workload
workload("sample", version="1.0")

@op
def main() -> int:
    a = random.integer(1, 1)
    time.sleep("1s")
    time.until(5)
    return a
"""
DIGEST = digest_bytes(b"")
DRAWN = {"state": "sample.main.a", "instance": ""}
FORKED = RunId("sample-run-2")

Line: TypeAlias = "tuple[dict[str, Any], bytes]"
"""An event, and what is attached to it."""


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    clock = VirtualClock()
    store = MemoryStore(clock)
    engine = Engine(store, ScriptedIo(lambda _: 1), clock=clock)
    document = compile_text(SOURCE)
    run_in_virtual_time(clock, lambda: engine.start(RUN, document, "main", {}, provenance=NOWHERE))
    return store


def read(store: MemoryStore, run: RunId = RUN) -> list[Line]:
    stored = [each.sealed for each in store.read_events(run)]
    return [(orjson.loads(each.envelope)["event"], each.attachment) for each in stored]


def write(store: MemoryStore, lines: Sequence[Line], run: RunId = RUN) -> MemoryStore:
    """A store with these events in place of a run's."""
    events: list[SealedEvent] = []
    previous: str = GENESIS
    for seq, (event, attachment) in enumerate(lines, 1):
        envelope: dict[str, Any] = {
            "artifact": "event",
            "event": event,
            "previous": previous,
            "run": run,
            "seq": seq,
        }
        content = canonical_bytes(envelope)
        previous = digest_bytes(content)
        events.append(SealedEvent(seq, digest_bytes(content), content, attachment))
    written = MemoryStore()
    artifacts = [SealedArtifact(digest, store.get_artifact(digest)) for digest in store.list_artifacts()]
    opening = Opening("sample", "1.0", "main", DIGEST)
    lease = Lease(run, "somebody", 1, 0, 0)
    assert written.append([Append(lease, 0, events, artifacts, Standing("completed"), 1, opening)]) == [None]
    return written


def find(lines: Sequence[Line], kind: str) -> list[int]:
    return [position for position, (event, _) in enumerate(lines) if event["type"] == kind]


def drop_timers(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line[0]["type"] != "timer_set"]


def move_moment(lines: list[Line]) -> list[Line]:
    changed = copy.deepcopy(lines)
    changed[find(lines, "timer_set")[1]][0]["due_at_epoch_ms"] = 7
    return changed


def begin_twice(lines: list[Line]) -> list[Line]:
    return [lines[0], *lines]


def begin_with_an_attempt(lines: list[Line]) -> list[Line]:
    return lines[1:]


def resolve_without_fact(lines: list[Line]) -> list[Line]:
    entered = find(lines, "StateEntered")[0] + 1
    resolved: dict[str, Any] = {
        "type": "attempt_resolved",
        **DRAWN,
        "attempt": 1,
        "decision": "done",
        "reason": "",
        "fact": [],
    }
    return [*lines[:entered], (resolved, b""), *lines[entered:]]


def resolve_after_the_end(lines: list[Line]) -> list[Line]:
    resolved: dict[str, Any] = {
        "type": "attempt_resolved",
        **DRAWN,
        "attempt": 1,
        "decision": "retry",
        "reason": "",
        "fact": [],
    }
    return [*lines, (resolved, b"")]


def fork_after_the_end(lines: list[Line]) -> list[Line]:
    return [*lines, ({"type": "run_forked", "run": "other-run-1", "seq": 1, "digest": DIGEST}, b"")]


def test_the_history_itself_is_derived(store: MemoryStore) -> None:
    assert replay_run(write(store, read(store)), RUN).is_finished


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (begin_twice, "E_EVENT_CORRUPT"),
        (begin_with_an_attempt, "E_EVENT_CORRUPT"),
        (drop_timers, "E_REPLAY_DIFFERS"),
        (move_moment, "E_REPLAY_DIFFERS"),
        (resolve_without_fact, "E_EVENT_CORRUPT"),
        (resolve_after_the_end, "E_HISTORY_BROKEN"),
        (fork_after_the_end, "E_HISTORY_BROKEN"),
    ],
)
def test_a_falsified_history_is_refused(
    store: MemoryStore, change: Callable[[list[Line]], list[Line]], code: str
) -> None:
    with pytest.raises(DiagnosticError) as refused:
        replay_run(write(store, change(read(store))), RUN)
    assert refused.value.diagnostics[0].code.name == code


def test_what_a_fork_took_over_is_compared_with_where_it_comes_from(store: MemoryStore) -> None:
    fork_run(store, RUN, 5, FORKED, clock=lambda: 1, owner="a person")
    lines = read(store, FORKED)
    report = replay_run(store, FORKED)
    assert (report.events, report.taken_over) == (len(lines), len(lines))
    position = find(lines, "fact_recorded")[0]
    falsified = [*lines[:position], ({**lines[position][0], "fact": DIGEST}, b""), *lines[position + 1 :]]
    changed = write(store, falsified, FORKED)
    assert replay_run(changed, FORKED).taken_over == len(lines)  # it has nothing to compare with
    original = [each.sealed for each in store.read_events(RUN)]
    opening = Opening("sample", "1.0", "main", DIGEST)
    append = Append(Lease(RUN, "", 1, 0, 0), 0, original, [], Standing("completed"), 1, opening)
    assert changed.append([append]) == [None]
    with pytest.raises(DiagnosticError) as refused:
        replay_run(changed, FORKED)
    problem = refused.value.diagnostics[0]
    assert (problem.code.name, problem.values["seq"]) == ("E_REPLAY_DIFFERS", position + 1)
