"""The price watch example: as plain Python, and held to a development chain and a local server of quotes."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from examples.price_watch.quote_server import serve_quotes
from house.forge_answers import Forge
from opforge import testing
from opforge.testing import Case, HttpGet, answers, load_cases
from opforge_runtime.devchain.sample import FEED

PROGRAM = Path(__file__).with_name("price_watch.py")
CASES = load_cases(PROGRAM.with_name("price_watch.forge-test.json"))
ON_CHAIN = Fraction(FEED.answer, 10**FEED.decimals)


def test_the_committed_ir_is_what_the_program_compiles_to(assert_reviewed: Callable[[Path], None]) -> None:
    assert_reviewed(PROGRAM)


@pytest.mark.parametrize(
    ("price", "given"),
    [("2.4300", {}), ("2.4175", {}), ("2.40", {"limit_bp": "72.4"}), ("2.40", {"limit_bp": "72.3"})],
)
def test_the_quote_is_compared_with_the_feed(
    record: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, price: str, given: dict[str, str]
) -> None:
    with serve_quotes(price) as (url, paths):
        monkeypatch.setenv("QUOTES_URL", url)
        recorded = record(PROGRAM, "--input", json.dumps({"pair": "OPF-DUSD", **given}))
    assert paths == ["/v1/price/OPF-DUSD"]

    # tenths of a basis point, by whole numbers and fractions only
    tenths = round(abs(Fraction(price) - ON_CHAIN) / ON_CHAIN * 10_000 * 10)
    assert recorded.output["type"] == "Comparison"
    comparison = recorded.output["value"]
    assert comparison["pair"] == "OPF-DUSD"
    assert comparison["quoted"] == price
    assert Fraction(comparison["on_chain"]) == ON_CHAIN
    assert comparison["difference_bp"] == f"{tenths // 10}.{tenths % 10}"
    assert comparison["alert"] is (Fraction(tenths, 10) > Fraction(given.get("limit_bp", "50")))

    recorded.assert_replays_without_a_network()
    recorded.assert_a_changed_byte_is_named("price-watch.compare.call-latestAnswer")


def test_a_quote_server_in_trouble_fails_the_run(
    forge: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serve_quotes("2.43", status=503) as (url, _):
        monkeypatch.setenv("QUOTES_URL", url)
        answer = forge("run", PROGRAM, "--dev", "--json", "--store", tmp_path / "runs.db")
    assert (answer.code, answer.report["result"]["outcome"]) == (3, "failed")
    assert "the quote server answered 503" in answer.report["diagnostics"][0]["message"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_cases_of_the_fixture_hold_as_plain_python(
    import_program: Callable[[Path], Any], case: Case
) -> None:
    case.check(import_program(PROGRAM).compare)


def test_the_pair_stands_in_the_address_of_the_quote(import_program: Callable[[Path], Any]) -> None:
    busy = testing.response("busy", status=503)
    with testing.host(answers.http_get(busy)) as h, pytest.raises(AssertionError, match="answered 503"):
        import_program(PROGRAM).compare("A-B")
    h.assert_effects(HttpGet("https://quotes.example/v1/price/A-B", {}))
