"""Codes of lists, dicts and tuples in the author's source (E1250 to E1259)."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

E_LAZY_ITERABLE: Final = Code(
    "E1250",
    "E_LAZY_ITERABLE",
    "source",
    "{what} computes each item when {by} takes it, which could be told from a list",
    "make a list of it: `[... for ...]` or `list(...)`",
)
E_CONTAINER_CLASS: Final = Code(
    "E1251",
    "E_CONTAINER_CLASS",
    "source",
    "collections.{name} is not supported: lists and dicts are the containers of the language",
    "{instead}",
)
