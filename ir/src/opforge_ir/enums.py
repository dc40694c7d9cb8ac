"""Enums: the names and values of their members, as a table to look up.

A value of an enum is held as the member's value, a str or an int. A member whose value an earlier one has is
another name for that one (an alias), as in Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from opforge_ir.types import INT, STR, Type

__all__ = ["EnumTable", "EnumValue", "build_enum_table"]

EnumValue: TypeAlias = "str | int"


@dataclass(frozen=True, slots=True)
class EnumTable:
    """The members of one enum."""

    value_type: Type
    """STR or INT."""
    values: dict[str, EnumValue]
    """The value for each name, aliases too, in the order of the definition."""
    names: dict[EnumValue, str]
    """The name of the member that has a value, in the order of the definition."""


def build_enum_table(value_type: str, members: Iterable[tuple[str, str]]) -> EnumTable:
    """The table for members given as name and value, the value as the document spells it.

    `value_type` is `str` or `int`. Raises ValueError when it is `int` and a value is no number.
    """
    values: dict[str, EnumValue] = {}
    names: dict[EnumValue, str] = {}
    for name, text in members:
        value: EnumValue = int(text) if value_type == "int" else text
        values[name] = value
        names.setdefault(value, name)
    return EnumTable(INT if value_type == "int" else STR, values, names)
