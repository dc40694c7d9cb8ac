"""`Block`: a block of one network, as `chain.block` returns it."""

from __future__ import annotations

from opforge._record import record

__all__ = ["Block"]


@record
class Block:
    """A block of one network."""

    number: int
    """Height."""
    hash: bytes
    """The 32 bytes of its hash."""
    timestamp: int
    """Seconds since 1970-01-01 UTC, as the chain tells it."""
    network: str
    """The network it belongs to."""
