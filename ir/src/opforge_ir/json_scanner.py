"""The careful half of the JSON reader: a scanner without recursion that can place every problem.

It accepts the grammar of RFC 8259, less what has no canonical form: duplicate keys, numbers with a
fraction or an exponent, -0, integers beyond 2^53-1 and lone surrogates. Those leave the grammar
intact, so scanning goes on and one run reports several; a syntax error ends it.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, Literal, TypeAlias

from opforge_ir.canonical import MAX_INTEGER, JsonValue, build_pointer
from opforge_ir.codes.reader import (
    E_BAD_ESCAPE,
    E_CONTROL_CHARACTER,
    E_DUPLICATE_KEY,
    E_FLOAT,
    E_INTEGER_RANGE,
    E_JSON_SYNTAX,
    E_LONE_SURROGATE,
    E_NEGATIVE_ZERO,
    E_NON_FINITE_NUMBER,
    E_TOO_DEEP,
    E_TRAILING_BYTES,
    E_TRUNCATED,
)
from opforge_ir.diagnostics import Code, Diagnostic, DiagnosticError, FieldValue
from opforge_ir.excerpt import excerpt

__all__ = ["scan_json"]

_MAX_PROBLEMS: Final = 20
_SHOWN_CHARACTERS: Final = 20

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_WORD: Final = re.compile(r"[-+.0-9A-Za-z]+")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_HEX4: Final = re.compile(r"[0-9A-Fa-f]{4}")
_UNFINISHED_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3})?")
_NON_FINITE: Final = frozenset({"NaN", "-NaN", "Infinity", "+Infinity", "-Infinity"})
_LITERALS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_MAX_INTEGER_LENGTH: Final = len(str(-MAX_INTEGER))


def scan_json(text: str, max_depth: int) -> JsonValue:
    """Read one JSON value that makes up the whole text.

    Raises DiagnosticError with up to twenty problems, in order of place.
    """
    return _Scanner(text, max_depth).scan()


class _Outcome(Enum):
    OPENED = auto()
    """A container is open and its next value is still to come."""


_Container: TypeAlias = list[JsonValue] | dict[str, JsonValue]
_ValueOrOpened: TypeAlias = "JsonValue | Literal[_Outcome.OPENED]"


class _Scanner:
    def __init__(self, text: str, max_depth: int) -> None:
        self._text = text
        self._max_depth = max_depth
        self._position = 0
        self._problems: list[Diagnostic] = []
        self._open: list[_Container] = []
        self._keys: list[str] = []
        """The key being read of each open object, in order; an array has its length instead."""

    def scan(self) -> JsonValue:
        self._skip_blank()
        while True:
            value = self._read_value_or_open()
            # A value may close any number of containers; an opened container has its first value to come.
            while value is not _Outcome.OPENED:
                if not self._open:
                    return self._finish(value)
                value = self._add_to_container(value)

    def _read_value_or_open(self) -> _ValueOrOpened:
        """Read a scalar or an empty container, or open a container up to its first value."""
        start = self._text[self._position : self._position + 1]
        if start == '"':
            return self._read_string()
        if start == "{":
            return self._open_container({}, "}")
        if start == "[":
            return self._open_container([], "]")
        return self._read_word()

    def _open_container(self, container: _Container, end: str) -> _ValueOrOpened:
        if len(self._open) >= self._max_depth:
            raise self._stop(E_TOO_DEEP, self._position, limit=self._max_depth)
        self._position += 1
        self._skip_blank()
        if self._text.startswith(end, self._position):
            self._position += 1
            return container
        self._open.append(container)
        if isinstance(container, dict):
            self._read_key(container, 'a key or "}"')
        return _Outcome.OPENED

    def _add_to_container(self, value: JsonValue) -> _ValueOrOpened:
        """Put a finished value into the innermost container; return that container when it ends here."""
        container = self._open[-1]
        self._skip_blank()
        if isinstance(container, dict):
            container[self._keys.pop()] = value
            end, expected = "}", '"," or "}"'
        else:
            container.append(value)
            end, expected = "]", '"," or "]"'
        following = self._text[self._position : self._position + 1]
        if following == end:
            self._position += 1
            return self._open.pop()
        if following != ",":
            raise self._unexpected(expected)
        self._position += 1
        self._skip_blank()
        if isinstance(container, dict):
            self._read_key(container, "a key")
        return _Outcome.OPENED

    def _read_key(self, container: dict[str, JsonValue], expected: str) -> None:
        start = self._position
        if not self._text.startswith('"', start):
            raise self._unexpected(expected)
        key = self._read_string()
        if key in container:
            self._report(E_DUPLICATE_KEY, start, key=excerpt(key))
        self._skip_blank()
        if not self._text.startswith(":", self._position):
            raise self._unexpected('":"')
        self._position += 1
        self._skip_blank()
        self._keys.append(key)

    def _read_string(self) -> str:
        self._position += 1
        pieces: list[str] = []
        while True:
            plain = _PLAIN.match(self._text, self._position)
            assert plain is not None, "the pattern matches the empty string"
            pieces.append(plain[0])
            self._position = plain.end()
            stop = self._text[self._position : self._position + 1]
            if stop == '"':
                self._position += 1
                return "".join(pieces)
            if stop == "\\":
                pieces.append(self._read_escape())
            elif stop:
                raise self._stop(E_CONTROL_CHARACTER, self._position, character=f"U+{ord(stop):04X}")
            else:
                raise self._unexpected("the closing quote of a string")

    def _read_escape(self) -> str:
        start = self._position
        letter = self._text[start + 1 : start + 2]
        if letter in _ESCAPES:
            self._position = start + 2
            return _ESCAPES[letter]
        unit = self._read_unit(start)
        if unit is None:
            if _UNFINISHED_ESCAPE.fullmatch(self._text, start):
                self._position = len(self._text)
                raise self._unexpected("the rest of an escape")
            length = 6 if letter == "u" else 2
            raise self._stop(E_BAD_ESCAPE, start, found=excerpt(self._text[start : start + length]))
        self._position = start + 6
        if 0xD800 <= unit <= 0xDBFF:
            low = self._read_unit(self._position)
            if low is not None and 0xDC00 <= low <= 0xDFFF:
                self._position += 6
                return chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        if 0xD800 <= unit <= 0xDFFF:
            self._report(E_LONE_SURROGATE, start, escape=self._text[start : start + 6])
        return chr(unit)

    def _read_unit(self, start: int) -> int | None:
        r"""The UTF-16 code unit of the `\uXXXX` escape that starts here, if one does."""
        if not self._text.startswith("\\u", start):
            return None
        digits = _HEX4.match(self._text, start + 2)
        return None if digits is None else int(digits[0], 16)

    def _read_word(self) -> JsonValue:
        start = self._position
        match = _WORD.match(self._text, start)
        if match is None:
            raise self._unexpected("a value")
        word = match[0]
        self._position = match.end()
        if word in _LITERALS:
            return _LITERALS[word]
        if _INTEGER.fullmatch(word):
            return self._integer(word, start)
        if word in _NON_FINITE:
            self._report(E_NON_FINITE_NUMBER, start, token=word)
        elif _NUMBER.fullmatch(word):
            self._report(E_FLOAT, start, token=excerpt(word))
        else:
            self._position = start
            raise self._unexpected("a value")
        return None

    def _integer(self, word: str, start: int) -> int:
        # The length first: converting a long run of digits is slow, and Python refuses very long ones.
        value = int(word) if len(word) <= _MAX_INTEGER_LENGTH else MAX_INTEGER + 1
        if word == "-0":
            self._report(E_NEGATIVE_ZERO, start)
        elif not -MAX_INTEGER <= value <= MAX_INTEGER:
            self._report(E_INTEGER_RANGE, start, token=excerpt(word))
        return value

    def _skip_blank(self) -> None:
        blank = _BLANK.match(self._text, self._position)
        assert blank is not None, "the pattern matches the empty string"
        self._position = blank.end()

    def _finish(self, value: JsonValue) -> JsonValue:
        self._skip_blank()
        if self._position < len(self._text):
            raise self._stop(E_TRAILING_BYTES, self._position, found=self._found())
        if self._problems:
            raise DiagnosticError(self._problems)
        return value

    def _found(self) -> str:
        return excerpt(self._text[self._position : self._position + _SHOWN_CHARACTERS + 1], _SHOWN_CHARACTERS)

    def _unexpected(self, expected: str) -> DiagnosticError:
        if self._position >= len(self._text):
            return self._stop(E_TRUNCATED, self._position, expected=expected)
        return self._stop(E_JSON_SYNTAX, self._position, expected=expected, found=self._found())

    def _report(self, code: Code, position: int, **fields: FieldValue) -> None:
        """Note a problem that leaves the grammar intact; raise once there are too many."""
        self._problems.append(self._diagnostic(code, position, fields))
        if len(self._problems) >= _MAX_PROBLEMS:
            raise DiagnosticError(self._problems)

    def _stop(self, code: Code, position: int, **fields: FieldValue) -> DiagnosticError:
        return DiagnosticError([*self._problems, self._diagnostic(code, position, fields)])

    def _diagnostic(self, code: Code, position: int, fields: dict[str, FieldValue]) -> Diagnostic:
        before = self._text[:position]
        return code.at(
            build_pointer(self._path()),
            line=before.count("\n") + 1,
            column=position - before.rfind("\n"),
            offset=len(before.encode()),
            **fields,
        )

    def _path(self) -> list[str | int]:
        """The keys and indices that lead to what is being read: of a key, to the object that holds it."""
        keys = iter(self._keys)
        steps = ((next(keys, None) if isinstance(c, dict) else len(c)) for c in self._open)
        return [step for step in steps if step is not None]
