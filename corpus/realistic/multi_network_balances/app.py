"""What the treasury holds on every network: native currency, tokens, totals by symbol and by network."""

from decimal import Decimal

import money
from contracts import ERC20
from opforge import Address, Block, Fail, chain, log, on, op, record, workload
from registry import NETWORKS, Network, Tier, tokens_on

workload("multi-network-balances", version="2.0.0")

HOLDERS = {
    "vault": Address("0x66FA9F9D3186B9c13A66B004Fc8bb5F3359C4dEb"),
    "operations": Address("0xA92c36E66A25ee99fF862faa8e87987Be6c7CD13"),
    "grants": Address("0x73E665dc07cDc36DeFDeBE087A6ad95B9f9761b1"),
}
ROLLUP_NAMES = [network.name for network in NETWORKS if network.tier is Tier.ROLLUP]
ROLLUP_LIMIT = Decimal("40.0")
SAME_ASSET = {"WETH": "ETH"}


@record
class Holding:
    holder: str
    symbol: str
    amount: Decimal


@record
class NetworkReport:
    network: str
    block: int
    holdings: list[Holding]


@record
class Report:
    networks: list[NetworkReport]
    totals: dict[str, Decimal]
    by_network: dict[str, dict[str, Decimal]]
    largest: dict[str, str]
    rollup_share: dict[str, Decimal]
    warnings: list[str]


def asset_of(symbol: str) -> str:
    """What a symbol is counted as: wrapped currency is the currency."""
    return SAME_ASSET.get(symbol, symbol)


def read_network(network: Network, at: Block, holders: dict[str, Address]) -> NetworkReport:
    """All holdings on one network that are not zero."""
    tokens = tokens_on(network.name)
    native = {name: chain.balance(owner, at=at) for name, owner in holders.items()}
    raw = {
        (token.symbol): {
            name: ERC20(token.address).balanceOf(owner, at=at) for name, owner in holders.items()
        }
        for token in tokens
    }

    holdings = [
        Holding(holder, network.symbol, money.scale(wei)) for holder, wei in native.items() if wei > 0
    ]
    for token in tokens:
        for holder, amount in raw[token.symbol].items():
            if amount == 0:
                continue
            holdings.append(Holding(holder, token.symbol, money.scale(amount, token.decimals)))
    return NetworkReport(network=network.name, block=at.number, holdings=holdings)


def sum_up(reports: list[NetworkReport]) -> dict[str, dict[str, Decimal]]:
    """For each asset, its amount on each network that holds any."""
    sums: dict[str, dict[str, Decimal]] = {}
    for report in reports:
        for holding in report.holdings:
            asset = asset_of(holding.symbol)
            if asset not in sums:
                sums[asset] = {}
            on_network = sums[asset]
            on_network[report.network] = on_network.get(report.network, Decimal(0)) + holding.amount
    return sums


@on.cron("30 5 * * *", timezone="Europe/Berlin", missed="last")
@on.manual
@op(retry=3, timeout="3m")
def balances(only: list[str] | None = None) -> Report:
    """Read all networks, or only those that are named, each at its own finalized block."""
    names = {network.name for network in NETWORKS}
    for name in only or []:
        if name not in names:
            raise Fail(f"{name} is none of {', '.join(sorted(names))}")

    reports: list[NetworkReport] = []
    for network in NETWORKS:
        if only is not None and network.name not in only:
            continue
        at = chain.block(network.name, tag="finalized")
        reports.append(read_network(network, at, HOLDERS))

    sums = sum_up(reports)
    totals = {asset: sum(parts.values(), Decimal(0)) for asset, parts in sorted(sums.items())}
    largest = {asset: max(parts.items(), key=lambda part: part[1])[0] for asset, parts in sums.items()}
    rollup_share = {
        asset: money.share(
            sum((amount for name, amount in parts.items() if name in ROLLUP_NAMES), Decimal(0)), totals[asset]
        )
        for asset, parts in sums.items()
    }

    warnings: list[str] = []
    for asset, percent in rollup_share.items():
        if percent > ROLLUP_LIMIT:
            warnings.append(f"{percent} % of {money.show(totals[asset], asset)} lie on rollups")
    if not any(report.holdings for report in reports):
        warnings.append("nothing was found at all")
    for line in warnings:
        log.warning(line)
    for asset, total in totals.items():
        log.info(f"{money.show(total, asset, places=4):>30}, most of it on {largest[asset]}")
    return Report(reports, totals, sums, largest, rollup_share, warnings)
