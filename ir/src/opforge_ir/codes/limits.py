"""Codes E14xx: sources that are larger, or longer in one respect, than the compiler takes."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

E_PROGRAM_TOO_LARGE: Final = Code(
    "E1400", "E_PROGRAM_TOO_LARGE", "source", "the program has more than {limit} {what}", "split the program"
)
E_CHAIN_TOO_LONG: Final = Code(
    "E1401", "E_CHAIN_TOO_LONG", "source", "this has more than {limit} {what} in a row", "{instead}"
)
E_FUNCTION_TOO_LARGE: Final = Code(
    "E1402",
    "E_FUNCTION_TOO_LARGE",
    "source",
    "{name} has more than {limit} variables",
    "keep values of one kind in a list or a dict, or move parts of the function to others",
)
E_MORE_PROBLEMS: Final = Code(
    "E1403",
    "E_MORE_PROBLEMS",
    "source",
    "more than {limit} problems were found; the others are not shown",
    "mend the first ones: they may be the cause of the others",
)
