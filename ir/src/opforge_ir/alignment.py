"""Two lists side by side, with as many pairs that fit each other as there can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

__all__ = ["align"]

_E = TypeVar("_E")
_F = TypeVar("_F")


def align(
    expected: Sequence[_E], found: Sequence[_F], fits: Callable[[_E, _F], bool]
) -> Iterator[tuple[tuple[_E] | None, tuple[_F] | None]]:
    """Pairs that fit, and single ones that do not, in the order of both lists.

    Each side is a tuple of one, or None where there is nothing beside the other. Time and space grow with the
    product of both lengths.
    """
    rows, columns = len(expected), len(found)
    # longest[i][j]: how many pairs there can be from expected[i] and found[j] onward
    longest = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            if fits(expected[i], found[j]):
                longest[i][j] = longest[i + 1][j + 1] + 1
            else:
                longest[i][j] = max(longest[i + 1][j], longest[i][j + 1])
    i = j = 0
    while i < rows or j < columns:
        if i < rows and j < columns and fits(expected[i], found[j]):
            yield (expected[i],), (found[j],)
            i, j = i + 1, j + 1
        elif i < rows and (j == columns or longest[i + 1][j] >= longest[i][j + 1]):
            yield (expected[i],), None
            i += 1
        else:
            yield None, (found[j],)
            j += 1
