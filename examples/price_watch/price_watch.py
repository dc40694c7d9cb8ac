"""Compare a quoted price with the price on chain, and say when they differ too much."""

from decimal import Decimal

from opforge import Address, Contract, chain, http, log, op, record, time, workload
from opforge.abi import int256, uint8

workload("price-watch", version="1.0.0", networks={"devnet": 31337})

FEED = Address("0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9")
QUOTE_URL = "https://quotes.example"
BASIS_POINTS = Decimal(10_000)


class PriceFeed(Contract):
    @chain.view
    def latestAnswer(self) -> int256: ...

    @chain.view
    def decimals(self) -> uint8: ...


@record
class Quote:
    pair: str
    price: Decimal


@record
class Comparison:
    pair: str
    quoted: Decimal
    on_chain: Decimal
    difference_bp: Decimal
    alert: bool
    block: int
    checked_at: int


def difference_bp(quoted: Decimal, reference: Decimal) -> Decimal:
    """How far a quote is from the reference, in hundredths of a percent, to one digit."""
    return (abs(quoted - reference) / reference * BASIS_POINTS).quantize(Decimal("0.1"))


@op(retry=2, timeout="1m")
def compare(pair: str = "OPF-DUSD", limit_bp: Decimal = Decimal(50)) -> Comparison:
    """Fetch one quote and one on-chain answer, and compare them."""
    response = http.get(f"{QUOTE_URL}/v1/price/{pair}")
    assert response.status == 200, f"the quote server answered {response.status}"
    quote: Quote = response.json()

    at = chain.block("devnet", tag="latest")
    feed = PriceFeed(FEED)
    on_chain = Decimal(feed.latestAnswer(at=at)) / Decimal(10) ** feed.decimals(at=at)

    difference = difference_bp(quote.price, on_chain)
    alert = difference > limit_bp
    if alert:
        log.warning(f"{pair}: quoted {quote.price}, on chain {on_chain}: {difference} bp apart")
    return Comparison(
        pair=quote.pair,
        quoted=quote.price,
        on_chain=on_chain,
        difference_bp=difference,
        alert=alert,
        block=at.number,
        checked_at=time.now(),
    )
