"""Contract data, against a second implementation that is written here from the specification.

Contract ABI specification, "Formal Specification of the Encoding".
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.codes import transport as codes
from opforge_ir.diagnostics import Code, DiagnosticError
from opforge_runtime.abi import decode_result, encode_call
from opforge_runtime.abi_type import (
    AbiType,
    ArrayType,
    ElementaryType,
    TupleType,
    find_misfit,
    parse_abi_type,
)

SELECTOR = bytes.fromhex("a9059cbb")
ADDRESS = "0x" + "ab" * 20


def word(value: int) -> bytes:
    return (value % 2**256).to_bytes(32, "big")


def is_dynamic(abi_type: AbiType) -> bool:
    """ "Definition: The following types are called "dynamic"..." """
    match abi_type:
        case ElementaryType(base, size):
            return size is None and base in ("bytes", "string")
        case ArrayType(item, length):
            return length is None or is_dynamic(item)
        case TupleType(components):
            return any(map(is_dynamic, components))


def encode(abi_type: AbiType, value: Any) -> bytes:
    match abi_type:
        case ElementaryType("bytes", None):
            return b"".join((word(len(value)), value, bytes(-len(value) % 32)))
        case ElementaryType("string"):
            return encode(ElementaryType("bytes", None), value.encode())
        case ElementaryType("bytes"):
            padded: bytes = value.ljust(32, b"\0")
            return padded
        case ElementaryType("address"):
            return word(int(value, 16))
        case ElementaryType():
            return word(int(value))
        case ArrayType(item, length):
            count = b"" if length is not None else word(len(value))
            return count + encode_sequence([item] * len(value), value)
        case TupleType(components):
            return encode_sequence(components, value)


def encode_sequence(types: Sequence[AbiType], values: Sequence[Any]) -> bytes:
    """ "enc(X) = head(X(1)) ... head(X(k)) tail(X(1)) ... tail(X(k))" """
    parts = [encode(abi_type, value) for abi_type, value in zip(types, values, strict=True)]
    pairs = list(zip(types, parts, strict=True))
    offset = sum(32 if is_dynamic(abi_type) else len(part) for abi_type, part in pairs)
    heads, tails = b"", b""
    for abi_type, part in pairs:
        if is_dynamic(abi_type):
            heads += word(offset + len(tails))
            tails += part
        else:
            heads += part
    return heads + tails


def as_tuples(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return tuple(map(as_tuples, cast("Sequence[object]", value)))


ELEMENTARY = st.one_of(
    st.builds(ElementaryType, st.sampled_from(["uint", "int"]), st.integers(1, 32).map(lambda n: n * 8)),
    st.builds(ElementaryType, st.just("bytes"), st.integers(1, 32)),
    st.builds(ElementaryType, st.sampled_from(["bool", "address", "bytes", "string"]), st.none()),
)
TYPES: st.SearchStrategy[AbiType] = st.recursive(
    ELEMENTARY,
    lambda inner: (
        st.builds(ArrayType, inner, st.none() | st.integers(1, 3))
        | st.builds(TupleType, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


def values_of(abi_type: AbiType) -> st.SearchStrategy[Any]:
    match abi_type:
        case ElementaryType("uint", int(size)):
            return st.integers(0, 2**size - 1)
        case ElementaryType("int", int(size)):
            return st.integers(-(2 ** (size - 1)), 2 ** (size - 1) - 1)
        case ElementaryType("bytes", size):
            return st.binary(min_size=size or 0, max_size=size or 70)
        case ElementaryType("bool"):
            return st.booleans()
        case ElementaryType("address"):
            return st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
        case ElementaryType():
            return st.text(max_size=40)
        case ArrayType(item, length):
            return st.lists(values_of(item), min_size=length or 0, max_size=3 if length is None else length)
        case TupleType(components):
            return st.tuples(*map(values_of, components))


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[list[AbiType], list[Any]]:
    types = draw(st.lists(TYPES, max_size=3))
    return types, [draw(values_of(abi_type)) for abi_type in types]


@given(typed_values())
def test_both_implementations_write_and_read_the_same(drawn: tuple[list[AbiType], list[Any]]) -> None:
    types, values = drawn
    names = [str(abi_type) for abi_type in types]
    expected = encode_sequence(types, values)
    assert encode_call(SELECTOR, names, values) == SELECTOR + expected
    if expected:
        assert decode_result(names, expected) == as_tuples(values)
        assert decode_result(names, expected + b"more") == as_tuples(values)


@given(TYPES)
def test_types_are_read_as_they_are_written(abi_type: AbiType) -> None:
    assert parse_abi_type(str(abi_type)) == abi_type


def decode_or_code(types: Sequence[AbiType], data: bytes) -> tuple[Any, ...] | Code:
    try:
        return decode_result([str(abi_type) for abi_type in types], data)
    except DiagnosticError as error:
        return error.diagnostics[0].code


@given(typed_values(), st.data())
def test_damaged_data_gives_values_or_a_code(
    drawn: tuple[list[AbiType], list[Any]], data: st.DataObject
) -> None:
    types, values = drawn
    encoded = bytearray(encode_sequence(types, values))
    for _ in range(data.draw(st.integers(1, 3)) if encoded else 0):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(encoded)))
    for damaged in (bytes(encoded), bytes(encoded[:cut])):
        decoded = decode_or_code(types, damaged)
        if isinstance(decoded, tuple):
            assert [find_misfit(*pair) for pair in zip(types, decoded, strict=True)] == [None] * len(types)
        else:
            assert decoded in (codes.E_ABI_DATA_EMPTY, codes.E_ABI_DATA_MALFORMED)


@given(TYPES, st.binary(max_size=200))
def test_random_data_gives_values_or_a_code(abi_type: AbiType, data: bytes) -> None:
    decoded = decode_or_code([abi_type], data)
    if isinstance(decoded, tuple):
        assert find_misfit(abi_type, decoded[0]) is None
    else:
        assert decoded in (codes.E_ABI_DATA_EMPTY, codes.E_ABI_DATA_MALFORMED)


def test_bytes_of_the_specification() -> None:
    """Section "Examples": `sam(bytes,bool,uint256[])` called with `"dave"`, `true` and `[1,2,3]`."""
    dave = "64617665".ljust(64, "0")
    words = [
        word(0x60),
        word(1),
        word(0xA0),
        word(4),
        bytes.fromhex(dave),
        word(3),
        word(1),
        word(2),
        word(3),
    ]
    selector = bytes.fromhex("a5643bf2")
    data = encode_call(selector, ["bytes", "bool", "uint256[]"], [b"dave", True, [1, 2, 3]])
    assert data == selector + b"".join(words)


@pytest.mark.parametrize(
    ("abi_type", "value"),
    [
        ("uint8", 256),
        ("uint8", -1),
        ("uint8", True),
        ("uint8", "1"),
        ("uint8", 1.0),
        ("int8", 128),
        ("int8", -129),
        ("bool", 1),
        ("address", ADDRESS.upper()),
        ("address", "0x" + "AB" * 20),
        ("address", ADDRESS[2:]),
        ("address", ADDRESS + "\n"),
        ("address", bytes(20)),
        ("bytes4", b"abc"),
        ("bytes4", b"abcde"),
        ("bytes4", "0x01020304"),
        ("bytes", "0x"),
        ("string", b"text"),
        ("string", "\ud800"),
        ("uint8[2]", [1]),
        ("uint8[]", [1, 256]),
        ("uint8[]", "12"),
        ("uint8[][2]", [[1], 2]),
        ("(uint8,bool)", (1,)),
        ("(uint8,bool)", (1, 2)),
        ("(uint8,bool)", {"a": 1}),
    ],
)
def test_values_that_do_not_fit(abi_type: str, value: object) -> None:
    with pytest.raises(DiagnosticError) as caught:
        encode_call(SELECTOR, ["bool", abi_type], [True, value])
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code is codes.E_ABI_VALUE
    assert str(diagnostic.values["problem"]).startswith("argument 2 holds what is not a ")


def test_as_many_values_as_types() -> None:
    with pytest.raises(DiagnosticError) as caught:
        encode_call(SELECTOR, ["bool"], [True, True])
    assert caught.value.diagnostics[0].code is codes.E_ABI_VALUE


@pytest.mark.parametrize(
    "abi_type",
    [
        *(
            "",
            "uint",
            "uint7",
            "uint264",
            "uint08",
            "int0",
            "bytes0",
            "bytes33",
            "bool8",
            "string1",
            "address20",
        ),
        *(
            "byte",
            "function",
            "fixed128x18",
            "tuple",
            "uint8 ",
            " uint8",
            "uint8[0]",
            "uint8[01]",
            "uint8[-1]",
        ),
        *("uint8[", "uint8]", "uint8[][", "()", "(uint8", "(uint8,)", "(,uint8)", "uint8)", "(uint8)bool"),
        *("(" * 100_000, "uint8" + "[]" * 100_000, "(" * 9 + "uint8" + ")" * 9, "uint8" + "[1]" * 9),
    ],
)
def test_types_that_are_none(abi_type: str) -> None:
    for use in (
        lambda: encode_call(SELECTOR, [abi_type], [1]),
        lambda: decode_result([abi_type], b"\1" * 32),
    ):
        with pytest.raises(DiagnosticError) as caught:
            use()
        assert caught.value.diagnostics[0].code is codes.E_ABI_TYPE_UNKNOWN


def test_nothing_came_back() -> None:
    with pytest.raises(DiagnosticError) as caught:
        decode_result(["uint256"], b"")
    assert caught.value.diagnostics[0].code is codes.E_ABI_DATA_EMPTY
    assert decode_result([], b"") == ()


@pytest.mark.parametrize(
    ("abi_type", "data"),
    [
        ("uint256", b"\1"),
        ("uint8", word(256)),
        ("int8", word(128)),
        ("bool", word(2)),
        ("address", word(2**160)),
        ("bytes4", b"abcd" + b"\1" * 28),
        ("string", word(32) + word(2) + b"\xff\xfe" + bytes(30)),
        ("string", word(32) + word(2) + b"ab" + b"\1" * 30),
        ("bytes", word(64) + word(0)),
        ("bytes", word(-1)),
        ("bytes", word(32) + word(-1)),
        ("bytes[]", word(32) + word(2**64)),
        ("uint256[]", word(32) + word(-1)),
        ("uint256[4][]", word(32) + word(2**200) + word(1)),
    ],
)
def test_data_that_is_no_encoding(abi_type: str, data: bytes) -> None:
    with pytest.raises(DiagnosticError) as caught:
        decode_result([abi_type], data)
    assert caught.value.diagnostics[0].code is codes.E_ABI_DATA_MALFORMED


def test_pointers_at_the_same_bytes_do_not_multiply_them() -> None:
    """8 000 pointers at one text of 100 000 bytes would be 800 megabytes."""
    count = 8_000
    pointers = word(count * 32) * count
    data = word(32) + word(count) + pointers + word(100_000) + b"a" * 100_000
    with pytest.raises(DiagnosticError) as caught:
        decode_result(["string[]"], data)
    assert caught.value.diagnostics[0].code is codes.E_ABI_DATA_MALFORMED


@pytest.mark.parametrize("depth", [1, 4, 8])
def test_deep_structs_are_not_mistaken_for_such_pointers(depth: int) -> None:
    static, dynamic = "(" * depth + "uint256" + ")" * depth, "(" * depth + "string" + ")" * depth
    for abi_type, leaf in ((static, 7), (dynamic, "text")):
        value: Any = leaf
        for _ in range(depth):
            value = (value,)
        assert decode_result([abi_type], encode_call(b"", [abi_type], [value])) == (value,)


def test_eth_abi_is_imported_when_it_is_used() -> None:
    program = (
        "import sys, opforge_runtime.abi; sys.exit('eth_abi' in sys.modules or 'eth_utils' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
