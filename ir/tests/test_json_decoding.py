"""JSON from outside, read as a value of a type."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.address import checksum_address
from opforge_ir.enums import build_enum_table
from opforge_ir.json_decoding import JsonMismatchError, decode_json
from opforge_ir.types import parse_type
from opforge_ir.values import RecordInstance, ValueCodec

FIELDS = {
    "Quote": (("price", parse_type("Decimal")), ("note", parse_type("Optional[str]"))),
    "lib.Gap": (("reason", parse_type("str")),),
}
LOWER = "0x" + "ab" * 20


CODEC = ValueCodec(
    FIELDS,
    {
        "Side": build_enum_table("str", [("BUY", "buy"), ("SELL", "sell")]),
        "Level": build_enum_table("int", [("LOW", "1"), ("HIGH", "-2")]),
    },
)


def decode(kind: str, text: str) -> Any:
    return decode_json(parse_type(kind), text, CODEC)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "12", 12),
        ("int", '"-12"', -12),
        ("int", "-0", 0),
        ("int", str(2**256), 2**256),
        ("Decimal", "1.50", Decimal("1.50")),
        ("Decimal", '"1e-3"', Decimal("0.001")),
        ("Decimal", "9007199254740993.1", Decimal("9007199254740993.1")),
        ("bool", "true", True),
        ("str", '"12"', "12"),
        ("None", "null", None),
        ("bytes", '"0x0aFf"', b"\x0a\xff"),
        ("Address", f'"{LOWER}"', LOWER),
        ("Address", f'"{checksum_address(LOWER)}"', LOWER),
        ("Optional[int]", "null", None),
        ("Optional[int]", "3", 3),
        ("list[int]", " [1,\n2] ", [1, 2]),
        ("tuple[int,str]", '[1, "a"]', (1, "a")),
        ("dict[str,int]", '{"b": 1, "a": 2}', {"b": 1, "a": 2}),
        ("dict[int,str]", '[[2, "b"], [1, "a"]]', {2: "b", 1: "a"}),
        (
            "Quote",
            '{"price": 3.0, "note": "x", "more": [1.5, null]}',
            RecordInstance("Quote", (Decimal("3.0"), "x")),
        ),
        ("Quote", '{"price": "3"}', RecordInstance("Quote", (Decimal(3), None))),
        ("Side", '"buy"', "buy"),
        ("Level", "-2", -2),
        ("Level", '"1"', 1),
        ("dict[Side,int]", '{"sell": 1}', {"sell": 1}),
        ("dict[Level,int]", "[[1, 2]]", {1: 2}),
        ("set[int]", "[3]", {3}),
        ("Union[Quote,lib.Gap]", '{"Gap": {"reason": "x"}}', RecordInstance("lib.Gap", ("x",))),
        ("Optional[Union[Quote,lib.Gap]]", "null", None),
    ],
)
def test_what_fits_is_read(kind: str, text: str, value: Any) -> None:
    found = decode(kind, text)
    assert (type(found), repr(found)) == (type(value), repr(value))


@pytest.mark.parametrize(
    ("kind", "text", "pointer"),
    [
        ("int", "1.0", ""),
        ("int", "1e3", ""),
        ("int", '" 1"', ""),
        ("int", '"0x10"', ""),
        ("int", "true", ""),
        ("int", "9" * 4301, ""),
        ("Decimal", '"NaN"', ""),
        ("Decimal", "NaN", ""),
        ("Decimal", "1e9999999", ""),
        ("bool", "1", ""),
        ("str", "12", ""),
        ("str", '"\\ud800"', ""),
        ("str", "null", ""),
        ("bytes", '"0x0"', ""),
        ("Address", '"0xAb' + "ab" * 19 + '"', ""),
        ("list[int]", "[1, [2]]", "/1"),
        ("tuple[int,int]", "[1]", ""),
        ("dict[str,int]", '{"a": 1, "b": "c"}', "/b"),
        ("dict[str,int]", '{"a/b": "c"}', "/a~1b"),
        ("dict[str,int]", '{"a": 1, "a": 1}', ""),
        ("dict[int,int]", "[[1, 2], [1, 3]]", "/1"),
        ("Quote", '{"note": "x"}', ""),
        ("Quote", '{"price": null}', "/price"),
        ("Quote", '[{"price": 1}]', ""),
        ("Side", '"BUY"', ""),
        ("Side", "1", ""),
        ("Level", "3", ""),
        ("Level", '"LOW"', ""),
        ("dict[Side,int]", '{"hold": 1}', ""),
        ("set[int]", "[1, 2, 1]", "/2"),
        ("set[int]", '{"a": 1}', ""),
        ("Union[Quote,lib.Gap]", '{"lib.Gap": {"reason": "x"}}', ""),
        ("Union[Quote,lib.Gap]", '{"Gap": {"reason": "x"}, "Quote": {"price": 1}}', ""),
        ("Union[Quote,lib.Gap]", '{"Gap": {"reason": 1}}', "/Gap/reason"),
        ("list[int]", "[1, 2", ""),
        ("list[int]", "[1] [2]", ""),
        ("list[int]", "", ""),
        ("list[int]", "[" * 100_000, ""),
        ("list[int]", '["' + "\\" * 100_000, ""),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(kind: str, text: str, pointer: str) -> None:
    with pytest.raises(JsonMismatchError) as refused:
        decode(kind, text)
    assert refused.value.pointer == pointer
    assert refused.value.problem


@given(st.text() | st.text(alphabet='[]{}",:0123456789.eE-+ntruefalsNI\\ '))
def test_any_text_is_read_or_refused(text: str) -> None:
    for kind in ("Quote", "dict[str,list[int]]", "Optional[Decimal]"):
        with suppress(JsonMismatchError):
            assert decode(kind, text) == decode(kind, text)


@given(st.dictionaries(st.text(), st.lists(st.integers(), max_size=3), max_size=4))
def test_what_a_writer_wrote_is_read(value: dict[str, list[int]]) -> None:
    text = json.dumps(value)
    assert decode("dict[str,list[int]]", text) == value
