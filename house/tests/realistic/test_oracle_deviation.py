"""The oracle alert: agreement, drift of every size, sources that fall out, a feed that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Fail, HttpError, RpcError, Timeout
from opforge.testing import ChainBlock, HttpPost, Scripted, answers, response

APP = BothWays(ROOT / "corpus/realistic/oracle_deviation/app.py")
app = APP.module
NOW = 1_700_000_000
URLS = {source.name: source.url for source in app.SOURCES}


def ticker(bid: str, ask: str | None = None, age: int = 5) -> object:
    return response({"bid": bid, "ask": ask or bid, "time": NOW - age})


SAME = {name: ticker("2000") for name in URLS}


def world(
    quotes: Mapping[str, object] = SAME,
    *,
    oracle: str = "2000",
    age: int = 60,
    pager: object = response(status=202),
) -> Answers:
    def make() -> Sequence[Scripted]:
        table: Any = {URLS[name]: given for name, given in {**SAME, **quotes}.items()}
        answered: Any = pager
        return [
            answers.block(10, timestamp=NOW),
            answers.call(app.Aggregator.latestAnswer, int(Decimal(oracle) * 10**8)),
            answers.call(app.Aggregator.latestTimestamp, NOW - age),
            answers.call(app.Aggregator.decimals, 8),
            answers.http_get(table),
            answers.http_post(answered),
        ]

    return make


def test_everyone_agrees() -> None:
    ended = APP.run("check", answers=world())
    assert ended.result == app.Verdict(
        severity=app.Severity.OK,
        oracle=Decimal(2000),
        market=Decimal(2000),
        deviation_bp=Decimal("0.00"),
        quotes=[app.Quote(source.name, Decimal(2000), source.weight) for source in app.SOURCES],
        rejected=[],
        paged=False,
    )
    assert ended.lines == ["oracle 2000 against 2000: 0.00 bp"]
    assert [effect for effect in ended.effects if isinstance(effect, ChainBlock)] == [
        ChainBlock("latest", "mainnet"),
        ChainBlock("latest", "mainnet"),
    ]


@pytest.mark.parametrize(
    ("oracle", "severity", "deviation"),
    [
        ("2009.99", "OK", "49.95"),
        ("1990", "INFO", "-50.00"),
        ("2020", "WARNING", "100.00"),
        ("1940.01", "WARNING", "-299.95"),
        ("2060", "CRITICAL", "300.00"),
    ],
)
def test_drift_is_graded(oracle: str, severity: str, deviation: str) -> None:
    ended = APP.run("check", answers=world(oracle=oracle))
    assert (ended.result.severity.name, ended.result.deviation_bp) == (severity, Decimal(deviation))
    posts = [effect for effect in ended.effects if isinstance(effect, HttpPost)]
    assert ended.result.paged is bool(posts) is (severity == "CRITICAL")
    assert len(ended.warnings) == (severity in {"WARNING", "CRITICAL"})


def test_a_critical_drift_is_paged() -> None:
    ended = APP.run("check", answers=world(oracle="2100"))
    text = "oracle 2100 against 2000: 500.00 bp"
    assert ended.warnings == [f"CRITICAL: {text}, 60 s old"]
    assert ended.effects[-1] == HttpPost(
        "https://pager.example.com/v2/enqueue", text, {"x-severity": "critical"}
    )


def test_the_median_is_weighted() -> None:
    quotes = {"north": ticker("1990", "1994"), "south": ticker("2010"), "west": ticker("2020")}
    assert APP.run("check", answers=world(quotes)).result.market == Decimal(2001)
    without = {**quotes, "west": Timeout}
    assert APP.run("check", answers=world(without)).result.market == Decimal(1992)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (response(status=418), "status 418"),
        (response("busy"), "no answer that can be read"),
        (response({"bid": "1", "ask": "1"}), "no answer that can be read"),
        (HttpError, "no answer that can be read"),
        (Timeout, "no answer in time"),
        (ticker("0"), "bid 0, ask 0"),
        (ticker("2001", "2000"), "bid 2001, ask 2000"),
        (ticker("1980", "2010"), "the spread is too wide"),
        (ticker("2000", age=3_601), f"the quote is of {NOW - 3_601}"),
        (ticker("2000", age=-3_601), f"the quote is of {NOW + 3_601}"),
    ],
)
def test_quotes_that_cannot_be_used_are_left_out(answer: object, reason: str) -> None:
    ended = APP.run("check", answers=world({"south": answer}))
    assert ended.result.rejected == [app.Rejected("south", reason)]
    assert ended.lines == [f"south is left out: {reason}", "oracle 2000 against 2000: 0.00 bp"]


def test_too_few_quotes_are_no_market() -> None:
    ended = APP.run("check", answers=world({"north": Timeout, "west": HttpError}, oracle="5"))
    assert (ended.result.market, ended.result.deviation_bp) == (None, None)
    assert ended.result.severity is app.Severity.OK
    assert ended.lines[-1] == "oracle 5, and too few quotes to compare it with"


@pytest.mark.parametrize(
    ("age", "given", "severity"),
    [
        (3_600, {}, "OK"),
        (3_601, {}, "WARNING"),
        (7_201, {}, "CRITICAL"),
        (61, {"critical_age": 60}, "CRITICAL"),
    ],
)
def test_a_feed_that_stands_still(age: int, given: dict[str, int], severity: str) -> None:
    assert APP.run("check", answers=world(age=age), **given).result.severity.name == severity


def test_a_pager_that_refuses_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^the pager refused the alert with 403$"):
        APP.run("check", answers=world(oracle="1", pager=response(status=403)))


def test_a_pager_that_is_away_ends_the_run() -> None:
    with pytest.raises(Timeout):
        APP.run("check", answers=world(oracle="1", pager=Timeout))


def test_a_node_that_is_away_ends_the_run() -> None:
    with pytest.raises(RpcError):
        APP.run("check", answers=lambda: [answers.block(RpcError)])
