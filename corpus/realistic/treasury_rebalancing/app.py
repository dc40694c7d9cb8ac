"""Plan the trades that bring the treasury back to its target weights. It plans only: nothing is sent."""

from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Final

from opforge import Address, Contract, Fail, chain, log, on, op, record, workload
from opforge.abi import int256, uint8
from opforge.units import minutes

workload("treasury-rebalancing", version="2.1.0")

NETWORK: Final = "mainnet"
TREASURY: Final = Address("0x66FA9F9D3186B9c13A66B004Fc8bb5F3359C4dEb")

BASIS_POINTS: Final = 10_000
DRIFT_LIMIT: Final = 2 * Decimal("0.025")
SMALLEST_TRADE: Final = Decimal(5_000)
MAX_TRADES: Final = 8
OLDEST_PRICE: Final = minutes(90)
CENT: Final = Decimal("0.01")


class ERC20(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...

    @chain.view
    def decimals(self) -> uint8: ...


class PriceFeed(Contract):
    @chain.view
    def latestAnswer(self) -> int256: ...

    @chain.view
    def latestTimestamp(self) -> int: ...

    @chain.view
    def decimals(self) -> uint8: ...


class Action(StrEnum):
    HOLD = "hold"
    TRIM = "trim"
    TOP_UP = "top-up"


@record
class Asset:
    symbol: str
    token: Address
    feed: Address
    target_bp: int


@record
class Position:
    symbol: str
    amount: Decimal
    price: Decimal
    value: Decimal
    weight: Decimal
    drift: Decimal
    action: Action


@record
class Trade:
    sell: str
    buy: str
    usd: Decimal


@record
class Plan:
    block: int
    total: Decimal
    positions: list[Position]
    trades: list[Trade]
    left_over: dict[str, Decimal]


ASSETS: Final = [
    Asset(
        "USDC",
        Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
        Address("0x8fFfFfd4AfB6115b954Bd326cbe7B4BA576818f6"),
        target_bp=5_000,
    ),
    Asset(
        "WETH",
        Address("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"),
        Address("0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419"),
        target_bp=3_500,
    ),
    Asset(
        "WBTC",
        Address("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"),
        Address("0xF4030086522a5bEEa4988F8cA5B36dbC97BeE88c"),
        target_bp=1_500,
    ),
]
TARGET_TOTAL: Final = sum(asset.target_bp for asset in ASSETS)


def scaled(raw: int, decimals: int) -> Decimal:
    return Decimal(raw).scaleb(-decimals)


def to_cents(usd: Decimal) -> Decimal:
    return usd.quantize(CENT, rounding=ROUND_DOWN)


def choose_action(drift: Decimal) -> Action:
    """What to do about a weight that is off its target by this share of the total."""
    if abs(drift) < DRIFT_LIMIT:
        return Action.HOLD
    return Action.TRIM if drift > 0 else Action.TOP_UP


def match_gaps(gaps: dict[str, Decimal]) -> tuple[list[Trade], dict[str, Decimal]]:
    """Sell the largest surplus for the largest shortfall until one side is used up.

    Returns the trades and what they leave of the gaps.
    """
    left = dict(gaps)
    trades: list[Trade] = []
    rounds = 0
    while rounds < MAX_TRADES:
        rounds += 1
        by_size = sorted(left.items(), key=lambda gap: gap[1])
        (short, missing), (long, surplus) = by_size[0], by_size[-1]
        usd = to_cents(min(-missing, surplus))
        if usd < SMALLEST_TRADE:
            break
        trades.append(Trade(sell=long, buy=short, usd=usd))
        left[long] -= usd
        left[short] += usd
    return trades, {symbol: gap for symbol, gap in left.items() if gap != 0}


def describe(position: Position) -> str:
    return (
        f"{position.symbol:<5} {position.value:>16,.2f} USD  {position.weight:7.2%}"
        f"  {position.drift:+.2%}  {position.action.value}"
    )


@on.cron("0 7 * * mon", missed="last")
@op(retry=3, timeout="2m", tags=["treasury", "plan"], concurrency=4)
def plan(drift_limit: Decimal = DRIFT_LIMIT) -> Plan:
    """Value the treasury at one finalized block and say which trades restore the targets."""
    assert TARGET_TOTAL == BASIS_POINTS, f"the targets add up to {TARGET_TOTAL} basis points"

    at = chain.block(NETWORK, tag="finalized")
    raw = [ERC20(asset.token).balanceOf(TREASURY, at=at) for asset in ASSETS]
    decimals = [ERC20(asset.token).decimals(at=at) for asset in ASSETS]
    answers = [PriceFeed(asset.feed).latestAnswer(at=at) for asset in ASSETS]
    updated = [PriceFeed(asset.feed).latestTimestamp(at=at) for asset in ASSETS]
    places = [PriceFeed(asset.feed).decimals(at=at) for asset in ASSETS]

    for asset, answer, seconds in zip(ASSETS, answers, updated, strict=True):
        if answer <= 0:
            raise Fail(f"the feed of {asset.symbol} answers {answer}")
        if (age := at.timestamp - seconds) > OLDEST_PRICE:
            raise Fail(f"the price of {asset.symbol} is {age // 60} minutes old")

    amounts = [scaled(balance, digits) for balance, digits in zip(raw, decimals)]
    prices = [scaled(answer, digits) for answer, digits in zip(answers, places)]
    values = [amount * price for amount, price in zip(amounts, prices)]
    total = sum(values, Decimal(0))
    if not total:
        raise Fail("the treasury is empty")

    positions: list[Position] = []
    gaps: dict[str, Decimal] = {}
    for index, asset in enumerate(ASSETS):
        target = Decimal(asset.target_bp) / BASIS_POINTS
        weight = values[index] / total
        position = Position(
            symbol=asset.symbol,
            amount=amounts[index],
            price=prices[index],
            value=to_cents(values[index]),
            weight=round(weight, 4),
            drift=round(weight - target, 4),
            action=choose_action(weight - target),
        )
        positions.append(position)
        gaps[asset.symbol] = values[index] - target * total
        log.info(describe(position))

    if all(abs(position.drift) < drift_limit for position in positions):
        return Plan(at.number, to_cents(total), positions, trades=[], left_over={})

    trades, left_over = match_gaps(gaps)
    for number, trade in enumerate(trades, start=1):
        log.warning(f"{number}. sell {trade.usd:,} USD of {trade.sell} for {trade.buy}")
    return Plan(at.number, to_cents(total), positions, trades, left_over)
