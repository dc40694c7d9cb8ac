"""Cancelled runs that undo what they did: nothing is made twice, whatever dies or is cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from house.compiled_source import compile_text
from house.scripted_io import NOWHERE, RUN, ScriptedIo, SimulatedCrashError
from house.virtual_time import VirtualClock, run_in_virtual_time
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.ids import RunId
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io import live_waits
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import Engine
from opforge_runtime.forking import fork_run
from opforge_runtime.history import read_history
from opforge_runtime.journal import SilentObserver
from opforge_runtime.replay import replay_run
from opforge_runtime.resolution import Decision, resolve_attempt
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Message
from opforge_runtime.verification import verify_run

HEAD = """from opforge import Fail, http, op, run, signal, time, workload
workload("sample", version="1.0")

URL = "https://bank.example/"


"""
UNDO_ONE = """
@op
def undo() -> None:
    http.post(URL, "undo")


@op(compensate=undo)
def main() -> None:
    http.post(URL, "do")
    time.sleep("1d")
"""
UNDO_TWO = """
@op
def undo() -> None:
    sent = [http.post(URL, text) for text in ["undo 1", "undo 2"]]


@op(compensate=undo)
def main() -> None:
    http.post(URL, "do")
    raise Fail("no")
"""
RESPONSE: JsonValue = {"status": 200, "text": "", "headers": []}


class Bench:
    """One run with a clock of its own; every session of it is held to its verification and its replay."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = MemoryStore(self.clock)
        self.sent: list[str] = []
        self.on_send: Callable[[str], None] = lambda text: None
        self.crash_at_end = False
        """Whether the process dies before the end of the run is recorded."""

    def start(self, body: str, meanwhile: Coroutine[Any, Any, None] | None = None) -> RunOutcome:
        document = compile_text(HEAD + body)

        async def drive() -> RunOutcome:
            other = None if meanwhile is None else asyncio.create_task(meanwhile)
            outcome = await self._build().start(RUN, document, "main", {}, provenance=NOWHERE)
            if other is not None:
                await other
            return outcome

        return self._check(lambda: run_in_virtual_time(self.clock, drive))

    def resume(self, run: RunId = RUN) -> RunOutcome:
        engine = self._build()
        return self._check(lambda: run_in_virtual_time(self.clock, lambda: engine.resume(run)), run)

    def cancel(self, run: RunId = RUN) -> None:
        self.store.post_message(run, Message("cancel", "", canonical_bytes("no more"), "cancel"))

    def signal(self, name: str, id_: str) -> None:
        self.store.post_message(RUN, Message("signal", name, canonical_bytes("1"), id_))

    def resolve(self, decision: Decision) -> None:
        """Say what became of the attempt that is in doubt."""
        states = read_history(self.store, RUN).states
        ((state, instance),) = [key for key, known in states.items() if known.is_open and known.fact is None]
        answer = RESPONSE if decision == "done" else None
        resolve_attempt(
            self.store, RUN, state, instance, decision, "seen", answer=answer, clock=self.clock, owner="me"
        )

    def _build(self) -> Engine:
        return Engine(
            self.store,
            ScriptedIo(self._answer),
            clock=self.clock,
            longest_attended_ms=60_000,
            observer=_DyingObserver(self),
        )

    def _answer(self, attempt: Attempt) -> Answer:
        text = str(attempt.request.arguments["body"])
        self.sent.append(text)
        self.on_send(text)
        return RecordInstance("Response", (200, "", {}))

    def _check(self, drive: Callable[[], RunOutcome], run: RunId = RUN) -> RunOutcome:
        try:
            return drive()
        finally:
            assert verify_run(self.store, run).problems == []
            replay_run(self.store, run)


