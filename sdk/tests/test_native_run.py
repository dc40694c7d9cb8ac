"""The examples as plain Python: their pure parts need nothing, their effects need a host."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from house.pins import ROOT
from house.scripted_host import AskedRequest, ScriptedHost
from opforge import Address, Block, Response
from opforge._host import HostMissing, use_host

BLOCK = Block(number=12, hash=bytes(32), timestamp=1_700_000_000, network="devnet")
ALICE = Address("0x" + "a1" * 20)
BOB = Address("0x" + "b0" * 20)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import the op file of an example, as a test beside it would."""
    before = set(sys.modules)

    def load_example(name: str) -> ModuleType:
        monkeypatch.setattr(sys, "path", [str(ROOT / "examples" / name), *sys.path])
        return importlib.import_module(name)

    yield load_example
    for name in set(sys.modules) - before:
        del sys.modules[name]


def answer_chain(request: AskedRequest) -> object:
    """A chain where Alice has 2 ether and Bob nothing, and each token has 6 decimals."""
    args: Any = request.args
    match request.verb, request.static.get("function"):
        case "chain.block", _:
            return BLOCK
        case "chain.balance", _:
            return 2 * 10**18 if args["address"] == ALICE else 0
        case "chain.call", "symbol":
            return f"T{str(args['address'])[2]}"
        case "chain.call", "decimals":
            return 6
        case "chain.call", "balanceOf":
            return 1_500_000 if args["arguments"] == (BOB,) else 0
        case "log.info" | "log.warning", _:
            return None
        case _:
            raise AssertionError(request)


def test_the_pure_parts_of_the_portfolio_run_without_a_host(load: Callable[[str], ModuleType]) -> None:
    portfolio = load("portfolio")
    token = portfolio.Token(address=ALICE, symbol="T", decimals=6)
    assert portfolio.scaled(1_500_000, 6) == Decimal("1.5")
    holdings = portfolio.holdings_of(10**18, [0, 2_000_000], [token, token])
    assert holdings == [portfolio.Holding("ETH", Decimal(1)), portfolio.Holding("T", Decimal(2))]
    position = portfolio.Position("a", ALICE, holdings)
    assert portfolio.total_of("T", [position, position]) == Decimal(4)


def test_the_pure_parts_of_the_other_examples_run_without_a_host(load: Callable[[str], ModuleType]) -> None:
    gas_keeper, price_watch = load("gas_keeper"), load("price_watch")
    assert gas_keeper.FLOOR == 5 * 10**17
    assert gas_keeper.is_low(gas_keeper.FLOOR - 1, gas_keeper.FLOOR)
    assert price_watch.difference_bp(Decimal("1.01"), Decimal("1.00")) == Decimal("100.0")


FIRST_EFFECTS: list[tuple[str, str, dict[str, object], str]] = [
    ("portfolio", "snapshot", {"wallets": []}, "chain.block"),
    ("gas_keeper", "check", {"wallets": []}, "chain.block"),
    ("price_watch", "compare", {}, "http.get"),
]


@pytest.mark.parametrize(("example", "op", "arguments", "verb"), FIRST_EFFECTS)
def test_the_first_effect_of_an_op_asks_for_a_host(
    load: Callable[[str], ModuleType], example: str, op: str, arguments: dict[str, object], verb: str
) -> None:
    with pytest.raises(HostMissing, match=verb):
        getattr(load(example), op)(**arguments)


def test_the_portfolio_runs_under_a_host(load: Callable[[str], ModuleType]) -> None:
    portfolio = load("portfolio")
    host = ScriptedHost(answer_chain)
    with use_host(host):
        report = portfolio.snapshot([portfolio.Wallet(ALICE, "alice"), portfolio.Wallet(BOB, "bob")])
    assert report.block == 12
    alice, bob = report.positions
    assert alice.holdings == [portfolio.Holding("ETH", Decimal(2))]
    assert [holding.amount for holding in bob.holdings] == [Decimal(0), *[Decimal("1.5")] * 3]
    assert report.lines[0] == "ETH                    2.000000"
    assert [total.symbol for total in report.totals] == ["ETH", "T5", "Te", "T9"]
    reads = [request for request in host.asked if request.verb in {"chain.balance", "chain.call"}]
    assert len(reads) == 3 + 3 + 2 + 2 * 3
    assert {request.args["at"] for request in reads} == {BLOCK}
    assert host.asked[-1] == AskedRequest("log.info", {}, {"message": "2 wallets at block 12"})


def test_the_gas_keeper_runs_under_a_host(load: Callable[[str], ModuleType]) -> None:
    gas_keeper = load("gas_keeper")
    host = ScriptedHost(answer_chain)
    with use_host(host):
        low = gas_keeper.check([gas_keeper.Wallet(ALICE, "alice"), gas_keeper.Wallet(BOB, "bob")])
    assert low == [gas_keeper.Report(label="bob", wei=0, low=True)]
    assert host.asked[0] == AskedRequest("chain.block", {"tag": "finalized"}, {"network": "devnet"})
    assert host.asked[-1].args == {"message": "1 of 2 wallets are low: bob"}


def answer_prices(request: AskedRequest) -> object:
    """A quote of 12.5 and an on-chain answer of 12.00."""
    match request.verb, request.static.get("function"):
        case "http.get", _:
            return Response(200, '{"pair": "OPF-DUSD", "price": "12.5"}', {})
        case "chain.call", "latestAnswer":
            return 1200
        case "chain.call", "decimals":
            return 2
        case "time.now", _:
            return 1_700_000_001
        case _:
            return answer_chain(request)


def test_the_price_watch_runs_under_a_host(load: Callable[[str], ModuleType]) -> None:
    price_watch = load("price_watch")
    host = ScriptedHost(answer_prices)
    with use_host(host):
        comparison = price_watch.compare()
    assert comparison == price_watch.Comparison(
        pair="OPF-DUSD",
        quoted=Decimal("12.5"),
        on_chain=Decimal(12),
        difference_bp=Decimal("416.7"),
        alert=True,
        block=12,
        checked_at=1_700_000_001,
    )
    assert host.asked[0].args == {"url": "https://quotes.example/v1/price/OPF-DUSD", "headers": {}}
    assert [request.verb for request in host.asked if request.verb.startswith("log.")] == ["log.warning"]


def test_an_error_of_the_host_reaches_the_program(load: Callable[[str], ModuleType]) -> None:
    price_watch = load("price_watch")
    with (
        use_host(ScriptedHost(lambda _: Response(503, "busy", {}))),
        pytest.raises(AssertionError, match="503"),
    ):
        price_watch.compare()
