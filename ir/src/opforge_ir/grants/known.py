"""What is known of a value before the program runs: the abstract values of the grant inference.

    ANY             anything
    Texts           one of these strings or addresses, some of them known at the front only
    Items           a list whose items are all described by one value
    Parts           a tuple, item by item
    Fields          a record, field by field (fields that are left out are ANY)
    Entries         a dict whose keys are described by one value and whose values by another
    Texts()         no value at all: what an empty list has as items; None, too

`join` is the least of these that describes everything both sides describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = [
    "ANY",
    "MAX_TEXT",
    "MAX_TEXTS",
    "NOTHING",
    "Entries",
    "Fields",
    "Items",
    "Known",
    "Parts",
    "Text",
    "Texts",
    "concat",
    "cut",
    "join",
    "join_all",
    "literal",
]

MAX_TEXTS: Final = 1024
"""How many strings a value may be one of before it counts as anything."""

MAX_TEXT: Final = 4096
"""How many characters of a string that the program makes are known; it may be too long to be held."""


class Anything:
    """The type of ANY."""

    def __repr__(self) -> str:
        return "ANY"


ANY: Final = Anything()


@dataclass(frozen=True, slots=True)
class Text:
    """A string, or what a string starts with."""

    prefix: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """One of several strings."""

    options: frozenset[Text] = frozenset()


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    item: Known


@dataclass(frozen=True, slots=True)
class Parts:
    """A tuple."""

    items: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A record."""

    values: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Entries:
    """A dict."""

    key: Known
    value: Known


Known: TypeAlias = "Anything | Texts | Items | Parts | Fields | Entries"

NOTHING: Final = Texts()


def literal(text: str) -> Texts:
    """This string and no other."""
    return Texts(frozenset({Text(text, is_whole=True)}))


def join(left: Known, right: Known) -> Known:
    """What describes both."""
    if left is right or right == NOTHING:
        return left
    if left == NOTHING:
        return right
    match left, right:
        case Texts(), Texts():
            options = left.options | right.options
            return Texts(options) if len(options) <= MAX_TEXTS else ANY
        case Items(), Items():
            return Items(join(left.item, right.item))
        case Parts(), Parts() if len(left.items) == len(right.items):
            return Parts(tuple(map(join, left.items, right.items)))
        case Fields(), Fields():
            shared = left.values.keys() & right.values.keys()
            return Fields({name: join(left.values[name], right.values[name]) for name in shared})
        case Entries(), Entries():
            return Entries(join(left.key, right.key), join(left.value, right.value))
        case _:
            return ANY


def join_all(values: Iterable[Known]) -> Known:
    """What describes all of them; NOTHING when there are none."""
    joined: Known = NOTHING
    options: set[Text] = set()
    for value in values:
        if isinstance(value, Texts):
            options |= value.options
        else:
            joined = join(joined, value)
    return join(joined, Texts(frozenset(options)) if len(options) <= MAX_TEXTS else ANY)


def concat(parts: Iterable[Known]) -> Known:
    """The strings joined, as far as the front of the result is known."""
    fronts = {Text("", is_whole=True)}
    for part in parts:
        if not any(front.is_whole for front in fronts):
            break
        options = part.options if isinstance(part, Texts) else {Text("", is_whole=False)}
        if len(fronts) * len(options) > MAX_TEXTS:
            options = {Text("", is_whole=False)}
        fronts = {
            Text(front.prefix + option.prefix, option.is_whole) if front.is_whole else front
            for front in fronts
            for option in options
        }
        fronts = {cut(front) for front in fronts}
    return Texts(frozenset(fronts))


def cut(text: Text) -> Text:
    """As much of a string as is kept of one that the program makes."""
    return text if len(text.prefix) <= MAX_TEXT else Text(text.prefix[:MAX_TEXT], is_whole=False)
