"""Integers, Decimals and bools, and what Python converts on the way."""

from decimal import Decimal

from opforge import op, workload

workload("arithmetic", version="1.0.0")

SCALE = 10**6
HALF = Decimal("0.5")


@op
def integers(a: int, b: int) -> list[int]:
    return [a + b, a - b, a * b, a // b, a % b, a**2, -a, +b, abs(a - b), min(a, b, 0), max(a, b), int(a > b)]


@op
def decimals(a: Decimal, n: int) -> list[Decimal]:
    return [a + n, n - a, a * HALF, a / n, a // 3, a % n, a**n, -a, abs(a), round(a, 2), a.quantize(Decimal("0.01"))]


@op
def mixed(flag: bool, n: int, a: Decimal) -> int:
    votes = flag + (n > 3) + sum([int(flag), int(n == 2)])
    return votes * SCALE + int(a) + int(round(a, 0))


@op(tags=["text", "money"])
def texts(n: int, a: Decimal, flag: bool) -> str:
    return f"{n:>12,} {n:#06x} {a:.2f} {a:+} {flag} {flag:d} {str(n)!s:>5}"
