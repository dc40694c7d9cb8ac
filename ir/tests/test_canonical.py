"""The canonical writer: published vectors, what it refuses, and where it hands over to the careful path."""

from __future__ import annotations

import json
import struct
import sys
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import pytest
import rfc8785

from opforge_ir.canonical import MAX_DEPTH, MAX_INTEGER, build_pointer, canonical_bytes
from opforge_ir.diagnostics import Diagnostic, DiagnosticError

VECTORS = Path(__file__).parent / "vectors"


def refusal_of(value: object) -> Diagnostic:
    with pytest.raises(DiagnosticError) as caught:
        canonical_bytes(value)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    [diagnostic] = caught.value.diagnostics
    return diagnostic


def nested(depth: int, innermost: list[Any] | dict[str, Any]) -> Any:
    """A value of this depth; the innermost container is the given one."""
    value: Any = innermost
    for _ in range(depth - 1):
        value = [value]
    return value


def test_published_order_of_keys() -> None:
    """RFC 8785 section 3.2.3: keys are sorted by their UTF-16 code units."""
    value = json.loads((VECTORS / "sorting.input.json").read_bytes())
    assert canonical_bytes(value) == (VECTORS / "sorting.canonical.json").read_bytes()


def test_published_serialization() -> None:
    """RFC 8785 sections 3.2.2 and 3.2.4: the example, less its numbers, which are floats."""
    value = json.loads((VECTORS / "serialization.input.json").read_bytes())
    published = (VECTORS / "serialization.canonical.json").read_bytes()
    assert published == bytes.fromhex((VECTORS / "serialization.canonical.hex").read_text())
    assert rfc8785.dumps(value) == published
    assert refusal_of(value).code.name == "E_VALUE_FLOAT"
    numbers = rfc8785.dumps(value.pop("numbers"))
    assert canonical_bytes(value) == published.replace(b'"numbers":' + numbers + b",", b"")


@pytest.mark.parametrize(
    "sample", json.loads((VECTORS / "numbers.json").read_bytes()), ids=lambda sample: sample["bits"]
)
def test_published_numbers_are_floats_and_refused(sample: dict[str, str | None]) -> None:
    """RFC 8785 Appendix B. The oracle of our other tests writes them as published."""
    number = struct.unpack(">d", bytes.fromhex(sample["bits"] or ""))[0]
    assert refusal_of(number).code.name == "E_VALUE_FLOAT"
    assert refusal_of({"numbers": [1, number]}).pointer == "/numbers/1"
    if sample["json"] is None:
        with pytest.raises(rfc8785.FloatDomainError):
            rfc8785.dumps(number)
    else:
        assert rfc8785.dumps(number).decode() == sample["json"]


def test_every_code_point_is_escaped_as_published() -> None:
    """RFC 8785 section 3.2.2.2: which characters are escaped and how; all others are as they are."""
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    characters = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]
    written = [short.get(c, f"\\u{ord(c):04x}" if ord(c) < 0x20 else c) for c in characters]
    fast_path = characters.index("\U00010000")

    def expected(strings: list[str]) -> bytes:
        return ("[" + ",".join(f'"{string}"' for string in strings) + "]").encode()

    assert orjson.dumps(characters) == expected(written)
    assert canonical_bytes(characters[:fast_path]) == expected(written[:fast_path])
    assert canonical_bytes(characters) == expected(written)


def test_astral_keys_sort_before_the_end_of_the_basic_plane() -> None:
    """U+1F600 is D83D DE00 in UTF-16, so it sorts before U+FB33, whose code point is lower."""
    value = {"\ufb33": 1, "\U0001f600": 2, "\ue000": 3, "\ud7ff": 4}
    assert list(orjson.loads(canonical_bytes(value))) == ["\ud7ff", "\U0001f600", "\ue000", "\ufb33"]
    assert orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != canonical_bytes(value)


