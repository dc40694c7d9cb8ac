"""`signal`, `run` and `event`: what a run has to do with people and with other runs.

None of them leaves the store: a signal is posted to the run, a child is a run beside it, an event is kept in
its history.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities.definition import MAX_WAIT_SECONDS, Capability, Parameter, Static, Verb

__all__ = ["EVENT", "RUN", "SIGNAL"]

SIGNAL: Final = Capability(
    name="signal",
    doc="Messages that people and other programs send to a run.",
    verbs=(
        Verb(
            name="signal.wait",
            parameters=(
                Parameter(
                    "timeout_seconds",
                    "Optional[int]",
                    "the longest wait; None waits for ever",
                    default="None",
                    least=0,
                    most=MAX_WAIT_SECONDS,
                ),
            ),
            statics=(Static("name", "name", "what the signal is called"),),
            result="*",
            signature="any",
            effect="wait",
            is_idempotent=False,
            grant="ambient",
            errors=("Timeout",),
            doc="The value of the next signal of this name.",
        ),
    ),
)

RUN: Final = Capability(
    name="run",
    doc="Runs beside this one, each with a history of its own.",
    verbs=(
        Verb(
            name="run.child",
            parameters=(Parameter("arguments", "*", "the op's arguments, in order"),),
            statics=(Static("op", "op", "the op of this workload that is run"),),
            result="*",
            signature="op",
            effect="wait",
            is_idempotent=False,
            grant="ambient",
            errors=("ChildFailed",),
            doc="The result of an op that runs as a run of its own.",
        ),
    ),
)

EVENT: Final = Capability(
    name="event",
    doc="What a program has to tell, kept in the run's history.",
    verbs=(
        Verb(
            name="event.emit",
            parameters=(Parameter("value", "*", "what is to be known of it", default="None"),),
            statics=(
                Static("name", "name", "what has happened"),
                Static("type", "type", "the type of the value"),
            ),
            result="None",
            signature="any",
            effect="side_effect",
            is_idempotent=True,
            grant="ambient",
            errors=(),
            doc="Something that has happened, for those who read the history.",
            skipped="null",
        ),
    ),
)
