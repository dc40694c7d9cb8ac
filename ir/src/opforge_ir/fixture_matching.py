"""Which requests a pattern of a fixture means.

What a person wrote and what a run asked are both in stored form. A pattern may be shorter and freer: of an
object it needs to have only some members, an `int` may be a JSON integer, a `dict` an object, and hexadecimal
digits may be in any letter case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opforge_ir.canonical import JsonValue
from opforge_ir.fixture import FixturePattern

__all__ = ["AskedEffect", "is_meant"]


@dataclass(frozen=True, slots=True)
class AskedEffect:
    """One request of a run."""

    verb: str
    static: Mapping[str, str]
    arguments: Mapping[str, JsonValue]
    """Stored values by name; those of a contract function are an array."""
    state: str
    instance: str


def is_meant(pattern: FixturePattern, asked: AskedEffect) -> bool:
    """Whether a request has all that stands in the pattern."""
    given = pattern.model_fields_set
    return (
        ("state" not in given or pattern.state == asked.state)
        and ("instance" not in given or pattern.instance == asked.instance)
        and ("verb" not in given or pattern.verb == asked.verb)
        and all(asked.static.get(name) == value for name, value in pattern.static.items())
        and all(
            name in asked.arguments and _fits(value, asked.arguments[name])
            for name, value in pattern.arguments.items()
        )
    )


def _fits(written: JsonValue, stored: JsonValue) -> bool:
    match written:
        case bool() | None:
            return written is stored
        case int():
            return stored == str(written)
        case str():
            is_hex = written.startswith("0x") and isinstance(stored, str)
            return written == stored or (is_hex and written.lower() == stored)
        case list():
            return (
                isinstance(stored, list) and len(written) == len(stored) and all(map(_fits, written, stored))
            )
        case dict():
            members = _get_members(stored)
            return all(key in members and _fits(value, members[key]) for key, value in written.items())
        case _:
            return False


def _get_members(stored: JsonValue) -> Mapping[str, JsonValue]:
    """The members of a stored record, or of a stored dict by keys that are texts."""
    if isinstance(stored, dict):
        return stored
    if not isinstance(stored, list):
        return {}
    pairs = [pair for pair in stored if isinstance(pair, list) and len(pair) == 2]
    return {key: value for key, value in pairs if isinstance(key, str)}