@pytest.mark.parametrize("value", [0, 1, -1, 2**31, 2**53 - 2, MAX_INTEGER, -MAX_INTEGER])
def test_exact_integers(value: int) -> None:
    assert canonical_bytes([value]) == f"[{value}]".encode()


@pytest.mark.parametrize("exponent", [53, 63, 64, 128, 255, 256, 20_000])
def test_integers_out_of_range(exponent: int) -> None:
    for value in (2**exponent, 2**exponent + 1, -(2**exponent), -(2**exponent) - 1):
        assert refusal_of({"n": [value]}).code.name == "E_VALUE_INTEGER"
        assert refusal_of({"n": [value]}).pointer == "/n/0"
        assert refusal_of(value).values == {"bits": value.bit_length()}
        assert refusal_of(["\U0001f600", value]).pointer == "/1"


@pytest.mark.parametrize(
    "value", [1.0, -0.0, 0.5, 1e20, 1e21, 9007199254740993.0, float("nan"), float("inf"), float("-inf")]
)
def test_floats(value: float) -> None:
    for place, document in (
        ("", value),
        ("/0", [value]),
        ("/a", {"a": value}),
        ("/b/1", {"a": None, "b": ["x", value]}),
        ("/1", ["\U0001f600", value]),
    ):
        assert refusal_of(document).code.name == "E_VALUE_FLOAT"
        assert refusal_of(document).pointer == place


@pytest.mark.parametrize("text", ["x:0.5", ",1e5", "[1.2", "12:30.5", ":null", "1,nu", ":-9e", "0u"])
def test_strings_that_look_like_floats_are_written(text: str) -> None:
    assert canonical_bytes({"a": [text, None], text: 1}) == rfc8785.dumps({"a": [text, None], text: 1})


def test_booleans_are_not_integers() -> None:
    assert canonical_bytes([True, 1, False, 0, None]) == b"[true,1,false,0,null]"


class Colour(Enum):
    RED = "red"
    HALF = 0.5


class Level(IntEnum):
    LOW = 1


class Name(StrEnum):
    USDC = "USDC"


class Text(str):
    __slots__ = ()


class Number(int):
    pass


@dataclass
class Record:
    field: int


class Pair(NamedTuple):
    first: int
    second: int


FOREIGN_VALUES: list[object] = [
    b"bytes",
    bytearray(b"x"),
    memoryview(b"x"),
    Decimal(1),
    1j,
    {1, 2},
    frozenset({1}),
    range(3),
    uuid.UUID(int=0),
    date(2024, 1, 1),
    datetime(2024, 1, 1),  # noqa: DTZ001 - with or without a zone
    Colour.RED,
    Colour.HALF,
    Level.LOW,
    Name.USDC,
    Text("a"),
    Number(1),
    Record(1),
    Record,
    Pair(1, 2),
    OrderedDict(a=1),
    MappingProxyType({"a": 1}),
    orjson.Fragment(b'{"b":1, "a":2}'),
    object(),
    len,
    ...,
    compile("1", "x", "eval"),
    iter([]),
]


@pytest.mark.parametrize("value", FOREIGN_VALUES, ids=lambda value: type(value).__name__)
def test_foreign_types(value: object) -> None:
    """`marshal` raises ValueError for any object that is not of its types; orjson writes only JSON types."""
    for place, document in (
        ("", value),
        ("/0", [value]),
        ("/0", (value,)),
        ("/a~1b/c~0/2", {"a/b": {"c~": [1, 2, value]}}),
        ("/1", ["\U0001f600", value]),
    ):
        refusal = refusal_of(document)
        assert (refusal.code.name, refusal.pointer) == ("E_VALUE_TYPE", place)
        assert refusal.values == {"type": type(value).__name__}