class _DyingObserver(SilentObserver):
    """Dies between the last answer and the end, if it is to."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def reach(self, point: str) -> None:
        if point == "append" and self._bench.crash_at_end and self._bench.sent[-1:] == ["undo 2"]:
            head = self._bench.store.get_head(RUN)
            last = self._bench.store.read_events(RUN, head)[0].sealed.envelope
            if b"StateCompleted" in last:
                raise SimulatedCrashError


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(live_waits, "_LOOK_SECONDS", 0.0)
    return Bench()


def test_what_undid_something_when_the_cancellation_came_is_not_made_again(bench: Bench) -> None:
    bench.on_send = lambda text: bench.cancel() if text == "undo 1" else None
    assert bench.start(UNDO_TWO).outcome == "cancelled"
    assert bench.sent == ["do", "undo 1", "undo 2"]


def die(bench: Bench, at: str) -> None:
    """Have the process die when it has sent a text, before that is recorded."""

    def stop(text: str) -> None:
        if text == at:
            bench.on_send = lambda _: None
            raise SimulatedCrashError

    bench.on_send = stop


@pytest.mark.parametrize("decision", ["done", "retry", "failed"])
def test_undoing_that_may_have_happened_is_left_to_a_person(bench: Bench, decision: Decision) -> None:
    """The process dies while it undoes what a cancelled run did."""
    assert bench.start(UNDO_ONE).outcome == "sleeping"
    bench.cancel()
    die(bench, "undo")
    with pytest.raises(SimulatedCrashError):
        bench.resume()
    assert bench.resume().outcome == "needs_resolution"
    assert bench.sent == ["do", "undo"]
    bench.resolve(decision)
    assert bench.resume().outcome == "cancelled"
    assert bench.sent == ["do", "undo", *(["undo"] if decision == "retry" else [])]


def test_undoing_that_may_have_happened_is_no_clearer_for_a_cancellation(bench: Bench) -> None:
    """The process dies while it undoes what a failed run did, and the run is cancelled then."""
    die(bench, "undo 1")
    with pytest.raises(SimulatedCrashError):
        bench.start(UNDO_TWO)
    bench.cancel()
    assert bench.resume().outcome == "needs_resolution"
    bench.resolve("done")
    assert bench.resume().outcome == "cancelled"
    assert bench.sent == ["do", "undo 1", "undo 2"]


def test_what_undoes_may_wait(bench: Bench) -> None:
    undo_slowly = UNDO_ONE.replace(
        '    http.post(URL, "undo")', '    time.sleep("1h")\n    http.post(URL, "undo")'
    )
    assert bench.start(undo_slowly).outcome == "sleeping"
    bench.cancel()
    asleep = bench.resume()
    assert (asleep.outcome, asleep.due_at_epoch_ms) == ("sleeping", bench.clock() + 3_600_000)
    bench.clock.now_seconds += 3_600
    assert bench.resume().outcome == "cancelled"
    assert bench.sent == ["do", "undo"]


def test_a_signal_is_not_lost_to_a_cancellation(bench: Bench) -> None:
    """One of two waits that undo has come to something when the run is cancelled."""
    body = UNDO_TWO.replace(
        '    sent = [http.post(URL, text) for text in ["undo 1", "undo 2"]]',
        '    for_each: list[int] = [signal.wait("go", timeout="1m") for n in [1, 2]]',
    )

    async def act() -> None:
        await asyncio.sleep(1)
        bench.signal("go", "1")
        await asyncio.sleep(1)
        bench.cancel()
        await asyncio.sleep(1)
        bench.signal("go", "2")

    assert bench.start(body, act()).outcome == "cancelled"
    assert read_history(bench.store, RUN).signals_taken == {1, 3}


def test_undoing_that_waited_when_the_cancellation_came_waits_no_longer(bench: Bench) -> None:
    slow = UNDO_TWO.replace(
        '    sent = [http.post(URL, text) for text in ["undo 1", "undo 2"]]', '    time.sleep("1h")'
    )
    asleep = bench.start(slow)
    bench.clock.now_seconds += 1_800
    bench.cancel()
    again = bench.resume()
    assert (again.outcome, again.due_at_epoch_ms) == ("sleeping", asleep.due_at_epoch_ms)
    bench.clock.now_seconds += 1_800
    assert bench.resume().outcome == "cancelled"


def test_a_run_that_was_cancelled_while_undoing_ends_cancelled_after_a_crash(bench: Bench) -> None:
    """All that undoes has an answer, and the process dies before the run ends."""
    caught = UNDO_TWO.replace("def main", "def pay") + (
        "\n\n@op\ndef main() -> None:\n    try:\n        pay()\n    except Fail:\n        return None\n"
    )

    def act(text: str) -> None:
        if text == "undo 1":
            bench.cancel()

    bench.on_send = act
    bench.crash_at_end = True
    with pytest.raises(SimulatedCrashError):
        bench.start(caught)
    bench.crash_at_end = False
    assert bench.resume().outcome == "cancelled"
    assert bench.sent == ["do", "undo 1", "undo 2"]


def test_a_fork_of_a_cancelled_run_is_undone_for_itself(bench: Bench) -> None:
    assert bench.start(UNDO_ONE).outcome == "sleeping"
    bench.cancel()
    assert bench.resume().outcome == "cancelled"
    forked = RunId("sample-run-2")
    taken = fork_run(bench.store, RUN, bench.store.get_head(RUN), forked, clock=bench.clock, owner="me")
    assert taken == 1
    assert bench.resume(forked).outcome == "sleeping"
    bench.cancel(forked)
    assert bench.resume(forked).outcome == "cancelled"
    assert bench.sent == ["do", "undo", "undo"]


def test_a_child_that_undoes_is_not_ended_by_a_later_session(bench: Bench) -> None:
    """It waits itself, and the run that it undoes is left and taken up again meanwhile."""
    slowly = UNDO_ONE.replace(
        '    http.post(URL, "undo")\n', '    http.post(URL, "undo")\n    run.child(refund, 1)\n'
    )
    refund = '\n@op\ndef refund(n: int) -> None:\n    time.sleep("1h")\n    http.post(URL, "refund")\n\n'
    assert bench.start(refund + slowly).outcome == "sleeping"
    bench.cancel()
    assert bench.resume().outcome == "waiting"
    assert bench.resume().outcome == "waiting"
    bench.clock.now_seconds += 3_600
    assert bench.resume().outcome == "cancelled"
    assert bench.sent == ["do", "undo", "refund"]
