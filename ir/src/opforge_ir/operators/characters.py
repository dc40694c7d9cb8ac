"""Characters about which the Unicode databases of CPython 3.11 (14.0), 3.12 (15.0) and 3.13 (15.1) disagree.

What `str.isalpha` or `int` say of a character comes from the database that a Python was built with, and a
program must give the same result on each. So an operation that asks for such a property is refused where
the text has a character that was added after Unicode 14.0, or whose property was changed since. All other
characters are the same in the three databases, and so is the mapping of every single character to upper,
lower and title case. A test compares them; a Python with a newer database needs longer lists here.
"""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.codes.execution import E_CHARACTER_REFUSED
from opforge_ir.operators.bounds import OperationRefusedError

__all__ = ["ADDED", "CASED", "IDENTIFIER", "NUMERIC", "check_settled", "refuse_character"]

_ADDED: Final = (
    "\u0cf3\u0ece\u2ffc-\u2fff\u31ef\U00010efd-\U00010eff\U0001123f-\U00011241\U00011b00-\U00011b09"
    "\U00011f00-\U00011f10\U00011f12-\U00011f3a\U00011f3e-\U00011f59\U0001342f\U00013439-\U00013455\U0001b132"
    "\U0001b155\U0001d2c0-\U0001d2d3\U0001df25-\U0001df2a\U0001e030-\U0001e06d\U0001e08f\U0001e4d0-\U0001e4f9"
    "\U0001f6dc\U0001f774-\U0001f776\U0001f77b-\U0001f77f\U0001f7d9\U0001fa75-\U0001fa77\U0001fa87\U0001fa88"
    "\U0001faad-\U0001faaf\U0001fabb-\U0001fabd\U0001fabf\U0001face\U0001facf\U0001fada\U0001fadb\U0001fae8"
    "\U0001faf7\U0001faf8\U0002b739\U0002ebf0-\U0002ee5d\U00031350-\U000323af"
)
ADDED: Final = re.compile(f"[{_ADDED}]")
"""Assigned after Unicode 14.0."""
CASED: Final = re.compile(f"[{_ADDED}\u10fc\ua7f2-\ua7f4\uab69]")
"""Those, and the ones that are lower case for 15.0 only."""
NUMERIC: Final = re.compile(f"[{_ADDED}\u4e24\u4eac\u4fe9\u5006\u62d0\u6d1e\u7695\u79ed\u920e\u94a9]")
"""Those, and the ones that are numbers for 15.1 only."""
IDENTIFIER: Final = re.compile(f"[{_ADDED}\u200c\u200d\u30fb\uff65]")
"""Those, and the ones that identifiers may have for 15.1 only."""


def check_settled(text: str, unsettled: re.Pattern[str]) -> None:
    """Refuse a text that has one of these characters. Raises OperationRefusedError."""
    if not text.isascii() and (found := unsettled.search(text)) is not None:
        raise refuse_character(ord(found[0]), "Pythons know different things of it (Unicode 14.0 to 15.1)")


def refuse_character(number: int, reason: str) -> OperationRefusedError:
    """The refusal of the character with this code point."""
    return OperationRefusedError(E_CHARACTER_REFUSED, character=f"U+{number:04X}", reason=reason)
