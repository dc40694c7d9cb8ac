"""The difference between the effects that a test expects and those that a program had, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from opforge.testing.effects import Effect
from opforge_ir.alignment import align

__all__ = ["Expected", "describe_difference", "is_expected"]

Expected: TypeAlias = Effect[Any] | type[Effect[Any]]
"""A pattern, or a class of effects for every effect of it."""


def is_expected(expected: Expected, asked: Effect[Any]) -> bool:
    """Whether an effect is one that is meant."""
    return isinstance(asked, expected) if isinstance(expected, type) else expected == asked


def describe_difference(expected: Sequence[Expected], asked: Sequence[Effect[Any]]) -> list[str]:
    """Both lists side by side: `-` is expected and was not asked, `+` was asked and is not expected."""
    lines: list[str] = []
    for wanted, found in align(expected, asked, is_expected):
        if wanted is not None and found is not None:
            lines.append(f"    {found[0]}")
        elif wanted is not None:
            lines.append(f"  - {wanted[0].__name__ if isinstance(wanted[0], type) else wanted[0]}")
        elif found is not None:
            lines.append(f"  + {found[0]}")
    return lines
