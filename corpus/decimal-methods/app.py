"""Rounding, remainders and methods of Decimal."""

import decimal
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from opforge import op, workload

workload("decimal-methods", version="1.0.0")

CENT = Decimal("0.01")


@op
def price(amount: Decimal, up: bool) -> Decimal:
    rounding = ROUND_HALF_UP if up else ROUND_DOWN
    return amount.quantize(CENT, rounding=rounding) + amount.to_integral_value(decimal.ROUND_CEILING)


@op
def growth(rate: Decimal, years: int) -> tuple[Decimal, int]:
    factor = (1 + rate).ln() * years
    return +factor.exp().normalize(), round(factor.sqrt())


@op
def split(amount: Decimal, lot: Decimal) -> tuple[Decimal, Decimal]:
    if amount.is_nan() or lot.is_zero():
        return amount.copy_abs(), lot.max(0)
    lots, rest = divmod(amount, lot)
    return lots.scaleb(2), rest.copy_sign(amount)
