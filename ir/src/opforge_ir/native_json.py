r"""orjson, held to the JSON that has a canonical form: the fast half of the reader and of the writer.

orjson is some ninety times as fast as a writer in Python, but it writes more than we allow. What is
trusted here is small: orjson writes valid JSON, each value at its place. The rest is shown per call.

- **Depth.** orjson writes up to some 254 levels; how many exactly depends on its version and is measured
  when this module is imported. The value is written inside so many extra arrays that just the
  permitted depth is left for it; they are cut off again.
- **Integers.** `OPT_STRICT_INTEGER` refuses those beyond 2^53-1 in either direction.
- **Floats.** In the bytes, a number comes first, or after `:`, `,` or `[`. The number of a float has a
  `.` or an `e`; NaN and the infinities are written as `null`. So `may_hold_float` maps the bytes: digits,
  `-` and `n` to `0`, and `:` `,` `[` to `:`. Any float then appears as `:0`, more zeros, and one of `.`,
  `e`, `u`. If that occurs nowhere, there is no float. If it does, it may also be a null or the
  inside of a string, and the caller has to look.
- **Strings and keys.** RFC 8785 section 3.2.2.2 prescribes what orjson does: short escapes for
  backspace, tab, line feed, form feed, return, quote and backslash, lower-case `\u00xx` for other
  controls, all else as UTF-8. A test compares every code point. Lone surrogates and keys that are
  not of the exact type str are refused by orjson.
"""

from __future__ import annotations

import re
from typing import Final

import orjson

__all__ = ["MAX_DEPTH", "may_hold_float", "write_natively"]

MAX_DEPTH: Final = 200
"""The deepest nesting of arrays and objects in any document; `[]` has depth 1, a scalar depth 0.

Deeper than any sensible program (CPython's own parser stops at 200 parentheses), and shallow enough
that a recursive function over a document stays inside Python's recursion limit.
"""

_OPTIONS: Final = (
    orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)


def _measure_native_depth() -> int:
    """The deepest nesting that the installed orjson writes, at least MAX_DEPTH."""
    nested: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        nested = [nested]
    depth = MAX_DEPTH
    while True:
        nested = [nested]
        try:
            orjson.dumps(nested, option=_OPTIONS)
        except orjson.JSONEncodeError:
            return depth
        depth += 1


_NATIVE_DEPTH: Final = _measure_native_depth()
_NUMBERS: Final = bytes.maketrans(b"123456789-,[", b"0000000000::")
_NUMBERS_AND_NULL: Final = bytes.maketrans(b"123456789-n,[", b"00000000000::")
# The two literal characters at the front let the regular expression engine skip quickly.
_FLOAT_OR_NULL: Final = re.compile(rb":00*+[.eu]")


def write_natively(value: object, *, sort_keys: bool, max_depth: int = MAX_DEPTH) -> bytes | None:
    """Write a value without white space, or return None when orjson refuses it.

    Keys are in the order of their code points, or as they stand. Floats, and the types that orjson
    serialises of its own accord (UUID, Enum, `orjson.Fragment`), are written: the caller excludes them.
    `max_depth` is at most MAX_DEPTH.
    """
    margin = _NATIVE_DEPTH - max_depth
    wrapped = value
    for _ in range(margin):
        wrapped = [wrapped]
    try:
        text = orjson.dumps(wrapped, option=_OPTIONS | orjson.OPT_SORT_KEYS if sort_keys else _OPTIONS)
    except orjson.JSONEncodeError:
        return None
    return text[margin : len(text) - margin]


def may_hold_float(text: bytes, *, null_counts: bool) -> bool:
    """Whether bytes of `write_natively` may hold a float; False is certain.

    `null_counts` says that a null may stand for a NaN or an infinity.
    """
    mapped = (b"[" + text).translate(_NUMBERS_AND_NULL if null_counts else _NUMBERS)
    return _FLOAT_OR_NULL.search(mapped) is not None
