"""Ethereum addresses as text: EIP-55 mixed-case checksums.

An address is held in lower case everywhere (`0x` and 40 digits); the checksum spelling is for people.
"""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.selector import keccak_256

__all__ = ["checksum_address", "is_address", "is_checksum_valid"]

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def is_address(text: str) -> bool:
    """Whether `text` is `0x` and 40 hexadecimal digits, in any letter case; the checksum is not looked at."""
    return _ADDRESS.fullmatch(text) is not None


def checksum_address(lower: str) -> str:
    """The EIP-55 spelling of an address given in lower case.

    Raises ValueError when `lower` is not an address in lower case.
    """
    if not is_address(lower) or lower != lower.lower():
        raise ValueError("not an address in lower case")
    nibbles = keccak_256(lower[2:].encode("ascii")).hex()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit for digit, nibble in zip(lower[2:], nibbles, strict=False)
    )


def is_checksum_valid(text: str) -> bool:
    """Whether `text` is an address whose letters are all lower case, all upper case, or as EIP-55 says.

    EIP-55 leaves the two uniform spellings valid, since they carry no checksum.
    """
    if not is_address(text):
        return False
    digits = text[2:]
    return digits in (digits.lower(), digits.upper()) or text == checksum_address(text.lower())
