"""Orders: with keys, turned round, in place; and the smallest and largest of items, with a key or a default."""

from decimal import Decimal

from opforge import op, record, workload

workload("sorting", version="1.0.0")


@record
class Holding:
    symbol: str
    amount: int
    price: Decimal


def weight(holding: Holding) -> int:
    return holding.amount * len(holding.symbol)


@op
def rank(holdings: list[Holding], is_falling: bool) -> list[str]:
    by_amount = sorted(holdings, key=lambda h: (-h.amount, h.symbol))
    by_price = sorted(holdings, key=lambda h: h.price, reverse=is_falling)
    by_weight = sorted(holdings, key=weight)
    symbols = [h.symbol for h in by_amount]
    symbols.sort(key=str.lower)
    lengths = [len(s) for s in symbols]
    lengths.sort(reverse=True)
    heaviest = max(holdings, key=weight)
    cheapest = min(holdings, key=lambda h: h.price)
    longest = max(symbols, key=len, default="none")
    prices = sorted((h.price for h in holdings), reverse=True)
    first = min(symbols) + max("a", "b", "c")
    found = [by_price[0].symbol, by_weight[-1].symbol, heaviest.symbol, cheapest.symbol, longest, first]
    return found + [f"{prices[0]} {lengths[0]}"]
