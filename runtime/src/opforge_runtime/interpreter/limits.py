"""What a program may take up. Each limit ends the run with a code; none of them depends on the machine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, cast

from opforge_ir.codes.execution import E_VALUE_TOO_LARGE
from opforge_ir.operators.bounds import MAX_TEXT_LENGTH
from opforge_ir.values import RecordInstance
from opforge_runtime.interpreter.program_error import ProgramError

__all__ = [
    "MAX_NESTING",
    "MAX_STEPS",
    "MAX_STORED_PARTS",
    "SLOTS_PER_STEP",
    "STRAND_STEPS",
    "build_too_large",
    "check_storable",
]

MAX_STEPS: Final = 20_000_000
"""How many nodes one session of a run executes; each round of a loop counts one more."""
STRAND_STEPS: Final = 20
SLOTS_PER_STEP: Final = 8
"""The iterations of a map with effects all wait at once, each with the names around it. For the memory that
this takes up, each counts for so many steps, and one more for so many names."""
MAX_STORED_PARTS: Final = 2_000_000
"""Scalars and containers in a value that leaves the program: an argument or an output."""
MAX_NESTING: Final = 400
"""Expressions, regions and calls inside one another; Python's own stack ends at about 1000."""


def build_too_large(limit: int, unit: str) -> ProgramError:
    """The failure of a value with more than `limit` of `unit`."""
    return ProgramError(E_VALUE_TOO_LARGE, limit=limit, unit=unit)


def check_storable(value: object) -> None:
    """Refuse a value whose stored form would be out of proportion: the same list many times in itself, say.

    Raises ProgramError.
    """
    left = MAX_STORED_PARTS
    characters = 4 * MAX_TEXT_LENGTH
    waiting: list[object] = [value]
    while waiting:
        part = waiting.pop()
        left -= 1
        inner: Collection[object] = ()
        match part:
            case str() | bytes():
                characters -= len(part)
            case list() | tuple() | set():
                inner = cast("Collection[object]", part)
            case dict():
                entries = cast("dict[object, object]", part)
                inner = (*entries.keys(), *entries.values())
            case RecordInstance():
                inner = part.values
            case _:
                pass
        if len(waiting) + len(inner) > left:
            raise build_too_large(MAX_STORED_PARTS, "parts")
        waiting.extend(inner)
        if characters < 0:
            raise build_too_large(4 * MAX_TEXT_LENGTH, "characters")
