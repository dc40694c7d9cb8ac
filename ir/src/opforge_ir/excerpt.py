"""Pieces of untrusted text that are safe to show in a message."""

from __future__ import annotations

__all__ = ["excerpt"]


def excerpt(text: str, limit: int = 60) -> str:
    """The first `limit` characters of a text, with `...` where more follow.

    Printable characters stay; all others (controls, lone surrogates, the invisible ones that reorder
    text) appear as escapes, so that a message can always be encoded and cannot misrepresent itself.
    """
    shown = "".join(c if c.isprintable() else _escaped(ord(c)) for c in text[:limit])
    return shown + "..." if len(text) > limit else shown


def _escaped(code_point: int) -> str:
    return f"\\u{code_point:04x}" if code_point < 0x10000 else f"\\U{code_point:08x}"
