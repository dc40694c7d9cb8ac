"""The canonical form (RFC 8785) that is hashed, and the review form that is committed.

Both are narrower than RFC 8785: a float is refused, because its spelling hides what was meant, and so
is everything that has no exact JSON form. At run time a value consists of exactly None, bool, int,
str, list, tuple and dict; subclasses, enumerations and other mappings are refused, never coerced.

**Why the fast writer may be used.** RFC 8785 is fixed by the value's types, its numbers, its strings
and the order of its keys. `native_json` shows depth, integers, floats and strings. What remains:

- *Types.* Besides exact built-in types orjson serialises UUID, Enum and `orjson.Fragment` of its own
  accord; the options switch off the other ones. `marshal` is documented to raise ValueError for
  any object that is not of its built-in types, at any depth, and it goes by exact type. Both together
  let pass only None, bool, int, float, str, list, tuple and dict. marshal's bytes are thrown away.
- *Order of keys.* orjson sorts by UTF-8 bytes, which is the order of code points; RFC 8785 section
  3.2.3 asks for the order of UTF-16 code units. The two differ only where a character outside the
  Basic Multilingual Plane is involved, and such a character's UTF-8 starts with a byte of 0xF0 or
  more. When the bytes have none, the orders agree.

A value that fails one of these goes to the careful path: a walk that names what is wrong and where,
and, if nothing is, the `rfc8785` library. The value must not change while it is being written.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import orjson
import rfc8785

from opforge_ir.codes.reader import (
    E_VALUE_FLOAT,
    E_VALUE_INTEGER,
    E_VALUE_KEY,
    E_VALUE_SURROGATE,
    E_VALUE_TOO_DEEP,
    E_VALUE_TYPE,
)
from opforge_ir.diagnostics import JsonPointer
from opforge_ir.native_json import MAX_DEPTH, may_hold_float, write_natively

__all__ = [
    "MAX_DEPTH",
    "MAX_INTEGER",
    "MAX_POINTER_LENGTH",
    "REVIEW_WIDTH",
    "JsonValue",
    "build_pointer",
    "canonical_bytes",
    "extend_pointer",
    "layout_bytes",
    "review_bytes",
]

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""A JSON value as Python holds it. Sequences are lists or tuples, mappings are dicts."""

