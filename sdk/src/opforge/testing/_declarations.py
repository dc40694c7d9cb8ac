"""How contract classes declare the functions that a program calls, with their types in the contract's ABI."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any, cast, get_args, get_origin

from opforge._contract import Contract, View
from opforge.testing.effects import ChainCall

__all__ = ["find_declarations", "list_argument_types", "read_result_type"]


def find_declarations(call: ChainCall[Any]) -> list[Callable[..., object]]:
    """Every declaration of the function in contract classes of that name, as the host is told names only."""
    return [
        view.function
        for cls in _list_subclasses(Contract)
        if cls.__name__ == call.contract and isinstance(view := vars(cls).get(call.function), View)
    ]


def read_result_type(declaration: Callable[..., object]) -> object:
    """The annotation of the result, with the sizes of the ABI."""
    return _add_sizes(typing.get_type_hints(declaration, include_extras=True)["return"])


def list_argument_types(declaration: Callable[..., object]) -> list[object]:
    """The annotations of the arguments, with the sizes of the ABI."""
    hints = typing.get_type_hints(declaration, include_extras=True)
    return [_add_sizes(hint) for name, hint in hints.items() if name != "return"]


def _list_subclasses(cls: type) -> Iterator[type]:
    subclasses: list[type] = cls.__subclasses__()
    for each in subclasses:
        yield each
        yield from _list_subclasses(each)


def _add_sizes(hint: object) -> object:
    """The annotation with `uint256` for an `int` that states no size: so the compiler takes it."""
    if hint is int:
        return Annotated[int, "uint256"]
    head = get_origin(hint)
    if head is list or head is tuple:
        parts = tuple(_add_sizes(part) for part in get_args(hint))
        return types.GenericAlias(cast("type", head), parts)
    return hint
