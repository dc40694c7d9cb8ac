"""The types of the contract ABI, as values: which texts are types, and which values fit them.

    type       = (elementary | "(" type {"," type} ")") {"[" [length] "]"}
    elementary = "uint" bits | "int" bits | "bool" | "address" | "bytes" [size] | "string"

The fixed-point types and `function` are left out, since neither Solidity nor Vyper has them in calls
of others; so are types whose values take up no space (`T[0]`, `()`), of which any number would fit
into no data at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, cast

__all__ = [
    "AbiType",
    "ArrayType",
    "ElementaryType",
    "TupleType",
    "count_nesting",
    "find_misfit",
    "parse_abi_type",
]

_MAX_NESTING = 8
"""Decoding takes time that doubles with each level; the types of contracts in use are two or three deep."""

_TOKEN = re.compile(r"(?P<base>uint|int|bool|address|bytes|string)(?P<size>[1-9][0-9]{0,2})?|(?P<open>\()")
_DIMENSION = re.compile(r"\[([1-9][0-9]{0,8})?\]")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class ElementaryType:
    """A type without parts."""

    base: str
    """`uint`, `int`, `bool`, `address`, `bytes` or `string`."""
    size: int | None
    """Bits of an integer, bytes of `bytesN`, else None."""

    def __str__(self) -> str:
        return f"{self.base}{'' if self.size is None else self.size}"


@dataclass(frozen=True, slots=True)
class ArrayType:
    """`T[]` or `T[k]`."""

    item: AbiType
    length: int | None

    def __str__(self) -> str:
        return f"{self.item}[{'' if self.length is None else self.length}]"


@dataclass(frozen=True, slots=True)
class TupleType:
    """`(T,U)`: a struct."""

    components: tuple[AbiType, ...]

    def __str__(self) -> str:
        return f"({','.join(map(str, self.components))})"


AbiType: TypeAlias = ElementaryType | ArrayType | TupleType


@lru_cache(maxsize=1024)
def parse_abi_type(text: str) -> AbiType | None:
    """The type that `text` spells in its canonical form (`uint256`, not `uint`), or None."""
    parsed = _parse(text, 0, 0)
    return parsed[0] if parsed is not None and parsed[1] == len(text) else None


def count_nesting(abi_type: AbiType) -> int:
    """How many arrays and tuples lie around the innermost value."""
    match abi_type:
        case ElementaryType():
            return 0
        case ArrayType(item):
            return 1 + count_nesting(item)
        case TupleType(components):
            return 1 + max(map(count_nesting, components), default=0)


def find_misfit(abi_type: AbiType, value: object) -> AbiType | None:
    """The innermost type that a part of `value` does not fit, or None when all of it fits."""
    if isinstance(abi_type, ElementaryType):
        return None if _fits(abi_type, value) else abi_type
    if not isinstance(value, list | tuple):
        return abi_type
    values = cast("list[object] | tuple[object, ...]", value)
    if isinstance(abi_type, ArrayType):
        if abi_type.length not in (None, len(values)):
            return abi_type
        parts = [abi_type.item] * len(values)
    elif len(values) == len(abi_type.components):
        parts = list(abi_type.components)
    else:
        return abi_type
    misfits = map(find_misfit, parts, values)
    return next((misfit for misfit in misfits if misfit is not None), None)


def _parse(text: str, start: int, depth: int) -> tuple[AbiType, int] | None:
    """The type that begins at `start`, and where it ends."""
    token = _TOKEN.match(text, start)
    if token is None or depth > _MAX_NESTING:
        return None
    parsed = _parse_tuple(text, token.end(), depth) if token["open"] else _parse_elementary(token)
    if parsed is None:
        return None
    abi_type, end = parsed
    nesting = depth + count_nesting(abi_type)
    while nesting < _MAX_NESTING and (dimension := _DIMENSION.match(text, end)):
        abi_type = ArrayType(abi_type, int(dimension[1]) if dimension[1] else None)
        nesting, end = nesting + 1, dimension.end()
    return abi_type, end


def _parse_elementary(token: re.Match[str]) -> tuple[AbiType, int] | None:
    base, size = token["base"], int(token["size"]) if token["size"] else None
    match base:
        case "uint" | "int":
            is_known = size is not None and size % 8 == 0 and size <= 256
        case "bytes":
            is_known = size is None or size <= 32
        case _:
            is_known = size is None
    return (ElementaryType(base, size), token.end()) if is_known else None


def _parse_tuple(text: str, start: int, depth: int) -> tuple[AbiType, int] | None:
    components: list[AbiType] = []
    end = start
    while True:
        parsed = _parse(text, end, depth + 1)
        if parsed is None:
            return None
        components.append(parsed[0])
        end = parsed[1] + 1
        separator = text[parsed[1] : end]
        if separator == ")":
            return TupleType(tuple(components)), end
        if separator != ",":
            return None


def _fits(abi_type: ElementaryType, value: object) -> bool:
    size = abi_type.size
    match abi_type.base, value:
        case "bool", bool():
            return True
        case "uint" | "int", bool():
            return False
        case "uint", int() if size is not None:
            return 0 <= value < 1 << size
        case "int", int() if size is not None:
            return -(1 << (size - 1)) <= value < 1 << (size - 1)
        case "address", str():
            return _ADDRESS.fullmatch(value) is not None
        case "bytes", bytes():
            return size is None or len(value) == size
        case "string", str():
            return not any("\ud800" <= character <= "\udfff" for character in value)
        case _:
            return False
