"""Whether a scripted answer is a value of the type that the program is promised."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, cast, get_args, get_origin

from opforge._address import Address
from opforge._block import Block
from opforge._response import Response
from opforge.testing._declarations import read_result_type
from opforge.testing.effects import ANY, ChainCall, Effect

__all__ = ["check_answer", "fits", "get_answer_type"]

_SCALARS: Final[tuple[type, ...]] = (int, bool, str, bytes, Decimal, Address, Block, Response)


def get_answer_type(effect: Effect[Any]) -> object:
    """The annotation of what an effect answers with, or ANY where it is not known."""
    if isinstance(effect, ChainCall) and effect.declaration is not None:
        return read_result_type(effect.declaration)
    return effect.result


def check_answer(hint: object, value: object) -> None:
    """Raises TypeError when a scripted answer is not of its type, ValueError when it is out of its range."""
    if not fits(hint, value):
        wanted = getattr(hint, "__name__", str(hint))
        raise TypeError(f"a scripted answer is {value!r}, where the program is promised {wanted}")


def fits(hint: object, value: object) -> bool:
    """Whether a value is one of an annotated type, and of the size that it says."""
    if hint is ANY:
        return True
    if hint is None or hint is types.NoneType:
        return value is None
    head, args = get_origin(hint), get_args(hint)
    if head is typing.Annotated:
        return fits(args[0], value) and _fits_size(args[1], value)
    if head is list:
        return type(value) is list and all(fits(args[0], item) for item in cast("list[object]", value))
    if head is tuple:
        items = cast("tuple[object, ...]", value)
        return type(value) is tuple and len(items) == len(args) and all(map(fits, args, items))
    if head in (typing.Union, types.UnionType):
        return any(fits(arg, value) for arg in args)
    if isinstance(hint, type) and hint in _SCALARS:
        return type(value) is hint or (isinstance(value, enum.Enum) and isinstance(value, hint))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return isinstance(value, hint)
    return True


def _fits_size(name: object, value: object) -> bool:
    """Whether a value has the size that a name of `opforge.abi` says."""
    if not isinstance(name, str):
        return True
    kind = name.rstrip("0123456789")
    size = int(name[len(kind) :] or 0)
    sizes: dict[str, Callable[[Any], bool]] = {
        "uint": lambda number: 0 <= number < 1 << size,
        "int": lambda number: -(1 << size - 1) <= number < 1 << size - 1,
        "bytes": lambda data: len(data) == size,
    }
    return kind not in sizes or sizes[kind](value)
