"""The operators on str that ask what its characters are, or change their case.

The answers are those of the Unicode databases of all supported Pythons; `characters` says what is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from opforge_ir.operators.bounds import MAX_TEXT_LENGTH, bound_integer, check_length
from opforge_ir.operators.characters import ADDED, CASED, IDENTIFIER, NUMERIC, check_settled
from opforge_ir.operators.definition import Operator
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["STRING_PROPERTY_OPERATORS", "lower_case"]


_PREFIX: Final = re.compile(r"\s*[-+]?0[bBoOxX]")


def _ask(method: Callable[[str], bool], unsettled: re.Pattern[str]) -> Callable[[str], bool]:
    def ask(text: str) -> bool:
        check_settled(text, unsettled)
        return method(text)

    return ask


def _change(method: Callable[[str], str], unsettled: re.Pattern[str] | None = None) -> Callable[[str], str]:
    def change(text: str) -> str:
        if unsettled is not None:
            check_settled(text, unsettled)
        # One character becomes three at most.
        check_length(3 * len(text) if len(text) > MAX_TEXT_LENGTH // 3 else 0)
        return method(text)

    return change


def lower_case(text: str) -> str:
    """`text.lower()`. What a capital sigma becomes depends on what stands around it."""
    if "\u03a3" in text:
        check_settled(text, ADDED)
    check_length(3 * len(text) if len(text) > MAX_TEXT_LENGTH // 3 else 0)
    return text.lower()


def _read_integer(text: str, base: int) -> int:
    check_settled(text, ADDED)
    # Whatever limit of digits this process has; CPython has none for the powers of two.
    is_power = base in (2, 4, 8, 16, 32) or (base == 0 and _PREFIX.match(text) is not None)
    if len(text) > MAX_INTEGER_DIGITS < sum(map(str.isalnum, text)) and not is_power:
        raise ValueError("too many digits")
    return bound_integer(int(text, base))


def _code_point(text: str) -> int:
    return ord(text)


def _encode(text: str) -> bytes:
    data = text.encode("utf-8")
    check_length(len(data))
    return data


def _encode_ascii(text: str) -> bytes:
    return text.encode("ascii")


_ONE: Final = ("str",)
_VALUE_ERROR: Final = ("ValueError",)

STRING_PROPERTY_OPERATORS: Final = (
    Operator("str.casefold", _ONE, "str", "`a.casefold()`", _change(str.casefold)),
    Operator("str.capitalize", _ONE, "str", "`a.capitalize()`", _change(str.capitalize, ADDED)),
    Operator("str.swapcase", _ONE, "str", "`a.swapcase()`", _change(str.swapcase, ADDED)),
    Operator("str.title", _ONE, "str", "`a.title()`", _change(str.title, CASED)),
    Operator("str.isalnum", _ONE, "bool", "`a.isalnum()`", _ask(str.isalnum, NUMERIC)),
    Operator("str.isalpha", _ONE, "bool", "`a.isalpha()`", _ask(str.isalpha, ADDED)),
    Operator("str.isascii", _ONE, "bool", "`a.isascii()`", str.isascii),
    Operator("str.isdecimal", _ONE, "bool", "`a.isdecimal()`", _ask(str.isdecimal, ADDED)),
    Operator("str.isdigit", _ONE, "bool", "`a.isdigit()`", _ask(str.isdigit, ADDED)),
    Operator("str.isidentifier", _ONE, "bool", "`a.isidentifier()`", _ask(str.isidentifier, IDENTIFIER)),
    Operator("str.islower", _ONE, "bool", "`a.islower()`", _ask(str.islower, CASED)),
    Operator("str.isnumeric", _ONE, "bool", "`a.isnumeric()`", _ask(str.isnumeric, NUMERIC)),
    Operator("str.isspace", _ONE, "bool", "`a.isspace()`", _ask(str.isspace, ADDED)),
    Operator("str.istitle", _ONE, "bool", "`a.istitle()`", _ask(str.istitle, CASED)),
    Operator("str.isupper", _ONE, "bool", "`a.isupper()`", _ask(str.isupper, CASED)),
    Operator("str.int_base", ("str", "int"), "int", "`int(a, base)`", _read_integer, _VALUE_ERROR),
    Operator("str.ord", _ONE, "int", "`ord(a)`", _code_point, ("TypeError",)),
    Operator("str.encode_utf8", _ONE, "bytes", "`a.encode()`", _encode, _VALUE_ERROR),
    Operator("str.encode_ascii", _ONE, "bytes", '`a.encode("ascii")`', _encode_ascii, _VALUE_ERROR),
    Operator("str.fromhex", _ONE, "bytes", "`bytes.fromhex(a)`", bytes.fromhex, _VALUE_ERROR),
)
