"""Where lists, sets and dicts may come from, as far as a body can tell before it runs.

    int          created here, inside so many maps
    parameter    what the caller gave, or (`inside`) what that holds
    CONSTANT     a constant of the document, or what it holds

A value has origins of its own, when it is a list, set or dict, and the origins of all that it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from opforge_ir.types import SCALARS, Type

__all__ = [
    "CONSTANT",
    "NOTHING",
    "Containers",
    "FromParameter",
    "Origin",
    "Origins",
    "RecordFields",
    "Summary",
    "Value",
    "get_parts",
    "join",
]


@dataclass(frozen=True, slots=True)
class FromParameter:
    """What the caller gave for a parameter; with `inside`, something that it holds."""

    name: str
    inside: bool


CONSTANT: Final = "constant"

Origin: TypeAlias = "int | FromParameter | Literal['constant']"
Origins: TypeAlias = frozenset[Origin]

RecordFields: TypeAlias = "Mapping[str, dict[str, Type] | None]"

_NOWHERE: Final[Origins] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """What may be known of one value."""

    own: Origins
    held: Origins
    """The origins of the lists, sets and dicts that can be reached through it."""

    @property
    def all(self) -> Origins:
        """The origins of everything that a holder of this value can reach."""
        return self.own | self.held


NOTHING: Final = Value(_NOWHERE, _NOWHERE)
"""A value that is no list or dict and holds none."""


@dataclass(slots=True)
class Summary:
    """What a call of a function does, in terms of its parameters; 0 stands for what the call creates."""

    parameters: list[str]
    changed: set[Origin] = field(default_factory=set["Origin"])
    """What of the caller's it may change."""
    stored: dict[Origin, Origins] = field(default_factory=dict["Origin", "Origins"])
    """What it may put into what it changes."""
    returned: Value = NOTHING


def join(values: Iterable[Value]) -> Value:
    """What may be any of these values."""
    own, held = _NOWHERE, _NOWHERE
    for value in values:
        own |= value.own
        held |= value.held
    return Value(own, held)


class Containers:
    """Which types are lists, sets and dicts or can hold one."""

    def __init__(self, fields: RecordFields) -> None:
        self._fields = fields
        self._found: dict[Type, bool] = {}

    def may_hold(self, kind: Type) -> bool:
        """Whether a value of this type is a list, set or dict, or can hold one."""
        found = self._found.get(kind)
        if found is None:
            found = any(part.is_container for part in get_parts((kind,), self._fields))
            self._found[kind] = found
        return found


def get_parts(kinds: Iterable[Type], fields: RecordFields) -> set[Type]:
    """These types and those of everything that their values can hold."""
    waiting = list(kinds)
    seen = set(waiting)
    while waiting:
        part = waiting.pop()
        inner = (
            part.args if part.args or part.head in SCALARS else tuple((fields.get(part.head) or {}).values())
        )
        waiting.extend(each for each in inner if each not in seen)
        seen.update(inner)
    return seen
