"""A decoder of contract data whose work is bounded by the size of the data.

An encoding of nested dynamic types holds pointers, and several of them may point at the same bytes. A
megabyte of `bytes[]` can so describe gigabytes of values. A well-made encoding is read from end to end
a few times only, so whoever reads more often follows such pointers.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from eth_abi.decoding import ContextFramesBytesIO
from eth_abi.exceptions import DecodingError
from eth_abi.registry import registry

__all__ = ["decode_bounded"]

if TYPE_CHECKING:
    # eth-abi leaves its stream's methods untyped; what is overridden here is BytesIO's.
    _Stream = BytesIO
else:
    _Stream = ContextFramesBytesIO


class _BoundedStream(_Stream):
    """A stream that hands out each of its bytes `reads_per_byte` times on average, and no more."""

    def __init__(self, data: bytes, reads_per_byte: int) -> None:
        super().__init__(data)
        self._readable = len(data) * reads_per_byte

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self._readable -= len(piece)
        if self._readable < 0:
            raise DecodingError("the data refers to its own bytes too often")
        return piece


def decode_bounded(types: Sequence[str], data: bytes, nesting: int) -> tuple[Any, ...]:
    """The values that `data` encodes as `types`, themselves a tuple; `nesting` levels in all.

    Raises DecodingError, OverflowError, UnicodeDecodeError.
    """
    # eth-abi reads what stands in the head of a tuple or array twice, so that each level doubles the
    # reads; twice as many are allowed.
    stream: Any = _BoundedStream(data, 2 * 2**nesting)
    values: tuple[Any, ...] = registry.get_tuple_decoder(*types)(stream)
    return values
