"""Where lists and dicts may come from, as far as a body can tell before it runs.

    int          created here, inside so many maps
    parameter    what the caller gave, or (`inside`) what that holds
    CONSTANT     a constant of the document, or what it holds

A value has origins of its own, when it is a list or dict, and the origins of all that it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from opforge_ir.types import SCALARS, Type

__all__ = [
    "CONSTANT",
    "NOTHING",
    "FromParameter",
    "Origin",
    "Origins",
    "Summary",
    "Value",
    "holds_containers",
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

_NOWHERE: Final[Origins] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """What may be known of one value."""

    own: Origins
    held: Origins
    """The origins of the lists and dicts that can be reached through it."""

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


def holds_containers(kind: Type, fields: dict[str, dict[str, Type] | None]) -> bool:
    """Whether a value of this type is a list or dict, or can hold one."""
    waiting, seen = [kind], {kind}
    while waiting:
        part = waiting.pop()
        if part.is_list or part.is_dict:
            return True
        inner = (
            part.args if part.args or part.head in SCALARS else tuple((fields.get(part.head) or {}).values())
        )
        waiting.extend(each for each in inner if each not in seen)
        seen.update(inner)
    return False
