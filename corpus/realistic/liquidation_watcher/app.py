"""Watch borrowers of a lending market, and say who is close to liquidation."""

from collections.abc import Sequence
from decimal import Decimal
from enum import IntEnum

from opforge import (
    Address,
    Block,
    Contract,
    EffectError,
    Reverted,
    chain,
    http,
    log,
    on,
    op,
    record,
    workload,
)
from opforge.abi import uint128

workload("liquidation-watcher", version="1.0.2")

NETWORK = "mainnet"
MARKET = Address("0xc3d688B66703497DAA19211EEdff47f25384cdc3")
ALERTS = "https://alerts.example.org/liquidations"
PRICE_SCALE = 10**8
BASE_SCALE = 10**6
NO_DEBT = Decimal("Infinity")


class Risk(IntEnum):
    NONE = 0
    WATCH = 1
    HIGH = 2
    LIQUIDATABLE = 3


@record
class Collateral:
    symbol: str
    token: Address
    feed: Address
    scale: int
    factor: Decimal


@record
class Position:
    account: Address
    debt: Decimal
    backing: Decimal
    health: Decimal
    risk: Risk


@record
class Unreadable:
    account: Address
    reason: str


@record
class Summary:
    block: int
    debt: Decimal
    by_risk: dict[str, int]
    worst: list[Position]
    unreadable: list[Unreadable]


class Market(Contract):
    @chain.view
    def borrowBalanceOf(self, account: Address) -> int: ...

    @chain.view
    def collateralBalanceOf(self, account: Address, asset: Address) -> uint128: ...

    @chain.view
    def getPrice(self, priceFeed: Address) -> int: ...

    @chain.view
    def isLiquidatable(self, account: Address) -> bool: ...


COLLATERALS = [
    Collateral(
        symbol="WETH",
        token=Address("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"),
        feed=Address("0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419"),
        scale=10**18,
        factor=Decimal("0.90"),
    ),
    Collateral(
        symbol="WBTC",
        token=Address("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"),
        feed=Address("0xF4030086522a5bEEa4988F8cA5B36dbC97BeE88c"),
        scale=10**8,
        factor=Decimal("0.80"),
    ),
    Collateral(
        symbol="COMP",
        token=Address("0xc00e94Cb662C3520282E6f5717214004A7f26888"),
        feed=Address("0xA9D4034Da07D8eF31db1CD4119b6a4552FDFbD19"),
        scale=10**18,
        factor=Decimal("0.70"),
    ),
]
THRESHOLDS = {Risk.WATCH: Decimal("1.25"), Risk.HIGH: Decimal("1.05")}


def rate(health: Decimal, is_liquidatable: bool) -> Risk:
    if is_liquidatable:
        return Risk.LIQUIDATABLE
    risk = Risk.NONE
    for level, threshold in THRESHOLDS.items():
        if health < threshold:
            risk = max(risk, level)
    return risk


def back(amounts: Sequence[int], prices: Sequence[int]) -> Decimal:
    """What the collateral is good for, in dollars, each kind at its liquidation factor."""
    total = Decimal(0)
    for collateral, amount, price in zip(COLLATERALS, amounts, prices, strict=True):
        if not amount:
            continue
        value = Decimal(amount * price) / (collateral.scale * PRICE_SCALE)
        total += value * collateral.factor
    return total


@op(retry=3, timeout="30s")
def inspect(account: Address, at: Block) -> Position:
    """One borrower's debt and what backs it."""
    market = Market(MARKET, network=NETWORK)
    debt = Decimal(market.borrowBalanceOf(account, at=at)) / BASE_SCALE
    amounts = [market.collateralBalanceOf(account, each.token, at=at) for each in COLLATERALS]
    prices = [market.getPrice(each.feed, at=at) for each in COLLATERALS]
    backing = back(amounts, prices)
    health = backing / debt if debt else NO_DEBT
    liquidatable = market.isLiquidatable(account, at=at)
    return Position(account, debt, backing, health, rate(health, liquidatable))


def read_all(accounts: list[Address], at: Block) -> list[Position | Unreadable]:
    found: list[Position | Unreadable] = []
    for account in accounts:
        try:
            position = inspect(account, at)
        except Reverted as reverted:
            found.append(Unreadable(account, f"reverted: {reverted}"))
        except EffectError:
            found.append(Unreadable(account, "the node did not answer"))
        else:
            found.append(position)
    return found


def report(position: Position) -> None:
    body = f'{{"account": "{position.account}", "health": "{position.health:.4f}", "risk": {position.risk.value}}}'
    try:
        response = http.post(ALERTS, body, headers={"content-type": "application/json"})
        if response.status >= 300:
            log.warning(f"the alert service answered {response.status}")
    except EffectError:
        log.warning(f"nobody could be told about {position.account}")
    finally:
        log.info(f"{position.account} is {position.risk.name} at {position.health:.2f}")


@on.message("borrowers.changed")
@op(retry=1, timeout="10m", tags=["monitoring"])
def watch(accounts: list[Address], worst: int = 5) -> Summary:
    """Read every borrower at one block, alert about those in danger, and sum up."""
    at = chain.block(NETWORK)
    unique = list(dict.fromkeys(accounts))
    positions: list[Position] = []
    unreadable: list[Unreadable] = []
    for entry in read_all(unique, at):
        if isinstance(entry, Unreadable):
            unreadable.append(entry)
        else:
            positions.append(entry)

    positions.sort(key=lambda position: (position.health, str(position.account)))
    by_risk: dict[str, int] = {}
    for position in positions:
        name = position.risk.name.lower()
        by_risk[name] = by_risk.get(name, 0) + 1
        if position.risk >= Risk.HIGH:
            report(position)

    if unreadable and not positions:
        log.warning("no borrower could be read")
    return Summary(
        block=at.number,
        debt=sum((position.debt for position in positions), start=Decimal(0)),
        by_risk=by_risk,
        worst=[position for position in positions[:worst] if position.risk is not Risk.NONE],
        unreadable=unreadable,
    )
