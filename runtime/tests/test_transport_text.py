"""Hexadecimal text is read strictly, and strangers' text is fit to be printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_runtime.transports.hexadecimal import (
    format_data,
    format_quantity,
    parse_data,
    parse_hash,
    parse_quantity,
)
from opforge_runtime.transports.provider_text import MAX_TEXT_LENGTH, clean_text, get_url_secrets

ENDPOINTS = {
    "https://mainnet.example/v3/0123456789abcdef": "0123456789abcdef",
    "https://user:pass-word@node.example/": "pass-word",
    "https://node.example/rpc?apikey=key%2B0123456789&x=1": "key+0123456789",
    "https://node.example/rpc?apikey=key%2B0123456789": "key%2B0123456789",
    "https://lively-fox-1234.quick.example/": "lively-fox-1234.quick.example",
    "https://node.example/#fragment-key": "fragment-key",
}


@given(st.integers(0, 2**256 - 1))
def test_quantities_round_trip(value: int) -> None:
    assert parse_quantity(format_quantity(value)) == value


@given(st.binary(max_size=100))
def test_data_round_trips(value: bytes) -> None:
    assert parse_data(format_data(value)) == value


@given(st.text(alphabet="0x1aFg_ \n\u0663", max_size=6))
def test_what_is_read_is_what_would_be_written(text: str) -> None:
    quantity, data = parse_quantity(text), parse_data(text)
    assert quantity is None or format_quantity(quantity) == text.lower()
    assert data is None or format_data(data) == text.lower()


def test_a_hash_is_32_bytes_in_lower_case() -> None:
    assert parse_hash("0x" + "AB" * 32) == "0x" + "ab" * 32
    assert [parse_hash(value) for value in ("0x" + "ab" * 31, "ab" * 32, "0x" + "ab" * 32 + "\n", None)] == [
        None
    ] * 4


@pytest.mark.parametrize(("url", "secret"), ENDPOINTS.items())
@pytest.mark.parametrize(
    "shape", ["{}", "key {} expired", "at {url}", "{upper}", "('{}')", "{pad}{}", "{pad} {}"]
)
def test_no_part_of_an_endpoint_is_repeated(url: str, secret: str, shape: str) -> None:
    for padding in ("", "-" * 150, "-" * 195, "-" * 1990):
        text = shape.format(secret, url=url, upper=secret.upper(), pad=padding)
        assert secret[:6].lower() not in clean_text(text, get_url_secrets(url)).lower()


@given(text=st.text(max_size=300), secret=st.text(alphabet="abc123", min_size=6, max_size=20))
def test_text_is_short_printable_and_without_secrets(text: str, secret: str) -> None:
    clean = clean_text(f"{text}{secret}{text}", {secret})
    assert len(clean) <= MAX_TEXT_LENGTH
    assert clean.isprintable()
    assert secret not in clean


def test_ordinary_text_stays_as_it_is() -> None:
    url = "https://node.example/v3/rpc/eth"
    assert clean_text("execution reverted: v3 of eth is not rpc", get_url_secrets(url)) == (
        "execution reverted: v3 of eth is not rpc"
    )
    assert clean_text("a\x1b[31m\n\tb\u202ec") == "a [31m b c"
