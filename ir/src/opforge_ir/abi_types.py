"""Which type of the language carries an ABI type (Solidity contract ABI specification, "Types")."""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.types import ADDRESS, BOOL, BYTES, INT, STR, Type, list_of

__all__ = ["type_of_abi"]

_SIZED: Final = re.compile(r"(u?int|bytes)(0|[1-9][0-9]*)\Z")
_ARRAY: Final = re.compile(r"(.*)\[(0|[1-9][0-9]*)?\]\Z")
_PLAIN: Final = {"address": ADDRESS, "bool": BOOL, "string": STR, "bytes": BYTES}


def type_of_abi(abi: str) -> Type | None:
    """The type whose values the ABI type carries, or None where it is not in the ABI's canonical spelling.

    | ABI | type |
    |---|---|
    | uint8 … uint256, int8 … int256 | int |
    | bytes, bytes1 … bytes32 | bytes |
    | address, bool, string | Address, bool, str |
    | T[], T[n] | list of what T is |

    Short names (`uint`) are refused: selectors and topics are made from the canonical ones.
    """
    if array := _ARRAY.match(abi):
        item = None if array[2] == "0" else type_of_abi(array[1])
        return None if item is None else list_of(item)
    if abi in _PLAIN:
        return _PLAIN[abi]
    sized = _SIZED.match(abi)
    if sized is None:
        return None
    size = int(sized[2])
    if sized[1] == "bytes":
        return BYTES if 1 <= size <= 32 else None
    return INT if 8 <= size <= 256 and size % 8 == 0 else None
