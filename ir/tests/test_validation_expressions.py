"""Types of expressions: every kind where it is right, and what each refuses."""

from __future__ import annotations

from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    field_of,
    let,
    list_value,
    lit,
    record_value,
    ref,
    return_node,
)
from opforge_ir.types import parse_type
from opforge_ir.validation import validate_document
from opforge_ir.validation.abi_types import fits_abi

ONE = lit("int", "1")
TRUE = lit("bool", "true")
WALLET = {"Wallet": {"label": "str", "wei": "int"}}


def tuple_value(*items: Json) -> Json:
    return {"kind": "tuple", "items": list(items)}


def dict_value(type_: str, *entries: tuple[Json, Json]) -> Json:
    return {"kind": "dict", "type": type_, "entries": [{"key": k, "value": v} for k, v in entries]}


def cond(test: Json, then: Json, otherwise: Json) -> Json:
    return {"kind": "cond", "test": test, "then": then, "otherwise": otherwise}


def both(*args: Json) -> Json:
    return {"kind": "and", "args": list(args)}


def either(*args: Json) -> Json:
    return {"kind": "or", "args": list(args)}


def decode(type_: str, value: Json) -> Json:
    return {"kind": "decode", "type": type_, "value": value}


def validate(type_: str, value: Json, **tables: Any) -> list[tuple[str, str]]:
    """The codes and places, within the value, of a document whose op defines one value of this type."""
    body = [let("x", type_, value), return_node(ONE)]
    document = build_document({"main": build_op("int", body, {"n": "int", "s": "str"})}, **tables)
    start = "/ops/main/body/0"
    return [(d.code.name, str(d.pointer).removeprefix(start)) for d in validate_document(document)]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", ref("n")),
        ("tuple[int,str]", tuple_value(ref("n"), ref("s"))),
        ("str", field_of(tuple_value(ref("n"), ref("s")), "1")),
        ("dict[str,int]", dict_value("dict[str,int]", (ref("s"), ref("n")), (ref("s"), ONE))),
        (
            "list[list[int]]",
            list_value("list[list[int]]", list_value("list[int]", ONE), list_value("list[int]")),
        ),
        ("int", cond(TRUE, ref("n"), ONE)),
        ("bool", both(TRUE, either(TRUE, TRUE, TRUE))),
        ("list[Wallet]", decode("list[Wallet]", ref("s"))),
        ("Wallet", record_value("Wallet", wei=ref("n"), label=ref("s"))),
        ("int", field_of(record_value("Wallet", label=ref("s"), wei=ref("n")), "wei")),
        ("Optional[int]", lit("Optional[int]", "None")),
        ("Optional[int]", apply("optional.some", ref("n"))),
        ("int", apply("int.max", ref("n"), ONE, ref("n"))),
        ("dict[int,str]", apply("dict.from_pairs", list_value("list[tuple[int,str]]"))),
        ("bool", apply("value.eq", list_value("list[int]"), list_value("list[int]", ONE))),
    ],
)
def test_every_kind_of_expression_is_accepted(type_: str, value: Json) -> None:
    uses_record = "Wallet" in str(value)
    assert validate(type_, value, records=WALLET if uses_record else {}) == []


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("int", tuple_value(ref("n")), ("E_TYPE_CONFLICT", "/value")),
        ("tuple[int]", tuple_value(ref("m")), ("E_UNKNOWN_REF", "/value/items/0")),
        ("str", field_of(tuple_value(ref("s")), "1"), ("E_UNKNOWN_MEMBER", "/value/name")),
        ("str", field_of(tuple_value(ref("s")), "wei"), ("E_UNKNOWN_MEMBER", "/value/name")),
        ("str", field_of(ref("s"), "wei"), ("E_UNKNOWN_MEMBER", "/value/name")),
        ("list[int]", list_value("list[int]", ref("s")), ("E_TYPE_CONFLICT", "/value/items/0")),
        ("int", list_value("int", ref("n")), ("E_TYPE_CONFLICT", "/value/type")),
        ("int", dict_value("int"), ("E_TYPE_CONFLICT", "/value/type")),
        (
            "dict[str,int]",
            dict_value("dict[str,int]", (ref("n"), ref("n"))),
            ("E_TYPE_CONFLICT", "/value/entries/0/key"),
        ),
        (
            "dict[str,int]",
            dict_value("dict[str,int]", (ref("s"), ref("s"))),
            ("E_TYPE_CONFLICT", "/value/entries/0/value"),
        ),
        ("int", cond(ref("n"), ref("n"), ONE), ("E_TYPE_CONFLICT", "/value/test")),
        ("int", cond(TRUE, ref("n"), ref("s")), ("E_TYPE_CONFLICT", "/value/otherwise")),
        ("bool", both(TRUE), ("E_ARGUMENT_COUNT", "/value/args")),
        ("bool", either(TRUE, ref("n")), ("E_TYPE_CONFLICT", "/value/args/1")),
        ("int", decode("int", ref("n")), ("E_TYPE_CONFLICT", "/value/value")),
        ("int", decode("integer", ref("s")), ("E_TYPE_NOT_DEFINED", "/value/type")),
        ("Optional[int]", lit("Optional[int]", "1"), ("E_BAD_LITERAL", "/value/value")),
        (
            "Optional[int]",
            apply("optional.some", lit("None", "None")),
            ("E_OPERATOR_ARGUMENTS", "/value/args"),
        ),
        (
            "Optional[int]",
            apply("optional.some", lit("Optional[int]", "None")),
            ("E_OPERATOR_ARGUMENTS", "/value/args"),
        ),
        (
            "dict[bool,int]",
            apply("dict.from_pairs", list_value("list[tuple[bool,int]]")),
            ("E_DICT_KEY_TYPE", "/type"),
        ),
        ("int", apply("int.max", ONE), ("E_OPERATOR_ARGUMENTS", "/value/args")),
        ("int", apply("int.max", ONE, ONE, ref("s")), ("E_OPERATOR_ARGUMENTS", "/value/args")),
        ("bool", apply("value.eq", ref("n"), ref("s")), ("E_OPERATOR_ARGUMENTS", "/value/args")),
        ("int", apply("list.append", list_value("list[int]"), ONE), ("E_NOT_ALLOWED", "/value/op")),
    ],
)
def test_a_mistake_in_an_expression(type_: str, value: Json, expected: tuple[str, str]) -> None:
    assert expected in validate(type_, value)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("label", "s")], [("E_RECORD_FIELD_MISSING", "/value/fields")]),
        ([], [("E_RECORD_FIELD_MISSING", "/value/fields")] * 2),
        ([("label", "s"), ("wei", "s")], [("E_TYPE_CONFLICT", "/value/fields/1/value")]),
        ([("label", "s"), ("wei", "n"), ("wei", "n")], [("E_DUPLICATE_MEMBER", "/value/fields/2/name")]),
        ([("label", "s"), ("wei", "n"), ("eth", "n")], [("E_UNKNOWN_MEMBER", "/value/fields/2/name")]),
    ],
)
def test_the_fields_of_a_record(fields: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    members = [{"name": name, "value": ref(value)} for name, value in fields]
    value = {"kind": "record", "record": "Wallet", "fields": members}
    assert validate("Wallet", value, records=WALLET) == expected


@pytest.mark.parametrize(
    ("type_", "right", "wrong"),
    [
        ("int", ["0", "-1", "9" * 78], ["", "-0", "00", "+1", "1.0", "1 ", "1_000", "0x1", "\u0661", "1\n"]),
        ("bool", ["true", "false"], ["True", "1", ""]),
        ("bytes", ["0x", "0x00ff"], ["0x0", "00", "0xFF", "0x0\n"]),
        ("Address", ["0x" + "ab" * 20], ["0x" + "AB" * 20, "0x" + "ab" * 19, "0x" + "ab" * 20 + "\n"]),
        ("None", ["None"], ["", "null"]),
        (
            "Decimal",
            ["0", "-0", "1.50", "1E+3", "1E-7", "0E-9", "-12.5", "Infinity", "-Infinity"],
            [
                "",
                "1.",
                ".5",
                "01",
                "1e3",
                "1E3",
                "NaN",
                "-NaN",
                "inf",
                "+Infinity",
                "1E+99999999999999999999",
                "1000E+1",
                "0.0000001",
            ],
        ),
        ("str", ["", "caf\u00e9", "\u65e5\u672c", "a\nb"], ["cafe\u0301", "\u212b"]),
    ],
)
def test_a_value_has_one_spelling(type_: str, right: list[str], wrong: list[str]) -> None:
    code = "E_STRING_NOT_NORMALIZED" if type_ == "str" else "E_BAD_LITERAL"
    assert [text for text in right if validate(type_, lit(type_, text)) != []] == []
    assert [text for text in wrong if validate(type_, lit(type_, text)) != [(code, "/value/value")]] == []


@pytest.mark.parametrize(
    ("abi", "type_", "is_right"),
    [
        ("uint256", "int", True),
        ("int8", "int", True),
        ("uint7", "int", False),
        ("uint264", "int", False),
        ("uint08", "int", False),
        ("uint", "int", False),
        ("uint256", "str", False),
        ("bytes32", "bytes", True),
        ("bytes", "bytes", True),
        ("bytes33", "bytes", False),
        ("bytes0", "bytes", False),
        ("address", "Address", True),
        ("address", "str", False),
        ("bool", "bool", True),
        ("bool", "int", False),
        ("string", "str", True),
        ("uint8[]", "list[int]", True),
        ("uint8[3]", "list[int]", True),
        ("uint8[0]", "list[int]", False),
        ("uint8[][2]", "list[list[int]]", True),
        ("uint8[][2]", "list[int]", False),
        ("function", "bytes", False),
        ("fixed128", "Decimal", False),
    ],
)
def test_the_type_that_carries_an_abi_type(abi: str, type_: str, is_right: bool) -> None:
    assert fits_abi(abi, parse_type(type_)) is is_right
