"""Strict readers for the two hexadecimal encodings of the Ethereum JSON-RPC specification.

https://ethereum.org/developers/docs/apis/json-rpc, "Hex encoding": a QUANTITY is `0x` and the fewest
digits, zero being `0x0`; DATA is `0x` and two digits per byte. Anything else gives None.
"""

from __future__ import annotations

import re

__all__ = ["format_data", "format_quantity", "parse_data", "parse_hash", "parse_quantity"]

_QUANTITY = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_DATA = re.compile(r"0x([0-9a-fA-F]{2})*")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")


def parse_quantity(value: object) -> int | None:
    """A QUANTITY of at most 256 bits as an int, or None."""
    return int(value, 16) if isinstance(value, str) and _QUANTITY.fullmatch(value) else None


def parse_data(value: object) -> bytes | None:
    """DATA of any length as bytes, or None."""
    return bytes.fromhex(value[2:]) if isinstance(value, str) and _DATA.fullmatch(value) else None


def parse_hash(value: object) -> str | None:
    """32 bytes of DATA as lower-case text with `0x`, or None."""
    return value.lower() if isinstance(value, str) and _HASH.fullmatch(value) else None


def format_quantity(value: int) -> str:
    """A non-negative int as QUANTITY."""
    return hex(value)


def format_data(value: bytes) -> str:
    """Bytes as DATA."""
    return "0x" + value.hex()