def test_foreign_types_in_the_dict_of_an_instance() -> None:
    """CPython may keep the members of such a dict in the instance, where a walk over the dict misses them."""
    for value, code in (
        (0.5, "E_VALUE_FLOAT"),
        (uuid.UUID(int=0), "E_VALUE_TYPE"),
        (2**64, "E_VALUE_INTEGER"),
    ):
        record = Record(1)
        record.field = value  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
        assert refusal_of({"a": vars(record)}).code.name == code


@pytest.mark.parametrize("key", [1, None, True, 1.5, b"a", ("a",), Text("a"), Name.USDC], ids=repr)
def test_keys_that_are_not_text(key: object) -> None:
    for document in ({key: 1}, {"other": 1, key: 1}, {"\U0001f600": 1, key: 1}):
        refusal = refusal_of([document])
        assert (refusal.code.name, refusal.pointer) == ("E_VALUE_KEY", "/0")


@pytest.mark.parametrize("units", [[0xD800], [0xDBFF], [0xDC00], [0xDFFF], [0xDE00, 0xD83D]])
def test_lone_surrogates(units: list[int]) -> None:
    """The rfc8785 library raises a bare UnicodeEncodeError for a key and its own error for a value."""
    surrogate = "".join(map(chr, units))
    for place, document in (
        ("", surrogate),
        ("", {surrogate: 1}),
        ("/a/0", {"a": ["x" + surrogate]}),
        ("/a", {"a": {"x" + surrogate: {"b": 0.5}}}),
        ("/1", ["\U0001f600", surrogate]),
    ):
        refusal = refusal_of(document)
        assert (refusal.code.name, refusal.pointer) == ("E_VALUE_SURROGATE", place)
        assert refusal.values == {"surrogate": f"U+{units[0]:04X}"}


def test_values_too_deep() -> None:
    """The limit is the same on the fast and on the careful path, and no depth exhausts the stack."""
    for innermost in ([], {}, [1], {"a": "x"}, ["\U0001f600"], [None]):
        deepest = nested(MAX_DEPTH, innermost)
        assert canonical_bytes(deepest) == b"[" * (MAX_DEPTH - 1) + rfc8785.dumps(innermost) + b"]" * (
            MAX_DEPTH - 1
        )
        for depth in (MAX_DEPTH + 1, MAX_DEPTH + 54, MAX_DEPTH + 55, 1_000, 100_000):
            assert refusal_of(nested(depth, innermost)).code.name == "E_VALUE_TOO_DEEP"
    itself: list[object] = []
    itself.extend([itself, itself])
    assert refusal_of(itself).code.name == "E_VALUE_TOO_DEEP"


def test_too_little_stack_left() -> None:
    """Deep in a recursion of the caller's there may be no room for the careful path; that has a code too."""
    value = nested(MAX_DEPTH, ["\U0001f600"])

    def descend(frames: int) -> bytes:
        return canonical_bytes(value) if frames == 0 else descend(frames - 1)

    assert descend(0) == canonical_bytes(value)
    used = len(list(_frames()))
    with pytest.raises(DiagnosticError) as caught:
        descend(sys.getrecursionlimit() - used - MAX_DEPTH // 2)
    assert [d.code.name for d in caught.value.diagnostics] == ["E_VALUE_TOO_DEEP"]


def _frames() -> list[object]:
    frames: list[object] = []
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


def test_parts_that_occur_twice_are_written_twice() -> None:
    shared = {"a": "x"}
    assert canonical_bytes([shared, shared, (shared,)]) == b'[{"a":"x"},{"a":"x"},[{"a":"x"}]]'


def test_pointers_are_rfc_6901() -> None:
    assert build_pointer([]) == ""
    assert build_pointer(["a/b", "m~n", "", 0]) == "/a~1b/m~0n//0"


@pytest.mark.parametrize("keys", [["x" * 2_000], ["\ud800"]])
def test_pointers_that_cannot_be_shown_are_left_out(keys: list[str]) -> None:
    assert build_pointer(keys) is None
