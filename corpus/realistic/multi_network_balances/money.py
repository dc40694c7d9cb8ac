"""Amounts as people read them."""

from decimal import ROUND_HALF_UP, Decimal


def scale(raw: int, decimals: int = 18) -> Decimal:
    """A raw amount in whole units, exact."""
    return Decimal(raw) / Decimal(10) ** decimals


def show(amount: Decimal, symbol: str, *, places: int = 2) -> str:
    """`1,234.50 USDC`."""
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{rounded:,} {symbol}"


def share(part: Decimal, whole: Decimal) -> Decimal:
    """A part in percent of the whole, to one place; nothing of nothing is nothing."""
    if whole == 0:
        return Decimal("0.0")
    return round(100 * part / whole, 1)
