"""The operators on Optional."""

from __future__ import annotations

from typing import Any, Final

from opforge_ir.operators.definition import Operator

__all__ = ["OPTIONAL_OPERATORS"]


def _some(value: Any) -> Any:
    return value


def _is_none(value: Any) -> bool:
    return value is None


def _value(value: Any) -> Any:
    if value is None:
        raise TypeError("the value is None")
    return value


OPTIONAL_OPERATORS: Final = (
    Operator(
        "optional.some",
        ("A",),
        "Optional[A]",
        "a value where None is possible too; not of an Optional",
        _some,
        gives="same",
    ),
    Operator("optional.is_none", ("Optional[A]",), "bool", "`a is None`", _is_none),
    Operator(
        "optional.value",
        ("Optional[A]",),
        "A",
        "the value where it is known not to be None",
        _value,
        ("TypeError",),
        gives="same",
    ),
)
