"""The types that annotations of Python say, and values of them as Python and the language hold them."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, cast

from opforge._address import Address
from opforge_ir.enums import EnumTable, build_enum_table
from opforge_ir.types import (
    ADDRESS,
    BOOL,
    BYTES,
    DECIMAL,
    INT,
    NONE,
    STR,
    Type,
    dict_of,
    list_of,
    named,
    optional_of,
    set_of,
    tuple_of,
    union_of,
)
from opforge_ir.values import RecordInstance, ValueCodec

__all__ = ["Classes"]

_SCALARS: Final[dict[object, Type]] = {
    int: INT,
    bool: BOOL,
    str: STR,
    bytes: BYTES,
    Decimal: DECIMAL,
    Address: ADDRESS,
    types.NoneType: NONE,
}


class Classes:
    """The record and enum classes of the types that were read, by the names that they have in them."""

    def __init__(self) -> None:
        self._classes: dict[str, type] = {}

    def read(self, hint: object) -> Type:
        """The type of the language that a type of Python is. Raises TypeError when there is none."""
        scalar = _SCALARS.get(hint)
        if scalar is not None:
            return scalar
        if isinstance(hint, type) and (dataclasses.is_dataclass(hint) or issubclass(hint, enum.Enum)):
            return self._name(hint)
        head, given = typing.get_origin(hint), typing.get_args(hint)
        args = [self.read(arg) for arg in given if arg is not Ellipsis]
        if head is list:
            return list_of(args[0])
        if head is dict:
            return dict_of(args[0], args[1])
        if head is tuple and Ellipsis not in given:
            return tuple_of(*args)
        if head is set:
            return set_of(args[0])
        if head in (typing.Union, types.UnionType):
            parts = [arg for arg in args if arg is not NONE]
            if len(parts) == 1 or all(part.is_named for part in parts):
                union = parts[0] if len(parts) == 1 else union_of(*parts)
                return optional_of(union) if NONE in args else union
        raise TypeError(f"the language has no type {hint}")

    def _name(self, cls: type) -> Type:
        name = cls.__name__
        if self._classes.setdefault(name, cls) is not cls:
            name = f"{cls.__module__}.{name}"
            self._classes[name] = cls
        return named(name)

    def fields_of(self, record: str) -> tuple[tuple[str, Type], ...]:
        """The fields of a record class, in order."""
        return tuple((field, self.read(hint)) for field, hint in _hints_of(self._classes[record]))

    def get_optional_enum(self, name: str) -> EnumTable | None:
        """The members of an enum class; None for a record class."""
        cls = self._classes.get(name)
        if cls is None or not issubclass(cls, enum.Enum):
            return None
        members = cls.__members__.items()
        is_int = any(isinstance(member.value, int) for _, member in members)
        return build_enum_table("int" if is_int else "str", [(n, str(m.value)) for n, m in members])

    def build(self, kind: Type, value: object) -> object:
        """The value with records, members of enums and addresses as programs hold them."""
        if kind.is_optional:
            return None if value is None else self.build(kind.args[0], value)
        if self.get_optional_enum(kind.head) is not None:
            make = cast("Callable[..., object]", self._classes[kind.head])
            return make(value)
        match value:
            case RecordInstance(name, parts):
                typed = zip(self.fields_of(name), parts, strict=True)
                make = cast("Callable[..., object]", self._classes[name])
                return make(**{field: self.build(part, found) for (field, part), found in typed})
            case list():
                return [self.build(kind.args[0], item) for item in cast("list[object]", value)]
            case set():
                return {self.build(kind.args[0], item) for item in cast("set[object]", value)}
            case tuple():
                items = cast("tuple[object, ...]", value)
                return tuple(self.build(part, item) for part, item in zip(kind.args, items, strict=True))
            case dict():
                entries = cast("dict[object, object]", value).items()
                key_type, value_type = kind.args
                return {self.build(key_type, k): self.build(value_type, v) for k, v in entries}
            case str() if kind is ADDRESS:
                return Address(value)
            case _:
                return value

    def build_codec(self) -> ValueCodec:
        """What reads and writes stored values of the types that were read."""
        records: dict[str, tuple[tuple[str, Type], ...]] = {}
        enums: dict[str, EnumTable] = {}
        # Reading the fields of one class finds others.
        while missing := [name for name in self._classes if name not in records and name not in enums]:
            for name in missing:
                table = self.get_optional_enum(name)
                if table is None:
                    records[name] = self.fields_of(name)
                else:
                    enums[name] = table
        return ValueCodec(records, enums)

    def hold(self, kind: Type, value: Any) -> object:
        """A value of Python as the language holds it (`opforge_ir.values`); the reverse of `build`."""
        if kind.is_optional:
            return None if value is None else self.hold(kind.args[0], value)
        match value:
            case Address():
                return str(value).lower()
            case enum.Enum():
                return value.value
            case list() | set():
                held = (self.hold(kind.args[0], item) for item in cast("Iterable[object]", value))
                return type(cast("object", value))(held)  # type: ignore[call-arg]
            case tuple():
                items = cast("tuple[object, ...]", value)
                return tuple(self.hold(part, item) for part, item in zip(kind.args, items, strict=True))
            case dict():
                entries = cast("dict[object, object]", value).items()
                key_type, value_type = kind.args
                return {self.hold(key_type, k): self.hold(value_type, v) for k, v in entries}
            case _ if dataclasses.is_dataclass(value):
                name = self._name(type(value)).head
                fields = self.fields_of(name)
                return RecordInstance(name, tuple(self.hold(t, getattr(value, field)) for field, t in fields))
            case _:
                return value


def _hints_of(cls: type) -> list[tuple[str, Any]]:
    hints = typing.get_type_hints(cls)
    return [(field.name, hints[field.name]) for field in dataclasses.fields(cls)]
