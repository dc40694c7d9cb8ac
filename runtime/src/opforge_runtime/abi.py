"""Contract data: encode the arguments of a call, decode what it returned (contract ABI specification).

| ABI type        | value                                                      |
|-----------------|------------------------------------------------------------|
| uintN, intN     | int in range (a bool is no int)                            |
| bool            | bool                                                       |
| address         | str, `0x` and 40 lower-case digits                         |
| bytesN          | bytes of exactly N; nothing is padded in silence           |
| bytes           | bytes                                                      |
| string          | str that UTF-8 can express; other bytes do not decode      |
| T[], T[k]       | list or tuple going in, tuple coming out                   |
| (T,U)           | list or tuple going in, tuple coming out                   |

Built on eth-abi, which takes a third of a second to import and is therefore imported when first used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opforge_ir.codes.transport import (
    E_ABI_DATA_EMPTY,
    E_ABI_DATA_MALFORMED,
    E_ABI_TYPE_UNKNOWN,
    E_ABI_VALUE,
)
from opforge_runtime.abi_type import AbiType, TupleType, count_nesting, find_misfit, parse_abi_type

__all__ = ["decode_result", "encode_call"]


def encode_call(selector: bytes, types: Sequence[str], values: Sequence[object]) -> bytes:
    """The data of a call: the four bytes of the selector, then `values` encoded as `types`.

    Raises DiagnosticError with one diagnostic: E_ABI_TYPE_UNKNOWN, E_ABI_VALUE.
    """
    from eth_abi.abi import encode

    parsed = _parse_types(types)
    if len(values) != len(types):
        raise E_ABI_VALUE.error(types=",".join(types), problem=f"{len(values)} arguments were given")
    for position, (abi_type, value) in enumerate(zip(parsed.components, values, strict=True), start=1):
        misfit = find_misfit(abi_type, value)
        if misfit is not None:
            problem = f"argument {position} holds what is not a {misfit}"
            raise E_ABI_VALUE.error(types=",".join(types), problem=problem)
    return selector + encode(types, values)


def decode_result(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """The values that `data` encodes as `types`.

    Bytes after the encoding are ignored, as Solidity does; padding that is not zero is refused. Pointers
    that make the same bytes count many times over are refused: data grows into values of its own order
    of size, whatever a hostile contract or provider sends.
    Raises DiagnosticError with one diagnostic: E_ABI_TYPE_UNKNOWN, E_ABI_DATA_EMPTY, E_ABI_DATA_MALFORMED.
    """
    from eth_abi.exceptions import DecodingError

    from opforge_runtime.abi_decoder import decode_bounded

    parsed = _parse_types(types)
    if types and not data:
        raise E_ABI_DATA_EMPTY.error(types=",".join(types))
    try:
        return decode_bounded(types, data, count_nesting(parsed))
    except UnicodeDecodeError:
        problem = "a string in it is not UTF-8"
    except (DecodingError, OverflowError):
        problem = "a length, a pointer or padding in it is wrong"
    raise E_ABI_DATA_MALFORMED.error(types=",".join(types), size=len(data), problem=problem)


def _parse_types(types: Sequence[str]) -> TupleType:
    parsed: list[AbiType] = []
    for text in types:
        abi_type = parse_abi_type(text)
        if abi_type is None:
            raise E_ABI_TYPE_UNKNOWN.error(type=text)
        parsed.append(abi_type)
    return TupleType(tuple(parsed))
