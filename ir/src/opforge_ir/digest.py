"""Digests: the plain SHA-256 of an artifact's canonical bytes, as `sha256sum` prints it.

A digest says nothing about what kind of document was hashed. That is the job of the required head
field `artifact`, which is part of the bytes, so the bytes of one kind are never valid as another.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, NewType

from opforge_ir.codes.reader import E_DIGEST
from opforge_ir.excerpt import excerpt

__all__ = ["DIGEST_PATTERN", "Digest", "digest_bytes", "parse_digest"]

Digest = NewType("Digest", str)
"""64 lower-case hexadecimal digits."""

DIGEST_PATTERN: Final = "^[0-9a-f]{64}$"
"""The one spelling of a digest, as a JSON Schema pattern."""

_DIGEST = re.compile("[0-9a-f]{64}")


def digest_bytes(data: bytes) -> Digest:
    """The digest of these bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def parse_digest(text: str) -> Digest:
    """The digest that a text spells. Raises DiagnosticError (E_DIGEST) for any other text."""
    if _DIGEST.fullmatch(text) is None:
        raise E_DIGEST.error(text=excerpt(text))
    return Digest(text)
