"""Stored values: one form for each value, and what people may write as inputs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.canonical import JsonValue
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.enums import build_enum_table
from opforge_ir.types import DECIMAL, INT, STR, Type, parse_type
from opforge_ir.values import RecordInstance, Value, ValueCodec

CODEC = ValueCodec(
    {"Pair": (("left", INT), ("right", STR)), "lib.Gap": (("reason", STR),)},
    {
        "Side": build_enum_table("str", [("BUY", "buy"), ("SELL", "sell"), ("LONG", "buy")]),
        "Level": build_enum_table("int", [("LOW", "1"), ("HIGH", "10")]),
    },
)
LOWER = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
MIXED = "0x5FbDB2315678afecb367f032d93F642f64180aa3"

SCALARS: dict[str, st.SearchStrategy[Value]] = {
    "int": st.integers(),
    "bool": st.booleans(),
    "str": st.text(st.characters(exclude_categories=["Cs"])),
    "bytes": st.binary(max_size=40),
    "Decimal": st.decimals(allow_nan=False),
    "Address": st.binary(min_size=20, max_size=20).map(lambda b: "0x" + b.hex()),
    "Side": st.sampled_from(["buy", "sell"]),
    "Level": st.sampled_from([1, 10]),
    "Union[Pair,lib.Gap]": st.sampled_from(
        [RecordInstance("Pair", (1, "x")), RecordInstance("lib.Gap", ("late",))]
    ),
    "Pair": st.tuples(st.integers(), st.just("x")).map(lambda pair: RecordInstance("Pair", pair)),
}


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[Type, Value]:
    """A type and a value of it."""
    name = draw(st.sampled_from(sorted(SCALARS)))
    values = SCALARS[name]
    match draw(st.sampled_from(["plain", "list", "Optional", "dict", "tuple"])):
        case "list":
            return parse_type(f"list[{name}]"), draw(st.lists(values, max_size=4))
        case "Optional":
            return parse_type(f"Optional[{name}]"), draw(st.none() | values)
        case "dict":
            return parse_type(f"dict[int,{name}]"), draw(st.dictionaries(st.integers(), values, max_size=4))
        case "tuple":
            return parse_type(f"tuple[{name},bool]"), (draw(values), draw(st.booleans()))
        case _:
            return parse_type(name), draw(values)


@given(typed_values())
def test_a_value_is_read_as_it_was_written(case: tuple[Type, Value]) -> None:
    kind, value = case
    stored = CODEC.encode(kind, value)
    assert CODEC.decode(kind, stored) == value
    assert CODEC.encode(kind, CODEC.decode(kind, stored)) == stored
    assert repr(CODEC.decode(kind, stored, is_input=True)) == repr(value)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("Side", "buy", "buy"),
        ("Level", 10, "10"),
        ("set[int]", {10, 9, -1}, ["-1", "9", "10"]),
        ("set[Level]", {10, 1}, ["1", "10"]),
        ("set[str]", {"b", "B", "a"}, ["B", "a", "b"]),
        ("set[bytes]", {b"\x01", b""}, ["0x", "0x01"]),
        ("set[int]", set[int](), list[JsonValue]()),
        ("Union[Pair,lib.Gap]", RecordInstance("lib.Gap", ("x",)), {"lib.Gap": {"reason": "x"}}),
        ("dict[Side,int]", {"sell": 1}, [["sell", "1"]]),
    ],
)
def test_the_stored_form(kind: str, value: Value, stored: JsonValue) -> None:
    assert CODEC.encode(parse_type(kind), value) == stored
    assert CODEC.decode(parse_type(kind), stored) == value


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("Side", "BUY"),
        ("Side", "1"),
        ("Level", "2"),
        ("Level", True),
        ("set[int]", ["2", "1"]),
        ("set[int]", ["1", "1"]),
        ("set[int]", {"1": "1"}),
        ("Union[Pair,lib.Gap]", {"Gap": {"reason": "x"}}),
        ("Union[Pair,lib.Gap]", {}),
        ("Union[Pair,lib.Gap]", {"reason": "x"}),
    ],
)
def test_what_is_no_stored_form(kind: str, stored: JsonValue) -> None:
    with pytest.raises(DiagnosticError):
        CODEC.decode(parse_type(kind), stored)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({"left": "1"}, [("E_VALUE_FIELD_MISSING", "right")]),
        ({}, [("E_VALUE_FIELD_MISSING", "left"), ("E_VALUE_FIELD_MISSING", "right")]),
        ({"left": "1", "right": "x", "rigth": "y"}, [("E_VALUE_FIELD_UNKNOWN", "rigth")]),
        (
            {"left": "1", "rihgt": "y"},
            [("E_VALUE_FIELD_MISSING", "right"), ("E_VALUE_FIELD_UNKNOWN", "rihgt")],
        ),
    ],
)
def test_a_record_says_which_field_is_wrong(stored: JsonValue, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(DiagnosticError) as refused:
        CODEC.decode(parse_type("list[Pair]"), [stored])
    found = [(each.code.name, each.values["field"]) for each in refused.value.diagnostics]
    assert found == expected
    assert {each.pointer for each in refused.value.diagnostics} == {"/0"}


def test_an_input_may_be_written_more_freely() -> None:
    assert CODEC.decode(parse_type("Level"), 10, is_input=True) == 10
    assert CODEC.decode(parse_type("set[int]"), [2, "1"], is_input=True) == {1, 2}
    with pytest.raises(DiagnosticError):
        CODEC.decode(parse_type("set[int]"), [1, "1"], is_input=True)


def test_a_dict_keeps_its_order() -> None:
    kind = parse_type("dict[str,int]")
    assert CODEC.encode(kind, {"b": 1, "a": 2}) == [["b", "1"], ["a", "2"]]


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("int", 1),
        ("int", "01"),
        ("int", "+1"),
        ("int", "1_0"),
        ("int", "9" * 4301),
        ("bool", "true"),
        ("bytes", "0x1"),
        ("bytes", "0xAB"),
        ("Address", MIXED),
        ("Address", "0x12"),
        ("Decimal", "one"),
        ("None", "None"),
        ("list[int]", {"a": "1"}),
        ("tuple[int,int]", ["1"]),
        ("dict[str,int]", {"a": "1"}),
        ("dict[str,int]", [["a", "1"], ["a", "2"]]),
        ("Pair", ["1", "x"]),
    ],
)
def test_other_stored_forms_are_refused(kind: str, stored: JsonValue) -> None:
    with pytest.raises(DiagnosticError) as refused:
        CODEC.decode(parse_type(kind), stored)
    assert [d.code.name for d in refused.value.diagnostics] == ["E_VALUE_MISMATCH"]


def test_the_place_of_a_wrong_part_is_named() -> None:
    with pytest.raises(DiagnosticError) as refused:
        CODEC.decode(
            parse_type("list[Pair]"), [{"left": "1", "right": "x"}, {"left": True, "right": "x"}], "/in"
        )
    assert refused.value.diagnostics[0].pointer == "/in/1/left"


@pytest.mark.parametrize(
    ("kind", "given_by_a_person", "value"),
    [
        ("int", 5, 5),
        ("Decimal", 5, Decimal(5)),
        ("Address", MIXED, LOWER),
        ("Address", "0x" + LOWER[2:].upper(), LOWER),
        ("dict[str,int]", {"a": 1}, {"a": 1}),
        ("bytes", "0xAB", b"\xab"),
    ],
)
def test_what_people_may_write(kind: str, given_by_a_person: JsonValue, value: Value) -> None:
    assert CODEC.decode(parse_type(kind), given_by_a_person, is_input=True) == value


def test_a_mixed_case_address_must_have_its_checksum() -> None:
    """EIP-55: the letter case carries a checksum."""
    with pytest.raises(DiagnosticError):
        CODEC.decode(parse_type("Address"), MIXED.replace("F", "f", 1), is_input=True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(INT, -(10**4300 - 1)), (DECIMAL, Decimal("-1." + "3" * 9_999 + "E-999999999999999999"))],
)
def test_the_longest_numbers_are_read_again(kind: Type, value: Value) -> None:
    codec = ValueCodec({})
    assert codec.decode(kind, codec.encode(kind, value)) == value
