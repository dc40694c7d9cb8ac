"""The difference between the effects that a test expects and those that a program had, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeAlias, cast

from opforge.testing.effects import ANY, Effect
from opforge_ir.alignment import align

__all__ = ["Expected", "describe_difference", "explain_effects", "is_expected"]

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


def explain_effects(left: object, right: object) -> list[str] | None:
    """How a list of expected effects differs from one that was asked; None for what are no lists of effects.

    The list with patterns is the expected one, on either side of an `==`.
    """
    first, second = _read_effects(left), _read_effects(right)
    if first is None or second is None or not [*first, *second]:
        return None
    expected, asked = (first, second) if _has_patterns(first) else (second, first)
    return ["the effects are others (- expected, + asked):", *describe_difference(expected, asked)]


def _read_effects(value: object) -> list[Effect[Any]] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    return cast("list[Effect[Any]]", items) if all(isinstance(item, Effect) for item in items) else None


def _has_patterns(effects: Sequence[Effect[Any]]) -> bool:
    return any(getattr(effect, each.name) is ANY for effect in effects for each in fields(effect))
