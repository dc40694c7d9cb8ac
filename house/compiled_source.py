"""Programs given as text, compiled in the process of a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from opforge._frontend import compile_program
from opforge_ir.canonical import JsonValue, canonical_bytes

__all__ = ["compile_text"]

_PATH = "program.py"


@dataclass(frozen=True, slots=True)
class _Source:
    text: str

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        return self.text.encode() if path == _PATH else None


def compile_text(text: str) -> bytes:
    """The canonical bytes of the document. Raises AssertionError for a text that is refused."""
    compilation = compile_program(_PATH, _Source(text))
    assert compilation.document is not None, [each.message for each in compilation.diagnostics]
    return canonical_bytes(cast("JsonValue", compilation.document))
