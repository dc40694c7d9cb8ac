"""The types and decorators of authors, as plain Python knows them."""

from __future__ import annotations

import copy
import decimal
import inspect
import pickle
from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from house.scripted_host import ScriptedHost
from opforge import (
    Address,
    Block,
    Contract,
    DecodeError,
    EffectError,
    Fail,
    Response,
    chain,
    log,
    op,
    record,
    units,
    workload,
)
from opforge._host import HostMissing, use_host

# From EIP-55 itself.
CHECKSUMMED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]

# --- Address ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", CHECKSUMMED)
def test_an_address_is_the_same_in_every_spelling(text: str) -> None:
    address = Address(text)
    lower, upper = Address(text.lower()), Address("0x" + text[2:].upper())
    assert address == lower == upper
    assert hash(address) == hash(lower) == hash(upper)
    assert {address: 1}[lower] == 1
    assert str(lower) == f"{upper}" == text
    assert f"{lower:>45}" == text.rjust(45)
    assert repr(lower) == f"Address('{text}')"


@pytest.mark.parametrize("text", CHECKSUMMED)
def test_a_wrong_checksum_is_refused_and_the_right_spelling_named(text: str) -> None:
    wrong = text[:3] + text[3:].swapcase()
    with pytest.raises(ValueError, match="EIP-55") as raised:
        Address(wrong)
    assert wrong in str(raised.value)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    "text", ["", "0x", "0x" + "1" * 39, "0x" + "1" * 41, "1" * 40, "0X" + "1" * 40, "0x" + "g" * 40]
)
def test_other_text_is_not_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Address(text)


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_equal_when_their_bytes_are(data: bytes) -> None:
    address = Address("0x" + data.hex())
    assert Address(str(address)) == address
    other = bytes([data[0] ^ 1]) + data[1:]
    assert Address("0x" + other.hex()) != address


def test_an_address_is_not_a_text() -> None:
    address = Address(CHECKSUMMED[0])
    assert not isinstance(address, str)
    assert cast("object", address) != CHECKSUMMED[0]
    assert cast("object", address) != CHECKSUMMED[0].lower()


def test_an_address_cannot_be_changed() -> None:
    address: Any = Address(CHECKSUMMED[0])
    with pytest.raises(AttributeError):
        address._lower = "0x" + "1" * 40
    with pytest.raises(AttributeError):
        del address._lower
    with pytest.raises(AttributeError):
        address.label = "x"


def test_a_copy_of_an_address_is_equal_to_it() -> None:
    address = Address(CHECKSUMMED[0])
    assert copy.copy(address) == copy.deepcopy(address) == address
    assert pickle.loads(pickle.dumps(address)) == address


# --- record -------------------------------------------------------------------------------------------


@record
class Wallet:
    """A wallet."""

    address: Address
    label: str = "unnamed"


@record
class Account:
    address: Address
    label: str = "unnamed"


def test_a_record_takes_its_fields_by_position_or_name() -> None:
    address = Address(CHECKSUMMED[0])
    assert Wallet(address, "hot") == Wallet(label="hot", address=address)
    assert Wallet(address).label == "unnamed"
    assert Wallet.__name__ == "Wallet"
    assert Wallet.__doc__ == "A wallet."


def test_records_of_two_classes_are_never_equal() -> None:
    address = Address(CHECKSUMMED[0])
    assert cast("object", Wallet(address)) != Account(address)
    assert Wallet(address) != Wallet(address, "hot")


def test_a_record_cannot_be_changed() -> None:
    wallet: Any = Wallet(Address(CHECKSUMMED[0]))
    with pytest.raises(FrozenInstanceError):
        wallet.label = "cold"


def test_a_record_is_a_key_when_its_fields_are() -> None:
    address = Address(CHECKSUMMED[0])
    assert {Wallet(address): 1}[Wallet(address)] == 1


# --- Contract -----------------------------------------------------------------------------------------


class Feed(Contract):
    pass


class Token(Contract):
    pass


def test_contracts_are_equal_when_class_address_and_network_are() -> None:
    address, other = Address(CHECKSUMMED[0]), Address(CHECKSUMMED[1])
    assert Feed(address).address == address
    assert Feed(address) == Feed(address)
    assert hash(Feed(address)) == hash(Feed(address))
    assert Feed(address) != Feed(other)
    assert Feed(address) != Feed(address, network="base")
    assert cast("object", Feed(address)) != Token(address)


