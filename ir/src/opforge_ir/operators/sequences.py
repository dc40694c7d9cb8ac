"""What str, bytes and list have in common: slices and repetition."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["INDEX", "SLICE_BOUNDS", "repeat_size", "slice_of", "to_index"]

INDEX: Final = "Optional[int]"
SLICE_BOUNDS: Final = (INDEX, INDEX, INDEX)
"""Start, stop and step; None where Python's default is meant."""
_INDEX_LIMIT: Final = 2**63


def slice_of(items: Any, start: int | None, stop: int | None, step: int | None) -> Any:
    """`items[start:stop:step]`. Raises ValueError for a step of 0."""
    return items[start:stop:step]


def to_index(number: int) -> int:
    """The number itself. Raises OverflowError where CPython of 64 bits cannot count so far."""
    if -_INDEX_LIMIT <= number < _INDEX_LIMIT:
        return number
    raise OverflowError("the number does not fit into an index")


def repeat_size(length: int, times: int) -> int:
    """How long something of this length becomes by `* times`. Raises OverflowError as `to_index` does."""
    return length * max(0, to_index(times))
