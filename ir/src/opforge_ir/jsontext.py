r"""The strict JSON reader: every document from outside comes through here, before anything else sees it.

Accepted is one JSON value (RFC 8259) in UTF-8 that has a canonical form; white space and the order of
keys are free. A NUL character may stand in a string as the escape `\u0000`, since text decoded from a
chain holds it in ordinary use; as a raw byte it is refused like every control character.

**Why the fast reader may be used.** orjson parses strictly but silently keeps the last of two equal
keys, reads floats, and rounds integers that are too large. So what it read is written again, compact
and in the order read, by `native_json`, which shows that there is no float, no integer out of range
and no nesting too deep. Then both texts are compared without blanks (space, tab, LF, CR). Blanks
between tokens mean nothing, and within strings the only blank JSON permits is the space. If the input
had a duplicate key, the second text would lack a member; if it had -0, a character; and nothing makes
up for it, because orjson writes each string and each other token in its shortest spelling. So when the
texts are equal there was neither. When they are not, `json_scanner` decides: it is slower, and
right by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import orjson

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.reader import (
    E_BYTE_ORDER_MARK,
    E_DOCUMENT_TOO_LARGE,
    E_EMPTY_DOCUMENT,
    E_INVALID_UTF8,
    E_WRONG_ENCODING,
)
from opforge_ir.json_scanner import scan_json
from opforge_ir.native_json import MAX_DEPTH, may_hold_float, write_natively

__all__ = ["DEFAULT_LIMITS", "Limits", "check_size", "read_json"]

_BLANKS: Final = b" \t\n\r"
_UTF8_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader is willing to read."""

    max_bytes: int = 8 * 1024 * 1024
    """The largest input. Parsed JSON takes up to about 40 times its size in memory, here 320 MiB."""
    max_depth: int = MAX_DEPTH
    """The deepest nesting of arrays and objects, at most MAX_DEPTH."""

    def __post_init__(self) -> None:
        if not 0 <= self.max_depth <= MAX_DEPTH:
            raise ValueError(f"max_depth is between 0 and {MAX_DEPTH}, got {self.max_depth}")


DEFAULT_LIMITS: Final = Limits()


def check_size(size: int, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuse an input of so many bytes, before it is read into memory.

    Raises DiagnosticError (E_DOCUMENT_TOO_LARGE).
    """
    if size > limits.max_bytes:
        raise E_DOCUMENT_TOO_LARGE.error(size=size, limit=limits.max_bytes)


def read_json(data: bytes, limits: Limits = DEFAULT_LIMITS) -> JsonValue:
    """Read the one JSON value that makes up the input; arrays become lists, objects dicts.

    Raises DiagnosticError with codes E0101 to E0117, and no other exception. What it returns can
    always be written by `canonical_bytes`.
    """
    check_size(len(data), limits)
    try:
        value: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        return scan_json(_decode(data), limits.max_depth)
    if _is_exact(value, data, limits):
        return cast("JsonValue", value)
    del value  # frees its memory before the same document is built again
    return scan_json(_decode(data), limits.max_depth)


def _is_exact(value: object, data: bytes, limits: Limits) -> bool:
    """Whether a value read by orjson is certainly all that the input says; False when in doubt."""
    text = write_natively(value, sort_keys=False, max_depth=limits.max_depth)
    # orjson reads no NaN and no infinity, so here a null is a null.
    if text is None or may_hold_float(text, null_counts=False):
        return False
    return text == data or text.translate(None, b" ") == data.translate(None, _BLANKS)


def _decode(data: bytes) -> str:
    """The text of the input. Raises DiagnosticError when it is not UTF-8, or has nothing to read."""
    if data.startswith(_UTF8_MARK):
        raise E_BYTE_ORDER_MARK.error()
    if (encoding := _guess_wide_encoding(data)) is not None:
        raise E_WRONG_ENCODING.error(encoding=encoding)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise E_INVALID_UTF8.error(
            byte=f"0x{data[error.start]:02x}",
            line=before.count(b"\n") + 1,
            column=len(before[before.rfind(b"\n") + 1 :].decode()) + 1,
            offset=error.start,
        ) from None
    if not data.strip(_BLANKS):
        raise E_EMPTY_DOCUMENT.error()
    return text


def _guess_wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32, known by the byte order mark or by the zero bytes around a first ASCII character."""
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    zeros = [byte == 0 for byte in data[:4]]
    if zeros in ([False, True, True, True], [True, True, True, False]):
        return "UTF-32"
    if zeros[:2] in ([False, True], [True, False]):
        return "UTF-16"
    return None
