"""The private keys of the development accounts, derived from their public mnemonic.

BIP-39 (seed), BIP-32 (derivation), BIP-44 (path m/44'/60'/0'/0/index).
"""

from __future__ import annotations

import hashlib
import hmac

from eth_keys.datatypes import PrivateKey

from opforge_runtime.devchain.sample import MNEMONIC

__all__ = ["derive_private_key"]

_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HARDENED = 1 << 31


def derive_private_key(index: int) -> PrivateKey:
    """The key of the account with this index."""
    seed = hashlib.pbkdf2_hmac("sha512", MNEMONIC.encode(), b"mnemonic", 2048)
    node = hmac.digest(b"Bitcoin seed", seed, "sha512")
    for step in (44 + _HARDENED, 60 + _HARDENED, _HARDENED, 0, index):
        node = _derive_child(node, step)
    return PrivateKey(node[:32])


def _derive_child(node: bytes, step: int) -> bytes:
    """The private child key and chain code, 32 bytes each, of a private parent (BIP-32, CKDpriv)."""
    key, chain_code = node[:32], node[32:]
    parent = b"\0" + key if step >= _HARDENED else PrivateKey(key).public_key.to_compressed_bytes()
    digest = hmac.digest(chain_code, parent + step.to_bytes(4, "big"), "sha512")
    child = (int.from_bytes(digest[:32], "big") + int.from_bytes(key, "big")) % _CURVE_ORDER
    return child.to_bytes(32, "big") + digest[32:]
