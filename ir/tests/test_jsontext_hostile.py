"""Any bytes at all: a JSON value or a code, and the fast path never differs from the careful one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opforge_ir.canonical import MAX_DEPTH, JsonValue, canonical_bytes, review_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.json_scanner import scan_json
from opforge_ir.jsontext import read_json

TOKENS = [
    *'[]{}:,"\\ \n\t\r\0\x7f',
    *("null", "true", "false", "NaN", "Infinity", "-Infinity"),
    *(
        "0",
        "-0",
        "1",
        "-1",
        "01",
        "1.0",
        "1.",
        ".5",
        "1e3",
        "1E+3",
        "9007199254740991",
        "9007199254740992",
        "1" * 5_000,
    ),
    *('"a"', '"b"', '"a":', '"b":', '"\\u0061":', '"x:0.5"', '"é"', '"\U0001f600"', '"\\/"'),
    *(r"\u0000", r"\ud83d", r"\ude00", r"\q", "//", "/*", "\ufeff", "\u2028", "'"),
    *("[[[[[", "]]]]]", '{"a":{"b":', "}}"),
]
TOKEN_SOUP = st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats()
    | st.text(max_size=6)
    | st.just("x:0.5"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=15,
)


def outcome(text: str | bytes) -> tuple[str, Any]:
    """What `read_json` makes of bytes, or the careful scanner by itself of a text."""
    try:
        value = read_json(text) if isinstance(text, bytes) else scan_json(text, MAX_DEPTH)
    except DiagnosticError as error:
        for diagnostic in error.diagnostics:
            json.dumps(diagnostic.to_json()).encode()
            diagnostic.message.encode()
        return "refused", [(d.code.number, d.values) for d in error.diagnostics]
    return "read", json.dumps(value)


def expect_agreement(text: str) -> None:
    fast = outcome(text.encode())
    careful = outcome(text)
    if fast[0] == "refused" and careful[0] == "refused" and fast[1][0][0] in ("E0101", "E0104", "E0105"):
        return
    assert fast == careful


@settings(max_examples=3_000)
@given(st.binary(max_size=60))
@example(b"")
@example(b"\xff\xfe")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"9" * 100_000)
def test_random_bytes_give_a_value_or_a_code(data: bytes) -> None:
    """Design, section 6: malformed, huge, hostile input gets a code."""
    kind, result = outcome(data)
    if kind == "refused":
        assert all("E0101" <= number <= "E0117" for number, _ in result)
        assert result
    else:
        assert canonical_bytes(read_json(data))


@settings(max_examples=3_000)
@given(TOKEN_SOUP)
@example("\ufeff[]")
@example('{"a":1,"a":1}')
def test_soup_of_tokens_is_read_alike_by_both_paths(text: str) -> None:
    """When the texts are equal there was neither a duplicate key nor a -0 nor a float."""
    expect_agreement(text)


@settings(max_examples=1_000)
@given(DOCUMENTS, st.sampled_from([None, 1, 4]), st.booleans(), st.sampled_from([(",", ":"), (" , ", " : ")]))
def test_any_spelling_of_a_document_is_read_alike_by_both_paths(
    document: Any, indent: int | None, ensure_ascii: bool, separators: tuple[str, str]
) -> None:
    """White space and the order of keys are free, and so is the spelling of strings."""
    try:
        text = json.dumps(document, indent=indent, ensure_ascii=ensure_ascii, separators=separators)
        text.encode()
    except UnicodeEncodeError:
        return
    expect_agreement(text)
    if outcome(text)[0] == "read":
        assert json.loads(outcome(text)[1]) == document


@settings(max_examples=1_000)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_damaged_documents_give_a_value_or_a_code(chance: random.Random, count: int) -> None:
    """One byte changed, lost or doubled in a real document never raises anything else."""
    data = bytearray(chance.choice([canonical_bytes(DOCUMENT), review_bytes(DOCUMENT)]))
    for _ in range(count):
        place = chance.randrange(len(data))
        data[place : place + 1] = chance.choice(
            [b"", bytes([chance.randrange(256)]), data[place : place + 1] * 2]
        )
    try:
        text = data.decode()
    except UnicodeDecodeError:
        assert outcome(bytes(data))[1][0][0] in ("E0106", "E0105", "E0104")
    else:
        expect_agreement(text)


@settings(max_examples=500)
@given(DOCUMENTS, st.data())
def test_a_doubled_member_is_always_found(document: Any, data: st.DataObject) -> None:
    """Duplicate keys are refused whatever stands around them, in compact and in indented text."""
    try:
        inner = canonical_bytes(document)
    except DiagnosticError:
        return
    key = canonical_bytes(data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=4)))
    blank = data.draw(st.sampled_from([b"", b" ", b"\n"]))
    values = data.draw(st.sampled_from([(inner, inner), (inner, b"0"), (b"0", inner), (b'""', b'" "')]))
    text = b"[{" + key + b":" + values[0] + b"," + blank + key + b":" + values[1] + b"}]"
    kind, result = outcome(text)
    assert (kind, [number for number, _ in result]) == ("refused", ["E0103"])


READ_AND_MEASURE = """
import resource, sys
from opforge_ir.jsontext import DEFAULT_LIMITS, read_json
unit = sys.argv[1].encode()
text = b"[" + unit * ((DEFAULT_LIMITS.max_bytes - 2) // len(unit) - 1) + unit[:-1] + b"]"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
value = read_json(text)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) * (1 if sys.platform == "darwin" else 1024) // len(text))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module exists on Unix only")
@pytest.mark.parametrize("unit", ['{"":0},', "[],", "[[]],", "1,", '"",'])
def test_memory_is_bounded_by_the_size_of_the_input(unit: str) -> None:
    """Limits.max_bytes: parsed JSON takes up to about 40 times its size in memory."""
    measured = subprocess.run(
        [sys.executable, "-c", READ_AND_MEASURE, unit], capture_output=True, text=True, check=True
    )
    assert int(measured.stdout) <= 48


DOCUMENT: JsonValue = {
    "artifact": "workload",
    "head": {"ir_version": "0.1", "name": "portfolio", "note": 'caf\u00e9 \U0001f600 \u2028 \\ " \n'},
    "nodes": [
        {
            "id": f"node_{i}",
            "kind": "call",
            "args": [{"name": f"v{i}"}, {"int": str(10**18 + i)}],
            "ok": True,
            "n": i,
        }
        for i in range(6)
    ],
    "none": None,
}
