"""Values of the language: how they are held while a program runs, and their one stored JSON form.

| type | held as | stored as |
|---|---|---|
| int, Decimal | int, Decimal | string, `str(value)` |
| bool, str, None | bool, str, None | true/false, string, null |
| bytes | bytes | `0x` and lower-case hex |
| Address | str, `0x` and 40 lower-case hex digits | the same |
| list, tuple | list, tuple | array |
| set | set | array of the items in ascending order: numbers by value, text by code point, bytes by byte |
| dict | dict | array of `[key, value]` pairs in insertion order |
| Optional | the value or None | the value's form or null |
| enum | the member's value, str or int | the value's form |
| record | `RecordInstance` | object with every field |
| Union | `RecordInstance` | object with one member: the record's name, and its form |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from opforge_ir.address import is_address, is_checksum_valid
from opforge_ir.builtin_records import BUILTIN_RECORDS
from opforge_ir.canonical import JsonValue
from opforge_ir.codes.document import E_VALUE_MISMATCH
from opforge_ir.codes.types import E_VALUE_FIELD_MISSING, E_VALUE_FIELD_UNKNOWN
from opforge_ir.diagnostics import DiagnosticError, JsonPointer
from opforge_ir.enums import EnumTable
from opforge_ir.excerpt import excerpt
from opforge_ir.types import Type, named, parse_type

__all__ = ["MAX_INTEGER_DIGITS", "RecordFields", "RecordInstance", "Value", "ValueCodec"]

MAX_INTEGER_DIGITS: Final = 4300
"""The longest integer that is read, in decimal digits."""
_MAX_INTEGER_LENGTH: Final = MAX_INTEGER_DIGITS + len("-")
_MAX_DECIMAL_LENGTH: Final = 10_000 + len("-.E-999999999999999999999")
"""A Decimal has as many digits as the largest precision of a document."""

RecordFields = Mapping[str, tuple[tuple[str, Type], ...]]
"""For each record: its fields in order."""

Value = object
"""A value of the language as the table above says it is held; its type is known from the IR."""


@dataclass(frozen=True, slots=True)
class RecordInstance:
    """A record: its name and its field values in the order of its definition."""

    name: str
    values: tuple[Value, ...]


_INTEGER = re.compile(rf"-?(0|[1-9][0-9]{{0,{MAX_INTEGER_DIGITS - 1}}})\Z")
_HEX = re.compile(r"0x([0-9a-f]{2})*\Z")
_BUILTIN_FIELDS: Final[RecordFields] = {
    shape.name: tuple((f.name, parse_type(f.type)) for f in shape.fields)
    for shape in BUILTIN_RECORDS.values()
}


class ValueCodec:
    """Reads and writes stored values for the records and enums of one document."""

    def __init__(self, records: RecordFields, enums: Mapping[str, EnumTable] | None = None) -> None:
        self._records: dict[str, tuple[tuple[str, Type], ...]] = {**_BUILTIN_FIELDS, **records}
        self._enums: Mapping[str, EnumTable] = enums or {}

    def fields_of(self, record: str) -> tuple[tuple[str, Type], ...]:
        """The fields of a record of the document or of a capability. Raises KeyError when there is none."""
        return self._records[record]

    def get_optional_enum(self, name: str) -> EnumTable | None:
        """The members of the enum of the document that has this name, if there is one."""
        return self._enums.get(name)

    def encode(self, kind: Type, value: Value) -> JsonValue:
        """The stored form of a value that is of this type; the caller vouches for that."""
        match kind.head:
            case "int" | "Decimal":
                return str(value)
            case "bool" | "str" | "Address" | "None":
                return cast(JsonValue, value)
            case "bytes":
                return "0x" + cast(bytes, value).hex()
            case "Optional":
                return None if value is None else self.encode(kind.args[0], value)
            case "list":
                item = kind.args[0]
                return [self.encode(item, v) for v in cast("list[Value]", value)]
            case "tuple":
                items = cast("tuple[Value, ...]", value)
                return [self.encode(t, v) for t, v in zip(kind.args, items, strict=True)]
            case "dict":
                key_type, value_type = kind.args
                entries = cast("dict[Value, Value]", value)
                return [[self.encode(key_type, k), self.encode(value_type, v)] for k, v in entries.items()]
            case "set":
                return [self.encode(kind.args[0], v) for v in sorted(cast("set[Any]", value))]
            case "Union":
                part = named(cast(RecordInstance, value).name)
                return {part.text: self.encode(part, value)}
            case _:
                if kind.head in self._enums:
                    return str(value)
                record = cast(RecordInstance, value)
                fields = self._records[kind.head]
                return {name: self.encode(t, v) for (name, t), v in zip(fields, record.values, strict=True)}

    def decode(  # noqa: C901 - one case for each kind of type
        self, kind: Type, stored: JsonValue, pointer: str = "", *, is_input: bool = False
    ) -> Value:
        """The value that a stored form says.

        With `is_input` a person wrote it: an `int` may also be a JSON integer and an `Address` may
        be in mixed case, if its EIP-55 checksum is right. Raises DiagnosticError with
        E_VALUE_MISMATCH at the pointer of the part that does not fit.
        """
        match kind.head:
            case "int":
                if is_input and isinstance(stored, int) and not isinstance(stored, bool):
                    return stored
                if isinstance(stored, str) and len(stored) <= _MAX_INTEGER_LENGTH and _INTEGER.match(stored):
                    return int(stored)
            case "Decimal":
                if is_input and isinstance(stored, int) and not isinstance(stored, bool):
                    return Decimal(stored)
                if isinstance(stored, str) and len(stored) <= _MAX_DECIMAL_LENGTH:
                    try:
                        return Decimal(stored)
                    except InvalidOperation:
                        pass
            case "bool":
                if isinstance(stored, bool):
                    return stored
            case "str":
                if isinstance(stored, str):
                    return stored
            case "None":
                if stored is None:
                    return None
            case "bytes":
                if isinstance(stored, str) and _HEX.match(stored.lower() if is_input else stored):
                    return bytes.fromhex(stored[2:])
            case "Address":
                if isinstance(stored, str) and _is_address(stored, is_input=is_input):
                    return stored.lower()
            case "Optional":
                return (
                    None if stored is None else self.decode(kind.args[0], stored, pointer, is_input=is_input)
                )
            case "list":
                if isinstance(stored, list):
                    item = kind.args[0]
                    return [
                        self.decode(item, v, f"{pointer}/{i}", is_input=is_input)
                        for i, v in enumerate(stored)
                    ]
            case "tuple":
                if isinstance(stored, list) and len(stored) == len(kind.args):
                    parts = zip(kind.args, stored, strict=True)
                    return tuple(
                        self.decode(t, v, f"{pointer}/{i}", is_input=is_input)
                        for i, (t, v) in enumerate(parts)
                    )
            case "dict":
                return self._decode_dict(kind, stored, pointer, is_input)
            case "set":
                return self._decode_set(kind, stored, pointer, is_input)
            case "Union":
                return self._decode_union(kind, stored, pointer, is_input)
            case _:
                if (table := self._enums.get(kind.head)) is None:
                    return self._decode_record(kind, stored, pointer, is_input)
                value = self.decode(table.value_type, stored, pointer, is_input=is_input)
                if value in table.names:
                    return value
        raise _mismatch(kind, pointer)

    def _decode_dict(self, kind: Type, stored: JsonValue, pointer: str, is_input: bool) -> Value:
        key_type, value_type = kind.args
        pairs: list[JsonValue]
        if is_input and isinstance(stored, dict):
            pairs = [[key, value] for key, value in stored.items()]
        elif isinstance(stored, list):
            pairs = stored
        else:
            raise _mismatch(kind, pointer)
        decoded: dict[Value, Value] = {}
        for index, pair in enumerate(pairs):
            at = f"{pointer}/{index}"
            if not isinstance(pair, list) or len(pair) != 2:
                raise _mismatch(kind, at)
            key = self.decode(key_type, pair[0], f"{at}/0", is_input=is_input)
            if key in decoded:
                raise _mismatch(kind, at)
            decoded[key] = self.decode(value_type, pair[1], f"{at}/1", is_input=is_input)
        return decoded

    def _decode_set(self, kind: Type, stored: JsonValue, pointer: str, is_input: bool) -> Value:
        if not isinstance(stored, list):
            raise _mismatch(kind, pointer)
        items: list[Any] = [
            self.decode(kind.args[0], each, f"{pointer}/{i}", is_input=is_input)
            for i, each in enumerate(stored)
        ]
        made = set(items)
        if len(made) != len(items) or (not is_input and items != sorted(made)):
            raise _mismatch(kind, pointer)
        return made

    def _decode_union(self, kind: Type, stored: JsonValue, pointer: str, is_input: bool) -> Value:
        if isinstance(stored, dict) and len(stored) == 1:
            ((name, inner),) = stored.items()
            if named(name) in kind.args:
                return self._decode_record(named(name), inner, f"{pointer}/{name}", is_input)
        raise _mismatch(kind, pointer)

    def _decode_record(self, kind: Type, stored: JsonValue, pointer: str, is_input: bool) -> Value:
        fields = self._records.get(kind.head)
        if fields is None or not isinstance(stored, dict):
            raise _mismatch(kind, pointer)
        names = [name for name, _ in fields]
        problems = [
            *(
                E_VALUE_FIELD_MISSING.at(JsonPointer(pointer), type=kind.text, field=n)
                for n in names
                if n not in stored
            ),
            *(
                E_VALUE_FIELD_UNKNOWN.at(
                    JsonPointer(pointer), type=kind.text, field=excerpt(n), allowed=", ".join(names)
                )
                for n in stored
                if n not in names
            ),
        ]
        if problems:
            raise DiagnosticError(problems)
        values = tuple(
            self.decode(t, stored[name], f"{pointer}/{name}", is_input=is_input) for name, t in fields
        )
        return RecordInstance(kind.head, values)


def _is_address(text: str, *, is_input: bool) -> bool:
    return is_checksum_valid(text) if is_input else is_address(text) and text == text.lower()


def _mismatch(kind: Type, pointer: str) -> DiagnosticError:
    return E_VALUE_MISMATCH.error(JsonPointer(pointer), type=kind.text)
