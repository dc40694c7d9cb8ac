"""JSON text from outside, read as a value of a type: what `response.json()` means, natively and interpreted.

| type | JSON that fits |
|---|---|
| int | a number without fraction and exponent, or a string of its digits |
| Decimal | a number, exactly as its digits say, or a string of such a number |
| bool, str | true and false, a string |
| bytes | a string of `0x` and an even number of hexadecimal digits |
| Address | a string of `0x` and 40 hexadecimal digits; mixed case must be the EIP-55 spelling |
| None | null |
| Optional | null, or what fits its type |
| list, tuple | an array; for a tuple of exactly its length |
| dict | for keys of str an object, else an array of `[key, value]` pairs |
| record | an object with every field; other members are ignored, a missing Optional field is None |

Texts with a member twice, NaN or Infinity, a lone surrogate, or nested deeper than MAX_DEPTH fit no type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NoReturn, cast

from opforge_ir.address import is_checksum_valid
from opforge_ir.native_json import MAX_DEPTH
from opforge_ir.types import Type
from opforge_ir.values import MAX_INTEGER_DIGITS, RecordInstance, Value

__all__ = ["JsonMismatchError", "decode_json"]


class JsonMismatchError(ValueError):
    """The text is not JSON, or not of the type."""

    def __init__(self, problem: str, pointer: str) -> None:
        super().__init__(f"{problem} at {pointer!r}")
        self.problem = problem
        """What does not fit, in words of ours."""
        self.pointer = pointer
        """The JSON Pointer of the part that does not fit, at most 200 characters of it."""


class _Number(str):
    """A JSON number as it was spelled."""

    __slots__ = ()


_MISSING: Final = object()
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?")
_HEX: Final = re.compile(r"0x([0-9a-fA-F]{2})*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def decode_json(kind: Type, text: str, fields_of: Callable[[str], tuple[tuple[str, Type], ...]]) -> Value:
    """The value of this type that the text says; `fields_of` gives the fields of a record by name.

    Raises JsonMismatchError.
    """
    depth = deepest = 0
    for token in _STRUCTURE.finditer(text):
        depth += token[0] in ("[", "{")
        depth -= token[0] in ("]", "}")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise JsonMismatchError(f"it is nested deeper than {MAX_DEPTH} levels", "")
    try:
        parsed = json.loads(
            text,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_build_object,
        )
    except json.JSONDecodeError:
        raise JsonMismatchError("it is not JSON", "") from None
    return _Decoder(fields_of).decode(kind, parsed, "")


class _Decoder:
    def __init__(self, fields_of: Callable[[str], tuple[tuple[str, Type], ...]]) -> None:
        self._fields_of = fields_of

    def decode(self, kind: Type, found: object, pointer: str) -> Value:
        match kind.head:
            case "int":
                return int(_read_digits(_INTEGER, found, pointer, "an integer"))
            case "Decimal":
                return Decimal(_read_digits(_NUMBER, found, pointer, "a number"))
            case "bool" if isinstance(found, bool):
                return found
            case "str" if type(found) is str:
                return _check_text(found, pointer)
            case "None" if found is None:
                return None
            case "bytes" if type(found) is str and _HEX.fullmatch(found):
                return bytes.fromhex(found[2:])
            case "Address" if type(found) is str and is_checksum_valid(found):
                return found.lower()
            case "Optional":
                return None if found is None else self.decode(kind.args[0], found, pointer)
            case "list" if isinstance(found, list):
                items = cast("list[object]", found)
                return [self.decode(kind.args[0], item, f"{pointer}/{i}") for i, item in enumerate(items)]
            case "tuple" if isinstance(found, list):
                parts = cast("list[object]", found)
                if len(parts) != len(kind.args):
                    raise _build_misfit(kind, pointer)
                typed = enumerate(zip(kind.args, parts, strict=True))
                return tuple(self.decode(part, value, f"{pointer}/{i}") for i, (part, value) in typed)
            case "dict":
                return self._decode_dict(kind, found, pointer)
            case _ if kind.is_named and isinstance(found, dict):
                return self._decode_record(kind.head, cast("dict[str, object]", found), pointer)
            case _:
                raise _build_misfit(kind, pointer)

    def _decode_dict(self, kind: Type, found: object, pointer: str) -> Value:
        key_type, value_type = kind.args
        decoded: dict[Value, Value] = {}
        if key_type.head == "str" and isinstance(found, dict):
            members = cast("dict[str, object]", found)
            return {
                _check_text(name, pointer): self.decode(value_type, member, f"{pointer}/{_escape(name)}")
                for name, member in members.items()
            }
        if not isinstance(found, list):
            raise _build_misfit(kind, pointer)
        for index, item in enumerate(cast("list[object]", found)):
            at = f"{pointer}/{index}"
            pair = cast("list[object]", item) if isinstance(item, list) else []
            if len(pair) != 2:
                raise _build_misfit(kind, at)
            key_found, value_found = pair
            key = self.decode(key_type, key_found, f"{at}/0")
            if key in decoded:
                raise JsonMismatchError("a key occurs twice", at[:200])
            decoded[key] = self.decode(value_type, value_found, f"{at}/1")
        return decoded

    def _decode_record(self, name: str, found: dict[str, object], pointer: str) -> Value:
        values: list[Value] = []
        for field, kind in self._fields_of(name):
            member = found.get(field, _MISSING)
            if member is not _MISSING:
                values.append(self.decode(kind, member, f"{pointer}/{field}"))
            elif kind.is_optional:
                values.append(None)
            else:
                raise JsonMismatchError(f"the member {field} is missing", pointer[:200])
        return RecordInstance(name, tuple(values))


def _build_misfit(kind: Type, pointer: str) -> JsonMismatchError:
    article = "an" if kind.text[0] in "AOi" else "a"
    return JsonMismatchError(f"it is not {article} {kind.text}", pointer[:200])


def _read_digits(pattern: re.Pattern[str], found: object, pointer: str, wanted: str) -> str:
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise JsonMismatchError(f"it is not {wanted}", pointer[:200])
    if len(found) > MAX_INTEGER_DIGITS:
        raise JsonMismatchError(f"it has more than {MAX_INTEGER_DIGITS} digits", pointer[:200])
    return str(found)


def _escape(name: str) -> str:
    """A key as a JSON Pointer spells it (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _check_text(text: str, pointer: str) -> str:
    if _SURROGATE.search(text):
        raise JsonMismatchError("it holds a lone surrogate", pointer[:200])
    return text


def _build_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(members)
    if len(built) != len(members):
        raise JsonMismatchError("an object has a member twice", "")
    return built


def _refuse_constant(_: str) -> NoReturn:
    raise JsonMismatchError("NaN and Infinity are not JSON", "")