# --- op and workload ----------------------------------------------------------------------------------


@op
def bare(amount: int, *, scale: int = 2) -> int:
    """Scale an amount."""
    return amount * scale


@op(retry=3, timeout="2m", tags=["daily"])
def configured(amount: int, *, scale: int = 2) -> int:
    """Scale an amount."""
    return amount * scale


@pytest.mark.parametrize("function", [bare, configured])
def test_an_op_is_called_like_its_function_and_keeps_its_face(function: Any) -> None:
    assert function(21) == 42
    assert function(amount=2, scale=5) == 10
    assert function.__name__ in {"bare", "configured"}
    assert function.__doc__ == "Scale an amount."
    assert str(inspect.signature(function, eval_str=True)) == "(amount: int, *, scale: int = 2) -> int"
    with pytest.raises(TypeError):
        function(1, 2)


@op
def third() -> Decimal:
    return Decimal(1) / 3


def test_an_op_computes_in_the_default_context_whatever_the_machine_says() -> None:
    with decimal.localcontext() as machine:
        machine.prec = 3
        machine.rounding = decimal.ROUND_UP
        assert third() == Decimal("0." + "3" * 28)
        assert Decimal(1) / 3 == Decimal("0.334")


def define(source: str) -> dict[str, Any]:
    """The names of a file with this source."""
    names: dict[str, Any] = {
        "__name__": "sample",
        "Decimal": Decimal,
        "op": op,
        "workload": workload,
        "chain": chain,
    }
    exec(source, names)
    return names


def test_a_workload_sets_the_precision_of_its_own_ops() -> None:
    names = define(
        'workload("wide", version="1.0.0", decimal_precision=60)\n'
        "@op\ndef third() -> Decimal:\n    return Decimal(1) / 3\n"
    )
    assert names["third"]() == Decimal("0." + "3" * 60)
    assert third() == Decimal("0." + "3" * 28)


READS = """
@op
def read(owner):
    return [chain.balance(owner), chain.balance(owner), chain.block()]
"""
OWNER = Address(CHECKSUMMED[0])
LATEST = Block(number=9, hash=bytes(32), timestamp=1_700_000_000, network="devnet")


def test_reads_without_a_block_are_pinned_to_one_in_each_call_of_an_op() -> None:
    """As in compiled programs, whose ops read one block at their start."""
    names = define('workload("pinned", version="1.0.0", networks={"devnet": 31337})\n' + READS)
    host = ScriptedHost(lambda request: LATEST if request.verb == "chain.block" else 5)
    with use_host(host):
        assert names["read"](OWNER) == [5, 5, LATEST]
        names["read"](OWNER)
    verbs = ["chain.block", "chain.balance", "chain.balance", "chain.block"]
    assert [request.verb for request in host.asked] == verbs * 2
    assert [request.args.get("network") for request in host.asked] == ["devnet"] * 8
    assert host.asked[1].args["at"] == LATEST


@pytest.mark.parametrize("networks", ["{}", '{"one": 1, "two": 2}'])
def test_a_read_must_say_which_network_it_means(networks: str) -> None:
    names = define(f'workload("unsure", version="1.0.0", networks={networks})\n' + READS)
    with use_host(ScriptedHost(lambda _: LATEST)), pytest.raises(ValueError, match="which network"):
        names["read"](OWNER)


def test_a_read_outside_of_an_op_must_say_at_which_block() -> None:
    with use_host(ScriptedHost(lambda _: LATEST)), pytest.raises(ValueError, match="pass at="):
        chain.balance(OWNER, network="mainnet")


def test_a_host_is_gone_after_its_block() -> None:
    with use_host(ScriptedHost(lambda _: LATEST)):
        chain.block("mainnet")
    with pytest.raises(HostMissing):
        chain.block("mainnet")


# --- errors -------------------------------------------------------------------------------------------


def test_the_text_of_a_fail_is_its_message() -> None:
    assert str(Fail("no wallet is funded")) == "no wallet is funded"


def test_a_missing_host_is_not_an_effect_that_failed() -> None:
    """So that a program which catches effect errors does not hide it."""
    assert not issubclass(HostMissing, EffectError)


