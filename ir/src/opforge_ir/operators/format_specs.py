"""Format specifications: what their result may depend on, and how large it may become."""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.operators.bounds import MAX_TEXT_LENGTH, build_too_large

__all__ = ["check_format"]

_SPEC: Final = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?(\d*)[_,]?(?:\.(\d+))?([A-Za-z%]?)", re.DOTALL)
"""The format specification mini-language of Python's documentation."""


def check_format(spec: str) -> str:
    """The type character of a format specification, or an empty string.

    Raises ValueError for `n`, which depends on the machine's locale, and OperationRefusedError when width or
    precision ask for a text that is too long. What is no specification at all is left to `format`.
    """
    parts = _SPEC.fullmatch(spec)
    if parts is None:
        return ""
    if parts[3] == "n":
        raise ValueError("the format n depends on the locale")
    for size in (parts[1], parts[2] or ""):
        if len(size) > 9 or int(size or 0) > MAX_TEXT_LENGTH:
            raise build_too_large(MAX_TEXT_LENGTH, "characters")
    return parts[3]
