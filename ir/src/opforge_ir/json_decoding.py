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
| set | an array without the same item twice |
| dict | for keys of str, or of an enum of str, an object, else an array of `[key, value]` pairs |
| enum | what fits the type of its values, and is one of them |
| record | an object with every field; other members are ignored, a missing Optional field is None |
| Union | an object with one member: the name of one of its records, and what fits that |

Texts with a member twice, NaN or Infinity, a lone surrogate, or nested deeper than MAX_DEPTH fit no type.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final, NoReturn, Protocol, cast

from opforge_ir.address import is_checksum_valid
from opforge_ir.enums import EnumTable
from opforge_ir.native_json import MAX_DEPTH
from opforge_ir.types import Type
from opforge_ir.values import MAX_INTEGER_DIGITS, RecordInstance, Value

__all__ = ["JsonMismatchError", "NamedTypes", "decode_json"]


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


class NamedTypes(Protocol):
    """Where records and enums are looked up by name."""

    def fields_of(self, record: str) -> tuple[tuple[str, Type], ...]:
        """The fields of a record, in order."""
        ...

    def get_optional_enum(self, name: str) -> EnumTable | None:
        """The members of an enum; None for the name of a record."""
        ...


def decode_json(kind: Type, text: str, definitions: NamedTypes) -> Value:
    """The value of this type that the text says. Raises JsonMismatchError."""
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
    return _Decoder(definitions).decode(kind, parsed, "")


class _Decoder:
    def __init__(self, definitions: NamedTypes) -> None:
        self._definitions = definitions

    def decode(  # noqa: C901 - one case for each kind of type
        self, kind: Type, found: object, pointer: str
    ) -> Value:
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
            case "set" if isinstance(found, list):
                return self._decode_set(kind, cast("list[object]", found), pointer)
            case "Union" if isinstance(found, dict):
                return self._decode_union(kind, cast("dict[str, object]", found), pointer)
            case _ if (table := self._definitions.get_optional_enum(kind.head)) is not None:
                value = self.decode(table.value_type, found, pointer)
                if value not in table.names:
                    raise _build_misfit(kind, pointer)
                return value
            case _ if kind.is_named and isinstance(found, dict):
                return self._decode_record(kind.head, cast("dict[str, object]", found), pointer)
            case _:
                raise _build_misfit(kind, pointer)

    def _decode_dict(self, kind: Type, found: object, pointer: str) -> Value:
        key_type, value_type = kind.args
        decoded: dict[Value, Value] = {}
        if isinstance(found, dict) and self._is_text(key_type):
            members = cast("dict[str, object]", found)
            return {
                self.decode(key_type, name, pointer): self.decode(
                    value_type, member, f"{pointer}/{_escape(name)}"
                )
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

    def _is_text(self, kind: Type) -> bool:
        table = self._definitions.get_optional_enum(kind.head)
        return kind.head == "str" or (table is not None and table.value_type.head == "str")

    def _decode_set(self, kind: Type, found: list[object], pointer: str) -> Value:
        items: set[Value] = set()
        for index, each in enumerate(found):
            item = self.decode(kind.args[0], each, f"{pointer}/{index}")
            if item in items:
                raise JsonMismatchError("an item occurs twice", f"{pointer}/{index}"[:200])
            items.add(item)
        return items

    def _decode_union(self, kind: Type, found: dict[str, object], pointer: str) -> Value:
        for record in kind.args:
            tag = record.head.rpartition(".")[2]
            if list(found) == [tag] and isinstance(found[tag], dict):
                return self._decode_record(
                    record.head, cast("dict[str, object]", found[tag]), f"{pointer}/{tag}"
                )
        raise _build_misfit(kind, pointer)

    def _decode_record(self, name: str, found: dict[str, object], pointer: str) -> Value:
        values: list[Value] = []
        for field, kind in self._definitions.fields_of(name):
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
