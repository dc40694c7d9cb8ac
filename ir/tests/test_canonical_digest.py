"""Digests: the SHA-256 that anyone can compute, in one spelling."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.canonical import canonical_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import DIGEST_PATTERN, digest_bytes, parse_digest

EMPTY_OBJECT = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"""`printf '{}' | sha256sum`"""


def test_digest_is_the_plain_sha256() -> None:
    assert digest_bytes(canonical_bytes({})) == EMPTY_OBJECT
    assert digest_bytes(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_digest_is_read_back() -> None:
    assert parse_digest(EMPTY_OBJECT) == EMPTY_OBJECT


@pytest.mark.parametrize(
    "text",
    [
        "",
        EMPTY_OBJECT[:-1],
        EMPTY_OBJECT + "0",
        EMPTY_OBJECT.upper(),
        "sha256:" + EMPTY_OBJECT,
        "0x" + EMPTY_OBJECT[2:],
        EMPTY_OBJECT + "\n",
        " " + EMPTY_OBJECT[1:],
        EMPTY_OBJECT[:-1] + "g",
        EMPTY_OBJECT[:-1] + "\u0665",
        "\ud800" * 64,
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        parse_digest(text)
    [diagnostic] = caught.value.diagnostics
    assert diagnostic.code.name == "E_DIGEST"
    diagnostic.message.encode()


@given(st.text(max_size=70) | st.from_regex(DIGEST_PATTERN))
def test_the_pattern_and_the_parser_agree(text: str) -> None:
    """DIGEST_PATTERN is the one spelling, as a JSON Schema pattern, where `$` matches only at the end."""
    matches = re.search(DIGEST_PATTERN.replace("$", r"\Z"), text) is not None
    try:
        parsed: str | None = parse_digest(text)
    except DiagnosticError:
        parsed = None
    assert parsed == (text if matches else None)
