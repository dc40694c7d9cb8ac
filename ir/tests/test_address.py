"""EIP-55 checksums and ABI selectors against published vectors."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.address import checksum_address, is_address, is_checksum_valid
from opforge_ir.document import MAX_CHAIN_ID
from opforge_ir.ids import is_segment
from opforge_ir.networks import WELL_KNOWN_NETWORKS
from opforge_ir.selector import function_selector, keccak_256

# The vectors of EIP-55.
CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_vectors_of_eip_55(address: str) -> None:
    assert checksum_address(address.lower()) == address
    assert is_checksum_valid(address)


@given(st.binary(min_size=20, max_size=20))
def test_a_swapped_letter_breaks_the_checksum(raw: bytes) -> None:
    spelled = checksum_address("0x" + raw.hex())
    assert is_checksum_valid(spelled)
    letter = re.search("[a-f]", spelled)
    if letter and re.search("[A-F]", spelled):
        swapped = spelled[: letter.start()] + letter[0].upper() + spelled[letter.end() :]
        assert is_checksum_valid(swapped) == (swapped[2:] == swapped[2:].upper())


@pytest.mark.parametrize(
    "text", ["", "0x", "0x" + "0" * 39, "0X" + "0" * 40, "0x" + "g" * 40, "0x" + "0" * 40 + "\n"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)
    assert not is_checksum_valid(text)
    with pytest.raises(ValueError, match="not an address"):
        checksum_address(text)


@pytest.mark.parametrize(
    ("signature", "selector"),
    [
        ("balanceOf(address)", "0x70a08231"),
        ("transfer(address,uint256)", "0xa9059cbb"),
        ("decimals()", "0x313ce567"),
        ("symbol()", "0x95d89b41"),
    ],
)
def test_selectors_of_erc_20(signature: str, selector: str) -> None:
    assert function_selector(signature) == selector


def test_keccak_is_not_sha3() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_networks_have_segments_for_names_and_one_chain_id_each() -> None:
    assert all(is_segment(name) for name in WELL_KNOWN_NETWORKS)
    assert len(set(WELL_KNOWN_NETWORKS.values())) == len(WELL_KNOWN_NETWORKS)
    assert all(0 < chain_id <= MAX_CHAIN_ID for chain_id in WELL_KNOWN_NETWORKS.values())
