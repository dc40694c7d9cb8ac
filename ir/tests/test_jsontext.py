"""The strict reader, case by case: what each code refuses and where it points."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import opforge_ir
from opforge_ir.canonical import MAX_DEPTH, MAX_INTEGER, JsonValue, canonical_bytes
from opforge_ir.codes import reader
from opforge_ir.diagnostics import Code, Diagnostic, DiagnosticError
from opforge_ir.jsontext import DEFAULT_LIMITS, Limits, check_size, read_json

PAGES = Path(opforge_ir.__file__).parent / "pages"
READER_CODES = [code for code in vars(reader).values() if isinstance(code, Code)]


def refusals_of(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Diagnostic]:
    with pytest.raises(DiagnosticError) as caught:
        read_json(data, limits)
    return caught.value.diagnostics


def refusal_of(data: bytes) -> tuple[str, dict[str, Any]]:
    [diagnostic] = refusals_of(data)
    return diagnostic.code.name, diagnostic.values


def at(line: int, column: int, offset: int, **fields: str | int) -> dict[str, str | int]:
    return {"line": line, "column": column, "offset": offset, **fields}


ACCEPTED: list[tuple[str, JsonValue]] = [
    ("null", None),
    ("true", True),
    (" false ", False),
    ("0", 0),
    ("-1", -1),
    (f"[{MAX_INTEGER}, {-MAX_INTEGER}]", [MAX_INTEGER, -MAX_INTEGER]),
    ('""', ""),
    ("[]", []),
    ("{}", {}),
    ('\r\n\t {"b" : 1 ,\r\n "a" : [ ] }\n', {"b": 1, "a": []}),
    ('"caf\u00e9 \u2028 \U0001f600"', "caf\u00e9 \u2028 \U0001f600"),
    (r'"\u0041\u00e9\/\b\f\n\r\t\"\\"', 'A\u00e9/\b\f\n\r\t"\\'),
    (r'"\ud83d\ude00 \uD83D\uDE00"', "\U0001f600 \U0001f600"),
    (r'"\uDBFF\uDFFF\ufffe\uffff"', "\U0010ffff\ufffe\uffff"),
    ('"\x7f\x80"', "\x7f\x80"),
    (r'{"\u0061": {"a": 1}, "b": {"a": [1, {"a": 2}]}}', {"a": {"a": 1}, "b": {"a": [1, {"a": 2}]}}),
    ('["1.5", "NaN", "x:0.5", ",1e5", "-0"]', ["1.5", "NaN", "x:0.5", ",1e5", "-0"]),
    (r'["x:0.5\/", [], {}, null, true, -7]', ["x:0.5/", [], {}, None, True, -7]),
]


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_accepted(text: str, value: JsonValue) -> None:
    assert read_json(text.encode()) == value
    assert json.dumps(read_json(text.encode())) == json.dumps(value), "the same types in the same order"


def test_nul_is_accepted_as_an_escape_only() -> None:
    """Text decoded from a chain, such as a bytes32 symbol, holds NULs in ordinary use."""
    assert read_json(rb'"MKR\u0000"') == "MKR\0"
    assert canonical_bytes("MKR\0") == rb'"MKR\u0000"'
    assert refusal_of(b'"MKR\0"')[0] == "E_CONTROL_CHARACTER"
    assert refusal_of(b"[1]\0")[0] == "E_TRAILING_BYTES"


def test_both_paths_keep_the_order_of_keys() -> None:
    for text in (b'{"b":1,"a":2,"c":3}', rb'{"b":1,"a":2,"\u0063":3}'):
        assert json.dumps(read_json(text)) == '{"b": 1, "a": 2, "c": 3}'


@pytest.mark.parametrize("data", [b"", b" ", b"\n\r\t "])
def test_empty_document(data: bytes) -> None:
    assert refusal_of(data) == ("E_EMPTY_DOCUMENT", {})


def test_document_too_large() -> None:
    """An over-large file is refused by its size, before it is read; read_json holds the same limit."""
    limit = DEFAULT_LIMITS.max_bytes
    check_size(limit)
    with pytest.raises(DiagnosticError) as caught:
        check_size(limit + 1)
    assert [(d.code.name, d.values) for d in caught.value.diagnostics] == [
        ("E_DOCUMENT_TOO_LARGE", {"size": limit + 1, "limit": limit})
    ]
    assert read_json(b'"' + b"x" * (limit - 2) + b'"') == "x" * (limit - 2)
    assert refusal_of(b'"' + b"x" * (limit - 1) + b'"')[0] == "E_DOCUMENT_TOO_LARGE"
    assert refusals_of(b"[1]", Limits(max_bytes=2))[0].values == {"size": 3, "limit": 2}


@pytest.mark.parametrize(
    ("text", "pointer", "fields"),
    [
        ('{"a": 1, "a": 1}', "", at(1, 10, 9, key="a")),
        ('{"a":1,"b":2,"\\u0061":3}', "", at(1, 14, 13, key="a")),
        ('[0, {"é": {"k": [],\n "k": {}}}]', "/1/é", at(2, 2, 22, key="k")),
        ('{"": 1, "": 2}', "", at(1, 9, 8, key="")),
        ('{"\u202e": 1, "\u202e": 2}', "", at(1, 10, 11, key="\\u202e")),
        ('{"a": {"x": 1e5, "y": 2}, "a": 1}', "", at(1, 27, 26, key="a")),
    ],
)
def test_duplicate_key(text: str, pointer: str, fields: dict[str, str | int]) -> None:
    diagnostic = refusals_of(text.encode())[-1]
    assert (diagnostic.code.name, diagnostic.pointer) == ("E_DUPLICATE_KEY", pointer)
    assert diagnostic.values == fields


@pytest.mark.parametrize("text", [b"{}", b"", b"\xff", b'{"a":1,"a":2}'])
def test_byte_order_mark(text: bytes) -> None:
    assert refusal_of(b"\xef\xbb\xbf" + text) == ("E_BYTE_ORDER_MARK", {})


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wrong_encoding(codec: str) -> None:
    for text in ('{"a": 1}', "[]", "1", '"\u00e9"'):
        assert refusal_of(text.encode(codec)) == ("E_WRONG_ENCODING", {"encoding": codec[:6].upper()})


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"\xff", at(1, 1, 0, byte="0xff")),
        (b'["\xc3\xa9",\n "\xc3\xa9\xe9"]', at(2, 4, 11, byte="0xe9")),
        (b'"\xc0\xaf"', at(1, 2, 1, byte="0xc0")),  # overlong
        (b'"\xe0\x80\xaf"', at(1, 2, 1, byte="0xe0")),  # overlong
        (b'"\xc0\x80"', at(1, 2, 1, byte="0xc0")),  # NUL as some write it
        (b'"\xed\xa0\x80"', at(1, 2, 1, byte="0xed")),  # a surrogate
        (b'"\xed\xa0\xbd\xed\xb8\x80"', at(1, 2, 1, byte="0xed")),  # a pair of them
        (b'"\xf4\x90\x80\x80"', at(1, 2, 1, byte="0xf4")),  # above U+10FFFF
        (b'"\xe2\x82', at(1, 2, 1, byte="0xe2")),  # cut short
    ],
)
def test_invalid_utf8(data: bytes, fields: dict[str, str | int]) -> None:
    assert refusal_of(data) == ("E_INVALID_UTF8", fields)


@pytest.mark.parametrize(
    ("text", "escape"),
    [
        (r'"\ud800"', r"\ud800"),
        (r'"\uDFFF"', r"\uDFFF"),
        (r'"\ud800\ud801"', r"\ud800"),
        (r'"\ud800\u0041"', r"\ud800"),
        (r'"\ud800x"', r"\ud800"),
        (r'"\ud800\n"', r"\ud800"),
        (r'{"\ud800": 1}', r"\ud800"),
        ('"\\ud83d\U0001f600"', r"\ud83d"),
        (r'"\ude00\ud83d"', r"\ude00"),
    ],
)
def test_lone_surrogate(text: str, escape: str) -> None:
    diagnostic = refusals_of(text.encode())[0]
    assert diagnostic.code.name == "E_LONE_SURROGATE"
    assert diagnostic.values["escape"] == escape
    assert {d.code.name for d in refusals_of(text.encode())} == {"E_LONE_SURROGATE"}


def test_members_under_a_broken_key_have_no_pointer() -> None:
    [broken, inner] = refusals_of(rb'{"a": {"\ud800": 1.5}}')
    assert (broken.code.name, broken.pointer) == ("E_LONE_SURROGATE", "/a")
    assert (inner.code.name, inner.pointer) == ("E_FLOAT", None)


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 255, 1_024, 1_025, 100_000, 4_000_000])
def test_too_deep(depth: int) -> None:
    """Depth is limited on both paths, closed or not, and no depth exhausts the stack."""
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"1" + b"}")):
        if depth * len(opening) * 2 > DEFAULT_LIMITS.max_bytes:
            continue
        text = opening * depth + closing[:1] * (len(closing) == 2) + closing[-1:] * depth
        if depth > MAX_DEPTH:
            [diagnostic] = refusals_of(text)
            assert diagnostic.code.name == "E_TOO_DEEP"
            assert diagnostic.values == at(
                1, MAX_DEPTH * len(opening) + 1, MAX_DEPTH * len(opening), limit=MAX_DEPTH
            )
            assert refusals_of(opening * depth)[0].code.name == "E_TOO_DEEP"
        else:
            assert canonical_bytes(read_json(text)) == text
            assert canonical_bytes(read_json(text + b" ")) == text
            assert refusals_of(opening * depth)[0].code.name == "E_TRUNCATED"


def test_a_lower_limit_of_depth() -> None:
    limits = Limits(max_depth=2)
    assert read_json(b"[[1]]", limits) == [[1]]
    assert read_json(rb'[["\/"]]', limits) == [["/"]]
    for text in (b"[[[]]]", b'[[{"a":1}]]', rb'[["\/",[]]]'):
        assert [d.code.name for d in refusals_of(text, limits)] == ["E_TOO_DEEP"]
    assert read_json(b"1", Limits(max_depth=0)) == 1
    for wrong in (-1, MAX_DEPTH + 1):
        with pytest.raises(ValueError, match="max_depth"):
            Limits(max_depth=wrong)


@pytest.mark.parametrize("token", ["NaN", "-NaN", "Infinity", "-Infinity", "+Infinity"])
def test_non_finite_number(token: str) -> None:
    assert refusal_of(f'{{"a": {token}}}'.encode()) == ("E_NON_FINITE_NUMBER", at(1, 7, 6, token=token))


@pytest.mark.parametrize(
    "token",
    ["1.0", "0.1", "-0.0", "1e3", "1E3", "1e-3", "1e+3", "1e400", "1.5e300", "9007199254740993.0", "-1e1"],
)
def test_float(token: str) -> None:
    for text, place in (
        (token, at(1, 1, 0)),
        (f"[1,{token}]", at(1, 4, 3)),
        (f'{{\n"a":{token}}}', at(2, 5, 6)),
        (f'["\\/",{token}]', at(1, 7, 6)),
    ):
        assert refusal_of(text.encode()) == ("E_FLOAT", {**place, "token": token})


@pytest.mark.parametrize("text", ["-0", "[-0]", '{"a":-0}', "[0,-0,1]"])
def test_negative_zero(text: str) -> None:
    offset = text.index("-0")
    assert refusal_of(text.encode()) == ("E_NEGATIVE_ZERO", at(1, offset + 1, offset))


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), 2**53 + 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 2**128, 2**255, 2**256 - 1]
)
def test_integer_range(value: int) -> None:
    name, fields = refusal_of(f"[{value}]".encode())
    assert (name, fields["offset"]) == ("E_INTEGER_RANGE", 1)
    assert str(value).startswith(fields["token"].removesuffix("..."))


@pytest.mark.parametrize("digits", [17, 4_301, 1_000_000])
def test_long_integers(digits: int) -> None:
    """Python refuses to convert more than 4300 digits, with an exception of its own."""
    for sign in ("", "-"):
        assert refusal_of(f"{sign}{'9' * digits}".encode())[0] == "E_INTEGER_RANGE"


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"1 2", at(1, 3, 2, found="2")),
        (b"{}\n{}", at(2, 1, 3, found="{}")),
        (b"[]]", at(1, 3, 2, found="]")),
        (b'""\0', at(1, 3, 2, found="\\u0000")),
        (b"1\x0c", at(1, 2, 1, found="\\u000c")),
        (b"[] // that is all, and it is much", at(1, 4, 3, found="// that is all, and ...")),
        ("{}\u00a0".encode(), at(1, 3, 2, found="\\u00a0")),
        ("[]\ufeff".encode(), at(1, 3, 2, found="\\ufeff")),
    ],
)
def test_trailing_bytes(data: bytes, fields: dict[str, str | int]) -> None:
    assert refusal_of(data) == ("E_TRAILING_BYTES", fields)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("[1,]", at(1, 4, 3, expected="a value", found="]")),
        ("[,1]", at(1, 2, 1, expected="a value", found=",1]")),
        ("[1 2]", at(1, 4, 3, expected='"," or "]"', found="2]")),
        ('{"a" 1}', at(1, 6, 5, expected='":"', found="1}")),
        ('{"a":1,}', at(1, 8, 7, expected="a key", found="}")),
        ('{"a":1;}', at(1, 7, 6, expected='"," or "}"', found=";}")),
        ("{a: 1}", at(1, 2, 1, expected='a key or "}"', found="a: 1}")),
        ("{'a': 1}", at(1, 2, 1, expected='a key or "}"', found="'a': 1}")),
        ("['a']", at(1, 2, 1, expected="a value", found="'a']")),
        ("[01]", at(1, 2, 1, expected="a value", found="01]")),
        ("[+1]", at(1, 2, 1, expected="a value", found="+1]")),
        ("[.5]", at(1, 2, 1, expected="a value", found=".5]")),
        ("[1.]", at(1, 2, 1, expected="a value", found="1.]")),
        ("[1e]", at(1, 2, 1, expected="a value", found="1e]")),
        ("[0x10]", at(1, 2, 1, expected="a value", found="0x10]")),
        ("[1_000]", at(1, 3, 2, expected='"," or "]"', found="_000]")),
        ("[--1]", at(1, 2, 1, expected="a value", found="--1]")),
        ("[-]", at(1, 2, 1, expected="a value", found="-]")),
        ("True", at(1, 1, 0, expected="a value", found="True")),
        ("nulll", at(1, 1, 0, expected="a value", found="nulll")),
        ("[nul]", at(1, 2, 1, expected="a value", found="nul]")),
        ("]", at(1, 1, 0, expected="a value", found="]")),
        ("[}", at(1, 2, 1, expected="a value", found="}")),
        ("[1}", at(1, 3, 2, expected='"," or "]"', found="}")),
        ("\0", at(1, 1, 0, expected="a value", found="\\u0000")),
        ("/* no */ 1", at(1, 1, 0, expected="a value", found="/* no */ 1")),
        ("[\u0661]", at(1, 2, 1, expected="a value", found="\u0661]")),
        ("\u2028[]", at(1, 1, 0, expected="a value", found="\\u2028[]")),
    ],
)
def test_json_syntax(text: str, fields: dict[str, str | int]) -> None:
    assert refusal_of(text.encode()) == ("E_JSON_SYNTAX", fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[", "a value"),
        ("[1", '"," or "]"'),
        ("[1,", "a value"),
        ("{", 'a key or "}"'),
        ('{"a', "the closing quote of a string"),
        ('{"a"', '":"'),
        ('{"a":', "a value"),
        ('{"a":1', '"," or "}"'),
        ('{"a":1,', "a key"),
        ('"abc', "the closing quote of a string"),
        ('"\\', "the rest of an escape"),
        ('"\\u', "the rest of an escape"),
        ('"\\u00e', "the rest of an escape"),
        ('"\\u00e9', "the closing quote of a string"),
    ],
)
def test_truncated(text: str, expected: str) -> None:
    place = at(1, len(text) + 1, len(text))
    assert refusal_of(text.encode()) == ("E_TRUNCATED", {**place, "expected": expected})


@pytest.mark.parametrize("code_point", range(0x20))
def test_control_character(code_point: int) -> None:
    fields = at(1, 4, 3, character=f"U+{code_point:04X}")
    assert refusal_of(b'["a' + bytes([code_point]) + b'"]') == ("E_CONTROL_CHARACTER", fields)
    assert refusal_of(b'{"a' + bytes([code_point]) + b'":1}') == ("E_CONTROL_CHARACTER", fields)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r'"\q"', r"\q"),
        (r'"\x41"', r"\x"),
        (r'"\U0041"', r"\U"),
        (r'"\u12g4"', r"\u12g4"),
        (r'"\u12"', '\\u12"'),
        (r'"\u+123"', r"\u+123"),
        (r'"\u 123"', r"\u 123"),
        ('"\\\n"', r"\\u000a"),
        ('"\\u\u0661\u0661\u0661\u0661"', "\\u\u0661\u0661\u0661\u0661"),
    ],
)
def test_bad_escape(text: str, found: str) -> None:
    assert refusal_of(text.encode()) == ("E_BAD_ESCAPE", at(1, 2, 1, found=found))


def test_one_run_reports_several_problems() -> None:
    text = rb'{"a": 1.5, "b": [NaN, -0, 9007199254740992], "a": "\udc00", "c": [1 2]}'
    assert [(d.code.name, d.pointer) for d in refusals_of(text)] == [
        ("E_FLOAT", "/a"),
        ("E_NON_FINITE_NUMBER", "/b/0"),
        ("E_NEGATIVE_ZERO", "/b/1"),
        ("E_INTEGER_RANGE", "/b/2"),
        ("E_DUPLICATE_KEY", ""),
        ("E_LONE_SURROGATE", "/a"),
        ("E_JSON_SYNTAX", "/c/1"),
    ]


def test_the_number_of_reports_is_bounded() -> None:
    assert len(refusals_of(b"[" + b"1.5," * 1_000 + b"1.5]")) == 20


def test_messages_show_no_more_than_a_piece_of_the_input() -> None:
    for text in (
        b'{"%b":1,"%b":2}' % (b"k" * 10_000, b"k" * 10_000),
        b"1." + b"5" * 10_000,
        b"[" + b"x" * 10_000,
    ):
        assert all(len(d.message) < 250 for d in refusals_of(text))


@pytest.mark.parametrize("code", READER_CODES, ids=lambda code: code.number)
def test_page_of_each_code(code: Code) -> None:
    """Each page has a failing example and its fix (both tested), or names a test that shows it."""
    page = (PAGES / f"{code.number}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code.number} {code.name}\n")
    [bad] = re.findall(r"## Example\n\n```(json bad|text)\n(.*?)```", page, re.DOTALL)
    [good] = re.findall(r"## Fix\n\n```(json good|text)\n(.*?)```\n\n\w", page, re.DOTALL)
    if bad[0] == "text":
        [(test_file, test)] = re.findall(r"## Shown by\n\n`(.*?)::(\w+)`\n", page)
        assert f"def {test}(" in (Path(__file__).parents[2] / test_file).read_text(encoding="utf-8")
    else:
        assert {d.code for d in refusals_of(bad[1].encode())} == {code}
        read_json(good[1].encode())
