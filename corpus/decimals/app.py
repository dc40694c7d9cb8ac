"""Exact decimal numbers: construction, quantize, rounding, and amounts in units."""

from decimal import Decimal

from opforge import op, workload
from opforge.units import ether, gwei

workload("decimals", version="1.0.0", decimal_precision=40)

FEE = Decimal("0.003")
CENT = Decimal("0.01")
FLOOR = ether("0.05") + gwei(21)


@op
def price(raw: int, decimals: int, rate: Decimal = Decimal("1.5")) -> dict[str, Decimal]:
    amount = Decimal(raw) / Decimal(10) ** decimals
    gross = amount * rate
    net = gross - gross * FEE
    whole = int(net)
    return {
        "amount": amount,
        "net": net,
        "cents": net.quantize(CENT),
        "rounded": round(net, 1),
        "fraction": abs(net - whole),
        "floor": Decimal(FLOOR) / 10**18,
        "largest": max(amount, gross, net),
        "sum": sum([amount, gross], Decimal(0)),
    }