# --- units --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "smallest"),
    [
        (units.ether("0.5"), 5 * 10**17),
        (units.ether(2), 2 * 10**18),
        (units.ether("1.000000000000000001"), 10**18 + 1),
        (units.ether("-0.1"), -(10**17)),
        (units.gwei("30"), 30 * 10**9),
        (units.wei("7.0"), 7),
        (units.minutes("1.5"), 90),
        (units.hours(2), 7200),
        (units.days("0.5"), 43200),
        (units.seconds(1), 1),
        (units.gwei(Decimal("1e-9")), 1),
        (units.ether(".5e3"), 500 * 10**18),
    ],
)
def test_units_are_exact(amount: int, smallest: int) -> None:
    assert amount == smallest
    assert type(amount) is int


@pytest.mark.parametrize("text", ["0.0000000000000000001", "1/2", "", "one", "NaN", "-Infinity"])
def test_what_is_no_whole_number_of_wei_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        units.ether(text)


@given(st.integers(min_value=-(10**60), max_value=10**60))
def test_units_agree_with_decimals_of_enough_digits(wei: int) -> None:
    with decimal.localcontext(decimal.Context(prec=100)):
        text = format(Decimal(wei).scaleb(-18), "f")
    assert units.ether(text) == wei


# --- Response -----------------------------------------------------------------------------------------


@record
class Quote:
    pair: str
    price: Decimal
    wallet: Wallet | None = None


@record
class Quotes:
    first: Quote
    rest: list[Quote]


def respond(text: str) -> Response:
    return Response(status=200, text=text, headers={})


QUOTE = '{"pair": "A-B", "price": 1.50, "more": true}'
EXPECTED = Quote("A-B", Decimal("1.50"))


def returned(response: Response) -> Quote:
    return response.json()  # type: ignore[no-any-return]


def identity(quote: Quote) -> Quote:
    return quote


def test_json_is_of_the_type_that_the_source_expects() -> None:
    response = respond(QUOTE)
    assigned: Quote = response.json()
    quoted: "Quote" = response.json()  # noqa: UP037  # an annotation in quotes is one as well
    listed: list[Quote] = [each.json() for each in [response, response]]
    keyed: dict[str, Quote] = {"a": response.json()}
    mapped: dict[str, Quote] = {name: respond(QUOTE).json() for name in ["a"]}
    paired: tuple[int, Quote] = (1, response.json())
    chosen: Quote | None = response.json() if response.status == 200 else None
    nested = Quotes(first=response.json(), rest=[response.json()])
    over_lines: Quote = (
        response
        .json(
        )
    )  # fmt: skip
    assert [assigned, quoted, keyed["a"], mapped["a"], paired[1], chosen, over_lines] == [EXPECTED] * 7
    assert listed == [EXPECTED, EXPECTED]
    assert nested == Quotes(EXPECTED, [EXPECTED])
    assert returned(response) == identity(response.json()) == EXPECTED
    if identity(response.json()).price > 1:
        listed.append(identity(quote=response.json()))
    assert f"{identity(response.json()).pair}: {len(listed)}" == "A-B: 3"


def test_json_makes_records_and_addresses() -> None:
    text = QUOTE.replace("true", f'1, "wallet": {{"address": "{CHECKSUMMED[0]}", "label": "hot"}}')
    quote: Quote = respond(text).json()
    assert quote.wallet == Wallet(Address(CHECKSUMMED[0]), "hot")
    pairs: list[tuple[str, bytes]] = respond('[["a", "0x01"]]').json()
    assert pairs == [("a", b"\x01")]


def test_json_that_does_not_fit_says_where() -> None:
    with pytest.raises(DecodeError, match="E_DECODE_FAILED") as raised:
        _: Quote = respond('{"pair": "A-B", "price": true}').json()
    assert str(raised.value) == "E_DECODE_FAILED"
    (note,) = raised.value.__notes__
    assert note == 'the text is not JSON of the type Quote: it is not a number at "/price"'


def test_json_of_no_known_type_is_refused() -> None:
    with pytest.raises(TypeError, match="annotated variable"):
        log.info(respond(QUOTE).json().pair)


def test_json_of_a_type_that_the_language_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        _: list[float] = respond("[1.5]").json()
