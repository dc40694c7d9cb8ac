"""What a list of wallets holds at one block: native and token balances, totals and a report."""

from decimal import Decimal

from opforge import Address, chain, log, op, record, workload
from tokens import ERC20, TOKENS

workload("portfolio", version="1.0.0", networks={"devnet": 31337})

NATIVE_DECIMALS = 18


@record
class Wallet:
    address: Address
    label: str


@record
class Token:
    address: Address
    symbol: str
    decimals: int


@record
class Holding:
    symbol: str
    amount: Decimal


@record
class Position:
    label: str
    address: Address
    holdings: list[Holding]


@record
class Report:
    block: int
    positions: list[Position]
    totals: list[Holding]
    lines: list[str]


def scaled(raw: int, decimals: int) -> Decimal:
    """An amount in whole tokens: exact, because the divisor is a power of ten."""
    return Decimal(raw) / Decimal(10) ** decimals


def holdings_of(native: int, raw: list[int], tokens: list[Token]) -> list[Holding]:
    """The non-zero holdings of one wallet, the native one first."""
    holdings = [Holding(symbol="ETH", amount=scaled(native, NATIVE_DECIMALS))]
    for amount, token in zip(raw, tokens):
        if amount > 0:
            holdings.append(Holding(symbol=token.symbol, amount=scaled(amount, token.decimals)))
    return holdings


def total_of(symbol: str, positions: list[Position]) -> Decimal:
    """The sum of one symbol over all positions."""
    total = Decimal(0)
    for position in positions:
        for holding in position.holdings:
            if holding.symbol == symbol:
                total += holding.amount
    return total


@op(retry=3, timeout="2m")
def snapshot(wallets: list[Wallet]) -> Report:
    """Read every wallet at one block and report what it holds."""
    at = chain.block("devnet", tag="latest")
    symbols = [ERC20(address).symbol(at=at) for address in TOKENS]
    decimals = [ERC20(address).decimals(at=at) for address in TOKENS]
    tokens = [Token(address=a, symbol=s, decimals=d) for a, s, d in zip(TOKENS, symbols, decimals)]

    native = [chain.balance(wallet.address, at=at) for wallet in wallets]
    raw = [[ERC20(token.address).balanceOf(wallet.address, at=at) for token in tokens] for wallet in wallets]

    positions = [
        Position(label=wallet.label, address=wallet.address, holdings=holdings_of(wei, amounts, tokens))
        for wallet, wei, amounts in zip(wallets, native, raw)
    ]
    totals = [
        Holding(symbol=symbol, amount=total_of(symbol, positions))
        for symbol in ["ETH"] + [token.symbol for token in tokens]
    ]
    lines = [f"{total.symbol:<6} {total.amount:>24,.6f}" for total in totals]
    log.info(f"{len(positions)} wallets at block {at.number}")
    return Report(block=at.number, positions=positions, totals=totals, lines=lines)