MAX_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 7493 section 2.2)."""

MAX_POINTER_LENGTH: Final = 1_000
"""The longest JSON Pointer that is shown."""

REVIEW_WIDTH: Final = 100
"""The longest line, in code points, that the review form makes by joining lines."""

_CONTAINERS: Final = frozenset({dict, list, tuple})
_BELOW_ASTRAL: Final = bytes(range(0xF0))
_LEAF: Final = re.compile(r"([\[{])\n((?:[^\n]*+(?<![\[{])\n)+?) *([\]}])")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE_BREAK: Final = re.compile(r"\n +")


def canonical_bytes(value: JsonValue) -> bytes:
    """The RFC 8785 bytes of a value: no white space, no final newline.

    Raises DiagnosticError with one of E_VALUE_TYPE, E_VALUE_KEY, E_VALUE_FLOAT, E_VALUE_INTEGER,
    E_VALUE_SURROGATE and E_VALUE_TOO_DEEP, and no other exception.

    A part that occurs many times is written many times: whoever builds values bounds their size.
    """
    try:
        marshal.dumps(cast(Any, value))
    except ValueError:
        return _write_carefully(value)
    text = write_natively(value, sort_keys=True)
    if text is None:
        return _write_carefully(value)
    if may_hold_float(text, null_counts=True):
        _check(value)
    if text.isascii() or not text.translate(None, _BELOW_ASTRAL):
        return text
    return _write_carefully(value)


def review_bytes(value: JsonValue) -> bytes:
    """The review form of a value: the canonical form with white space between its tokens.

    Key order and scalars are those of the canonical form, so removing the white space outside strings
    gives the canonical bytes. Each member stands on a line of its own, indented by two spaces per
    level, with LF line ends and a final newline. A container without a container inside (empty ones
    aside) is joined to one line when that line, with its indentation, key and comma, has at most
    REVIEW_WIDTH code points. How a container is laid out depends on nothing but that line.

    Raises what `canonical_bytes` raises.
    """
    # What orjson reads from canonical bytes has its keys in canonical order; unsorted writing keeps it.
    return layout_bytes(orjson.loads(canonical_bytes(value)))


def layout_bytes(value: JsonValue) -> bytes:
    """A value laid out as in the review form, with its keys in the order that they have.

    For files that people write and we add to; what `canonical_bytes` refuses must not be in it.
    """
    return _LEAF.sub(_join_leaf, orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n").encode()


def build_pointer(keys: Iterable[str | int]) -> JsonPointer | None:
    """The JSON Pointer (RFC 6901) made of these keys and indices.

    None when it could not be shown: too long, or with a lone surrogate in it.
    """
    pointer = ""
    for key in keys:
        pointer = extend_pointer(pointer, key)
    is_shown = len(pointer) <= MAX_POINTER_LENGTH and _SURROGATE.search(pointer) is None
    return JsonPointer(pointer) if is_shown else None


def extend_pointer(pointer: str, key: str | int) -> str:
    """The pointer to a member or item of what another one points to, however long."""
    if type(key) is str and ("~" in key or "/" in key):
        key = key.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{key}"


def _join_leaf(leaf: re.Match[str]) -> str:
    text = leaf.string
    joined = leaf[1] + _LINE_BREAK.sub(" ", leaf[2].strip(" \n")) + leaf[3]
    prefix = leaf.start() - text.rfind("\n", 0, leaf.start()) - 1
    comma = text.startswith(",", leaf.end())
    return joined if prefix + len(joined) + comma <= REVIEW_WIDTH else leaf[0]


def _write_carefully(value: JsonValue) -> bytes:
    _check(value)
    try:
        return rfc8785.dumps(cast(Any, value))
    except RecursionError as error:
        # Only when the caller has used up most of Python's stack already: the depth is within the limit.
        raise E_VALUE_TOO_DEEP.error(limit=MAX_DEPTH) from error


def _check(value: object) -> None:
    """Raise DiagnosticError for the first part of a value, in its own order, that has no canonical form."""
    open_containers: list[Iterator[tuple[str | int, object]]] = [iter([("", value)])]
    keys: list[str | int] = [""]
    while open_containers:
        try:
            keys[-1], part = next(open_containers[-1])
        except StopIteration:
            open_containers.pop()
            keys.pop()
            continue
        if type(part) not in _CONTAINERS:
            _check_scalar(part, keys)
            continue
        if len(open_containers) > MAX_DEPTH:
            raise E_VALUE_TOO_DEEP.error(build_pointer(keys[1:]), limit=MAX_DEPTH)
        if isinstance(part, dict):
            open_containers.append(_checked_items(cast("dict[object, object]", part), keys))
        else:
            open_containers.append(enumerate(cast("Sequence[object]", part)))
        keys.append("")


def _checked_items(members: dict[object, object], keys: list[str | int]) -> Iterator[tuple[str, object]]:
    for key in members:
        if type(key) is not str:
            raise E_VALUE_KEY.error(build_pointer(keys[1:]), type=type(key).__name__)
        _check_text(key, keys)
    return iter(cast("dict[str, object]", members).items())


def _check_scalar(part: object, keys: list[str | int]) -> None:
    if part is None or type(part) is bool:
        return
    if type(part) is str:
        _check_text(part, keys)
    elif type(part) is float:
        raise E_VALUE_FLOAT.error(build_pointer(keys[1:]), value=repr(part))
    elif type(part) is not int:
        raise E_VALUE_TYPE.error(build_pointer(keys[1:]), type=type(part).__name__)
    elif not -MAX_INTEGER <= part <= MAX_INTEGER:
        raise E_VALUE_INTEGER.error(build_pointer(keys[1:]), bits=part.bit_length())


def _check_text(text: str, keys: list[str | int]) -> None:
    if text.isascii():
        return
    if surrogate := _SURROGATE.search(text):
        raise E_VALUE_SURROGATE.error(build_pointer(keys[1:]), surrogate=f"U+{ord(surrogate[0]):04X}")
