"""Keccak-256 and the function selectors of the contract ABI specification."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["function_selector", "keccak_256"]


def keccak_256(data: bytes) -> bytes:
    """The 32 bytes of Keccak-256, the hash of Ethereum (not the later SHA3-256)."""
    from Crypto.Hash import keccak

    return keccak.new(digest_bits=256, data=data).digest()


@lru_cache(maxsize=4096)
def function_selector(signature: str) -> str:
    """The selector of a function signature such as `balanceOf(address)`: `0x` and 8 lower-case digits.

    The signature is taken as it stands; its types must be in the ABI's canonical spelling.
    """
    return "0x" + keccak_256(signature.encode("ascii"))[:4].hex()
