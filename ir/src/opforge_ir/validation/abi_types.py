"""Which type of the language carries an ABI type (Solidity contract ABI specification, "Types")."""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.types import ADDRESS, BOOL, BYTES, INT, STR, Type
from opforge_ir.validation.definitions import is_known

__all__ = ["fits_abi"]

_SIZED: Final = re.compile(r"(u?int|bytes)(0|[1-9][0-9]*)?\Z")
_ARRAY: Final = re.compile(r"(.*)\[(0|[1-9][0-9]*)?\]\Z")
_PLAIN: Final = {"address": ADDRESS, "bool": BOOL, "string": STR, "bytes": BYTES}


def fits_abi(abi: str, kind: Type) -> bool:
    """Whether values of the ABI type are values of this type; an unknown type is not a second problem.

    | ABI | type |
    |---|---|
    | uint8 … uint256, int8 … int256 | int |
    | bytes, bytes1 … bytes32 | bytes |
    | address, bool, string | Address, bool, str |
    | T[], T[n] | list of what T fits |

    Short names (`uint`) are refused: a selector is made from the canonical ones.
    """
    if not is_known(kind):
        return True
    if array := _ARRAY.match(abi):
        return kind.is_list and array[2] != "0" and fits_abi(array[1], kind.args[0])
    if plain := _PLAIN.get(abi):
        return kind is plain
    sized = _SIZED.match(abi)
    if sized is None or sized[2] is None:
        return False
    size = int(sized[2])
    if sized[1] == "bytes":
        return kind is BYTES and 1 <= size <= 32
    return kind is INT and 8 <= size <= 256 and size % 8 == 0
