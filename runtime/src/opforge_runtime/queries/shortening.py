"""Values as lists and timelines show them."""

from __future__ import annotations

from typing import Final

from opforge_ir.canonical import JsonValue, canonical_bytes

__all__ = ["shorten_value"]

_MAX_SHOWN_LENGTH: Final = 80


def shorten_value(value: JsonValue) -> str:
    """A stored value as one line of JSON, of at most 80 characters."""
    text = canonical_bytes(value).decode()
    return text if len(text) <= _MAX_SHOWN_LENGTH else text[: _MAX_SHOWN_LENGTH - 1] + "…"
