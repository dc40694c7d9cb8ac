"""Codes of the operators and functions on numbers and text: E1240 to E1249 of the author's source."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

E_FLOAT_FUNCTION: Final = Code(
    "E1240", "E_FLOAT_FUNCTION", "source", "{name} computes with floats, which are not exact", "{instead}"
)
