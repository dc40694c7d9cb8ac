"""The difference between the effects that a test expects and those that a program had, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from opforge.testing.effects import Effect

__all__ = ["Expected", "describe_difference", "is_expected"]

Expected: TypeAlias = Effect[Any] | type[Effect[Any]]
"""A pattern, or a class of effects for every effect of it."""


def is_expected(asked: Effect[Any], expected: Expected) -> bool:
    """Whether an effect is one that is meant."""
    return isinstance(asked, expected) if isinstance(expected, type) else expected == asked


def describe_difference(expected: Sequence[Expected], asked: Sequence[Effect[Any]]) -> list[str]:
    """Both lists side by side: `-` is expected and was not asked, `+` was asked and is not expected."""
    lines: list[str] = []
    for wanted, found in _align(expected, asked):
        if wanted is not None and found is not None:
            lines.append(f"    {found}")
            continue
        if wanted is not None:
            lines.append(f"  - {wanted.__name__ if isinstance(wanted, type) else wanted}")
        if found is not None:
            lines.append(f"  + {found}")
    return lines


def _align(
    expected: Sequence[Expected], asked: Sequence[Effect[Any]]
) -> Iterator[tuple[Expected | None, Effect[Any] | None]]:
    """Pairs that fit and single ones that do not, with as many pairs as there can be."""
    rows, columns = len(expected), len(asked)
    # longest[i][j]: how many pairs there can be from expected[i] and asked[j] onward
    longest = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            if is_expected(asked[j], expected[i]):
                longest[i][j] = longest[i + 1][j + 1] + 1
            else:
                longest[i][j] = max(longest[i + 1][j], longest[i][j + 1])
    i = j = 0
    while i < rows or j < columns:
        if i < rows and j < columns and is_expected(asked[j], expected[i]):
            yield expected[i], asked[j]
            i, j = i + 1, j + 1
        elif i < rows and (j == columns or longest[i + 1][j] >= longest[i][j + 1]):
            yield expected[i], None
            i += 1
        else:
            yield None, asked[j]
            j += 1
