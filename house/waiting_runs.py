"""Runs that wait: for a time, for a signal, and for a run that they have started.

The program sleeps, waits for the signal `approve`, and lets `settle` run as a run of its own.
"""

from __future__ import annotations

from typing import Final

from house.documents import Json, apply, build_document, build_op, effect, lit, ref, return_node
from house.run_builder import RunBuilder
from opforge_ir.events import ChildRunSpawned, SignalReceived, TimerSet
from opforge_runtime.stores import Store

__all__ = ["add_waiting_runs", "build_approval"]

_MINUTE: Final = 60_000
_NAP: Final = "approval.main.nap"
_ANSWER: Final = "approval.main.answer"
_TOTAL: Final = "approval.main.total"


def build_approval(*, sleep_seconds: int = 600) -> Json:
    """The document of the program."""
    arguments: Json = {"kind": "tuple", "items": [ref("amount")]}
    timeout = apply("optional.some", lit("int", "86400"))
    main = build_op(
        "int",
        [
            effect("nap", "time.sleep", "None", seconds=lit("int", str(sleep_seconds))),
            effect("answer", "signal.wait", "bool", static={"name": "approve"}, timeout_seconds=timeout),
            effect("total", "run.child", "int", static={"op": "settle"}, arguments=arguments),
            return_node(ref("total")),
        ],
        {"amount": "int"},
    )
    settle = build_op(
        "int", [effect("begun", "time.now", "int"), return_node(ref("amount"))], {"amount": "int"}
    )
    return build_document({"main": main, "settle": settle}) | {
        "workload": {"id": "approval", "version": "2.0"}
    }


def add_waiting_runs(store: Store, now_epoch_ms: int) -> None:
    """Write them into a store whose clock says when the first of them began, 40 minutes ago."""
    document, begun = build_approval(), now_epoch_ms - 40 * _MINUTE

    def begin(run: str) -> RunBuilder:
        builder = RunBuilder(store, run, document, inputs={"amount": "5"}).append(begun)
        builder.enter(_NAP)
        return _set_timer(builder, _NAP, now_epoch_ms + 12 * _MINUTE).append(begun)

    begin("approval-sleeping").append(begun + 5, "sleeping", now_epoch_ms + 12 * _MINUTE)
    for run in ("approval-waiting", "approval-parent"):
        builder = begin(run).answer(_NAP, None).complete(_NAP).enter(_ANSWER)
        due = now_epoch_ms + 1_410 * _MINUTE
        _set_timer(builder, _ANSWER, due).append(begun + 10 * _MINUTE, "waiting", due)
    builder.take_lease()
    builder.note(SignalReceived(type="signal_received", state=_ANSWER, instance="", position=1))
    builder.answer(_ANSWER, True).complete(_ANSWER).enter(_TOTAL)
    builder.note(ChildRunSpawned(type="child_run_spawned", state=_TOTAL, instance="", run="settle-child"))
    builder.append(begun + 30 * _MINUTE, "waiting")
    child = RunBuilder(
        store, "settle-child", document, op="settle", inputs={"amount": "5"}, parent="approval-parent"
    )
    child.append(begun + 30 * _MINUTE).append(begun + 30 * _MINUTE, "queued")


def _set_timer(builder: RunBuilder, state: str, due_at_epoch_ms: int) -> RunBuilder:
    return builder.note(TimerSet(type="timer_set", state=state, instance="", due_at_epoch_ms=due_at_epoch_ms))
