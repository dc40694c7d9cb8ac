"""Both forms of generated documents, against the rfc8785 library and against each other."""

from __future__ import annotations

import random
import re
from typing import Any, cast

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from opforge_ir.canonical import MAX_INTEGER, REVIEW_WIDTH, JsonValue, canonical_bytes, review_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.jsontext import read_json

STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# Where escapes, the order of keys and the search for floats could go wrong.
AWKWARD_TEXT = st.text(
    st.sampled_from(
        list('\x00\x08\x1f\x7f"\\/\u0080\u2028\ud7ff\ue000\ufb33\uffff\U00010000\U0001f600:,[]{}0.e5nul \n')
    ),
    max_size=8,
)
TEXTS = (
    ANY_TEXT | AWKWARD_TEXT | st.sampled_from(["kind", "name", "op", "value", "null", "-0", "1e5", ":0.5"])
)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS
DOCUMENTS: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=40,
)
ANY_PYTHON = st.recursive(
    SCALARS
    | st.floats()
    | st.integers()
    | st.text(st.characters(categories=["Cs", "Lu"]), max_size=3)
    | st.binary(max_size=3)
    | st.uuids()
    | st.dates()
    | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(
            TEXTS | st.text(st.characters(categories=["Cs"]), max_size=2) | st.integers(), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def without_blanks(text: bytes) -> bytes:
    """A JSON text less the white space that is not inside a string."""
    pieces: list[bytes] = []
    end = 0
    for string in STRING.finditer(text):
        pieces += [re.sub(rb"\s", b"", text[end : string.start()]), string[0]]
        end = string.end()
    return b"".join([*pieces, re.sub(rb"\s", b"", text[end:])])


@settings(max_examples=1_000)
@given(DOCUMENTS)
def test_canonical_bytes_equal_those_of_the_rfc8785_library(document: JsonValue) -> None:
    """Contract: the canonical form is RFC 8785."""
    assert canonical_bytes(document) == rfc8785.dumps(cast("Any", document))


@settings(max_examples=500)
@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_the_order_of_insertion_does_not_matter(document: JsonValue, chance: random.Random) -> None:
    """RFC 8785 section 3.2.3: the members of an object are sorted."""

    def shuffled(value: JsonValue) -> JsonValue:
        if isinstance(value, dict):
            items = [(key, shuffled(part)) for key, part in value.items()]
            chance.shuffle(items)
            return dict(items)
        return list(map(shuffled, value)) if isinstance(value, list) else value

    assert canonical_bytes(shuffled(document)) == canonical_bytes(document)
    assert review_bytes(shuffled(document)) == review_bytes(document)


@settings(max_examples=1_000)
@given(DOCUMENTS)
def test_review_form_less_white_space_is_the_canonical_form(document: JsonValue) -> None:
    """Design, section 5: strip the white space and the canonical bytes remain."""
    assert without_blanks(review_bytes(document)) == canonical_bytes(document)


@settings(max_examples=500)
@given(DOCUMENTS)
def test_the_reader_accepts_both_forms(document: JsonValue) -> None:
    """Three forms of one thing: what is read from either form is the document."""
    for text in (canonical_bytes(document), review_bytes(document)):
        assert canonical_bytes(read_json(text)) == canonical_bytes(document)


@settings(max_examples=500)
@given(DOCUMENTS)
def test_review_form_is_made_of_lines(document: JsonValue) -> None:
    """`review_bytes`: LF line ends, a final newline, two spaces per level, no joined line too long."""
    text = review_bytes(document).decode()
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\t" not in text
    level = 0
    for line in text.removesuffix("\n").split("\n"):
        content = line.lstrip(" ")
        assert content == line[2 * (level - (content[0] in "]}")) :]
        assert content == content.rstrip()
        level += (content[-1] in "[{") - (content[0] in "]}")
        if re.search(r"[\[{](?![\]}]).*[\]}],?$", STRING.sub(b'""', content.encode()).decode()):
            assert len(line) <= REVIEW_WIDTH


@settings(max_examples=1_000)
@given(ANY_PYTHON)
def test_any_python_value_is_written_right_or_refused_with_a_code(value: object) -> None:
    """`canonical_bytes`: raises DiagnosticError, and no other exception; what it writes is what was given."""
    try:
        written = canonical_bytes(cast("JsonValue", value))
    except DiagnosticError:
        return
    assert written == rfc8785.dumps(cast("Any", value))
    assert b"." not in STRING.sub(b"", written)
