"""`log`, `time` and `random`: what a program needs of the machine it runs on.

Their results are facts like any other, so that a replay logs, waits and draws the same.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities.definition import MAX_WAIT_SECONDS, Capability, Parameter, Verb

__all__ = ["LOG", "RANDOM", "TIME"]


def _log(name: str, doc: str) -> Verb:
    return Verb(
        name=f"log.{name}",
        parameters=(Parameter("message", "str", "the line"),),
        result="None",
        effect="side_effect",
        is_idempotent=True,
        grant="ambient",
        errors=(),
        doc=doc,
        skipped="null",
    )


LOG: Final = Capability(
    name="log",
    doc="Lines for the operator, kept in the run's history.",
    verbs=(_log("info", "A line of information."), _log("warning", "A line that asks for attention.")),
)

TIME: Final = Capability(
    name="time",
    doc="The wall clock, and waiting for it.",
    verbs=(
        Verb(
            name="time.now",
            parameters=(),
            result="int",
            effect="read",
            is_idempotent=True,
            grant="ambient",
            errors=(),
            doc="Whole seconds since 1970-01-01 UTC.",
        ),
        Verb(
            name="time.sleep",
            parameters=(Parameter("seconds", "int", "how long", least=0, most=MAX_WAIT_SECONDS),),
            result="None",
            effect="wait",
            is_idempotent=False,
            grant="ambient",
            errors=(),
            doc="Waits so long, from when the run comes here.",
        ),
        Verb(
            name="time.until",
            parameters=(
                Parameter("epoch_seconds", "int", "seconds since 1970-01-01 UTC", most=MAX_WAIT_SECONDS),
            ),
            result="None",
            effect="wait",
            is_idempotent=False,
            grant="ambient",
            errors=(),
            doc="Waits for a moment; for one that is over, not at all.",
        ),
    ),
)

RANDOM: Final = Capability(
    name="random",
    doc="Randomness from the operating system.",
    verbs=(
        Verb(
            name="random.integer",
            parameters=(
                Parameter("low", "int", "the smallest result"),
                Parameter("high", "int", "the largest result, not below `low`"),
            ),
            result="int",
            effect="read",
            is_idempotent=True,
            grant="ambient",
            errors=("RandomError",),
            doc="An integer between two bounds, both included, each equally likely.",
        ),
    ),
)
