"""The types of the language, and their one spelling in the IR.

A type is written as a short string, so that a reviewer reads `list[Wallet]` and not a tree:

    type     = scalar | name | "list[" type "]" | "set[" type "]" | "Optional[" type "]"
             | "dict[" type "," type "]" | "tuple[" type { "," type } "]"
             | "Union[" name "," name { "," name } "]"
    scalar   = "int" | "bool" | "str" | "bytes" | "Decimal" | "Address" | "None"
    name     = a record or an enum of the document, or a record of a capability (`Block`, `Response`)

There is no white space. `Optional` does not nest. The names of a `Union` are records, in the order of their
characters, none twice. Type objects are interned: two equal types are the same object, so they may be
compared with `is`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = [
    "ADDRESS",
    "BOOL",
    "BYTES",
    "CONSTRUCTORS",
    "DECIMAL",
    "INT",
    "KEY_TYPES",
    "MAX_TYPE_DEPTH",
    "MAX_TYPE_LENGTH",
    "NONE",
    "SCALARS",
    "STR",
    "TYPE_PATTERN",
    "Type",
    "TypeSyntaxError",
    "dict_of",
    "list_of",
    "named",
    "optional_of",
    "parse_type",
    "set_of",
    "tuple_of",
    "union_of",
]

MAX_TYPE_DEPTH: Final = 16
MAX_TYPE_LENGTH: Final = 511
"""The longest spelling of a type, in characters."""

TYPE_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_.,\[\]-]{0,510}$"
"""A coarse check for the schema; `parse_type` is the grammar."""


class TypeSyntaxError(ValueError):
    """The text is not a type of the grammar above."""


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """One interned type. `head` is the constructor or the name; `args` its parameters."""

    head: str
    args: tuple[Type, ...]
    text: str
    """The canonical spelling."""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<{self.text}>"

    @property
    def is_list(self) -> bool:
        return self.head == "list"

    @property
    def is_optional(self) -> bool:
        return self.head == "Optional"

    @property
    def is_dict(self) -> bool:
        return self.head == "dict"

    @property
    def is_tuple(self) -> bool:
        return self.head == "tuple"

    @property
    def is_set(self) -> bool:
        return self.head == "set"

    @property
    def is_union(self) -> bool:
        return self.head == "Union"

    @property
    def is_container(self) -> bool:
        """Whether its values can be changed: a list, a dict or a set."""
        return self.head in _CONTAINERS

    @property
    def is_scalar(self) -> bool:
        return self.head in SCALARS

    @property
    def is_named(self) -> bool:
        """Whether this is a record or an enum, by name."""
        return not self.args and self.head not in SCALARS and self.head != "tuple"


SCALARS: Final = frozenset({"int", "bool", "str", "bytes", "Decimal", "Address", "None"})
CONSTRUCTORS: Final = frozenset({"list", "set", "dict", "tuple", "Optional", "Union"})
"""The heads of types that are made of other types."""
_CONTAINERS: Final = frozenset({"list", "set", "dict"})
_ARGUMENT_COUNTS: Final = {"list": 1, "set": 1, "Optional": 1, "dict": 2}
_interned: dict[str, Type] = {}


def _intern(head: str, args: tuple[Type, ...]) -> Type:
    text = f"{head}[{','.join(a.text for a in args)}]" if args or head == "tuple" else head
    found = _interned.get(text)
    if found is None:
        found = _interned.setdefault(text, Type(head, args, text))
    return found


INT: Final = _intern("int", ())
BOOL: Final = _intern("bool", ())
STR: Final = _intern("str", ())
BYTES: Final = _intern("bytes", ())
DECIMAL: Final = _intern("Decimal", ())
ADDRESS: Final = _intern("Address", ())
NONE: Final = _intern("None", ())
KEY_TYPES: Final = frozenset({STR, INT, BYTES, ADDRESS})
"""What a dict may be keyed by and a set may hold, beside enums."""


def list_of(item: Type) -> Type:
    """`list[item]`."""
    return _intern("list", (item,))


def set_of(item: Type) -> Type:
    """`set[item]`; whether `item` may be in a set is for the validator to say."""
    return _intern("set", (item,))


def dict_of(key: Type, value: Type) -> Type:
    """`dict[key,value]`; whether `key` may be a key is for the validator to say."""
    return _intern("dict", (key, value))


def tuple_of(*items: Type) -> Type:
    """`tuple[…]` with one or more items."""
    return _intern("tuple", items)


def optional_of(item: Type) -> Type:
    """`Optional[item]`; an optional of an optional is the same optional."""
    return item if item.head == "Optional" or item is NONE else _intern("Optional", (item,))


def union_of(*parts: Type) -> Type:
    """The union of these records and unions of records; of one record it is that record."""
    records = {record for part in parts for record in (part.args if part.is_union else (part,))}
    if len(records) == 1:
        return next(iter(records))
    return _intern("Union", tuple(sorted(records, key=lambda record: record.text)))


def named(name: str) -> Type:
    """The record or enum with this name."""
    return _intern(name, ())


_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*|[\[\],]")


@lru_cache(maxsize=8192)
def parse_type(text: str) -> Type:
    """The type that `text` spells.

    Raises TypeSyntaxError when it is not in the grammar, or is nested deeper than `MAX_TYPE_DEPTH`.
    Whether a named record exists is not checked.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        raise TypeSyntaxError(f"not a type: {text!r}")
    tokens.append("")
    parsed, rest = _parse(tokens, 0, 0)
    if tokens[rest] != "":
        raise TypeSyntaxError(f"not a type: {text!r}")
    return parsed


def _parse(tokens: list[str], at: int, depth: int) -> tuple[Type, int]:
    head = tokens[at]
    if depth > MAX_TYPE_DEPTH or head in ("", "[", "]", ","):
        raise TypeSyntaxError("a type name is missing or the type is nested too deeply")
    at += 1
    args: list[Type] = []
    if tokens[at] == "[":
        while tokens[at] in ("[", ","):
            arg, at = _parse(tokens, at + 1, depth + 1)
            args.append(arg)
        if tokens[at] != "]":
            raise TypeSyntaxError("a type parameter list is not closed")
        at += 1
    wanted = _ARGUMENT_COUNTS.get(head)
    if head == "tuple":
        if not args:
            raise TypeSyntaxError("tuple takes one or more types")
    elif head == "Union":
        _check_union(args)
    elif len(args) != (wanted or 0):
        raise TypeSyntaxError(f"{head} takes {wanted or 0} types, got {len(args)}")
    if head == "Optional" and (args[0].head == "Optional" or args[0] is NONE):
        raise TypeSyntaxError("Optional does not nest")
    return _intern(head, tuple(args)), at


def _check_union(parts: list[Type]) -> None:
    names = [part.text for part in parts]
    if len(parts) < 2 or not all(part.is_named for part in parts):
        raise TypeSyntaxError("Union takes two or more records")
    if names != sorted(set(names)):
        raise TypeSyntaxError("the records of a Union are sorted, and none stands there twice")
