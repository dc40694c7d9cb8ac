"""Compare the on-chain oracle with several exchanges, and raise an alert when it has drifted away."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum
from typing import Optional

from opforge import (
    Address,
    Contract,
    DecodeError,
    Fail,
    HttpError,
    Timeout,
    chain,
    http,
    log,
    on,
    op,
    record,
    workload,
)
from opforge.abi import int256, uint8
from opforge.units import minutes

workload("oracle-deviation", version="0.9.1", decimal_precision=40)

FEED = Address("0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419")
HEARTBEAT = minutes(60)
PAGER = "https://pager.example.com/v2/enqueue"
QUORUM = 2


class Severity(IntEnum):
    OK = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3


@record
class Source:
    name: str
    url: str
    weight: int = 1


@record
class Ticker:
    bid: Decimal
    ask: Decimal
    time: int


@record
class Quote:
    source: str
    price: Decimal
    weight: int


@record
class Rejected:
    source: str
    reason: str


@record
class Verdict:
    severity: Severity
    oracle: Decimal
    market: Optional[Decimal]
    deviation_bp: Optional[Decimal]
    quotes: list[Quote]
    rejected: list[Rejected]
    paged: bool = False


SOURCES = (
    Source("north", "https://api.north.example/ticker/eth-usd", weight=2),
    Source("south", "https://south.example/public/ETHUSD"),
    Source("west", "https://west.example/v3/tickers/ETH-USD"),
)
LIMITS_BP = [
    (Severity.CRITICAL, Decimal(300)),
    (Severity.WARNING, Decimal(100)),
    (Severity.INFO, Decimal(50)),
]
WIDEST_SPREAD = Decimal("0.01")


class Aggregator(Contract):
    @chain.view
    def latestAnswer(self) -> int256: ...

    @chain.view
    def latestTimestamp(self) -> int: ...

    @chain.view
    def decimals(self) -> uint8: ...


def ask_source(source: Source, now: int) -> Quote | Rejected:
    """The middle of bid and ask, or why there is none that can be used."""
    try:
        response = http.get(source.url)
        if response.status != 200:
            return Rejected(source.name, f"status {response.status}")
        ticker: Ticker = response.json()
    except Timeout:
        return Rejected(source.name, "no answer in time")
    except (HttpError, DecodeError):
        return Rejected(source.name, "no answer that can be read")

    if ticker.bid <= 0 or ticker.ask < ticker.bid:
        return Rejected(source.name, f"bid {ticker.bid}, ask {ticker.ask}")
    middle = (ticker.bid + ticker.ask) / 2
    if (ticker.ask - ticker.bid) / middle > WIDEST_SPREAD:
        return Rejected(source.name, "the spread is too wide")
    if abs(now - ticker.time) > HEARTBEAT:
        return Rejected(source.name, f"the quote is of {ticker.time}")
    return Quote(source.name, middle, source.weight)


def weighted_median(quotes: list[Quote]) -> Decimal:
    """The price in the middle when each quote stands as often as its weight says."""
    prices: list[Decimal] = []
    for quote in quotes:
        prices += [quote.price] * quote.weight
    prices.sort()
    half, odd = divmod(len(prices), 2)
    return prices[half] if odd else (prices[half - 1] + prices[half]) / 2


def grade(deviation_bp: Decimal) -> Severity:
    for severity, limit in LIMITS_BP:
        if abs(deviation_bp) >= limit:
            return severity
    return Severity.OK


def page(severity: Severity, text: str) -> bool:
    if severity < Severity.CRITICAL:
        return False
    answer = http.post(PAGER, body=text, headers={"x-severity": severity.name.lower()})
    if not 200 <= answer.status <= 299:
        raise Fail(f"the pager refused the alert with {answer.status}")
    return True


@op(retry=3, timeout="45s", tags=["oracle", "alert"])
@on.block("mainnet", tag="latest", confirmations=2, every=25)
def check(critical_age: int = 2 * HEARTBEAT) -> Verdict:
    """Compare the feed's answer with the weighted median of the exchanges."""
    feed = Aggregator(FEED, network="mainnet")
    answer, updated, decimals = feed.latestAnswer(), feed.latestTimestamp(), feed.decimals()
    at = chain.block("mainnet")
    oracle = Decimal(answer) / Decimal(10) ** decimals
    age = at.timestamp - updated

    quotes: list[Quote] = []
    rejected: list[Rejected] = []
    for source in SOURCES:
        result = ask_source(source, at.timestamp)
        match result:
            case Quote():
                quotes.append(result)
            case Rejected(name, reason):
                log.info(f"{name} is left out: {reason}")
                rejected.append(result)

    market: Decimal | None = None
    deviation: Decimal | None = None
    severity = Severity.OK
    if sum(quote.weight for quote in quotes) >= QUORUM:
        market = weighted_median(quotes)
        deviation = ((oracle - market) / market * 10_000).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
        severity = grade(deviation)
    if age > critical_age:
        severity = Severity.CRITICAL
    elif age > HEARTBEAT:
        severity = max(severity, Severity.WARNING)

    if market is None:
        text = f"oracle {oracle}, and too few quotes to compare it with"
    else:
        text = f"oracle {oracle} against {market}: {deviation} bp"
    match severity:
        case Severity.OK | Severity.INFO:
            log.info(text)
        case Severity.WARNING | Severity.CRITICAL:
            log.warning(f"{severity.name}: {text}, {age} s old")
    paged = page(severity, text)
    return Verdict(severity, oracle, market, deviation, quotes, rejected, paged)
