"""Answers in stored form, which a host gives where only the program's source says their type."""

from __future__ import annotations

from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # reading stored values takes long to import
    from opforge_ir.canonical import JsonValue

__all__ = ["Stored", "build_stored", "read_stored"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as fixtures write it."""

    value: JsonValue


def read_stored(caller: FrameType, answer: object, call: str) -> object:
    """The answer itself; one in stored form as a value of the type that the source gives to the call.

    Raises TypeError when the source says none, DiagnosticError when the value is of another type.
    """
    if not isinstance(answer, Stored):
        return answer
    from opforge._expected_type import find_expected_type

    return build_stored(find_expected_type(caller, call, unused=type(None)), answer.value)


def build_stored(hint: object, stored: JsonValue) -> object:
    """A value of an annotated type. Raises DiagnosticError when the stored one is of another type."""
    from opforge._classes import Classes

    classes = Classes()
    kind = classes.read(type(None) if hint is None else hint)
    return classes.build(kind, classes.build_codec().decode(kind, stored, is_input=True))
