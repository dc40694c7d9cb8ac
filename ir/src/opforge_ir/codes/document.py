"""Codes for an IR document: E02xx its shape and head, E03xx its meaning."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

E_VALUE_MISMATCH: Final = Code(
    "E0250",
    "E_VALUE_MISMATCH",
    "document",
    "this is not a value of the type {type}",
    "give a value of the type {type}; integers and decimals are strings of digits",
)
