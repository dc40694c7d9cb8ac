"""`record`: the decorator that makes a class with fields a type of the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

__all__ = ["record"]

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def record(cls: type[_T], /) -> type[_T]:
    """Make a class of annotated fields a record: a value whose fields cannot be set again.

    Fields are given by position or by name. Two records are equal when they are of the same class and all
    their fields are equal. A record is hashable when all its fields are.

        @record
        class Wallet:
            address: Address
            label: str = ""
    """
    return dataclass(frozen=True)(cls)
