"""Builtins and functions of math on numbers."""

import math
from math import gcd

from opforge import op, workload

workload("number-functions", version="1.0.0")

LIMIT = math.factorial(10) // math.comb(10, 3)
MODULUS = pow(3, 100, 1_000_007)


@op
def shares(total: int, parts: int, weights: list[int]) -> tuple[int, int, int]:
    quotient, rest = divmod(total, parts)
    common = gcd(total, parts, LIMIT)
    return quotient + math.isqrt(rest), math.lcm(common, 2), math.prod(weights, start=1)


@op
def written(number: int, text: str) -> list[str]:
    return [hex(number), bin(number), oct(number), chr(ord(text) + 1), format(number, ",d"), f"{number=}"]


@op
def read(text: str, base: int) -> int:
    return round(int(text, 16), -2) + int(text, base=base) + pow(base, 3) + pow(base, -1, MODULUS)


@op
def extremes(names: list[str], flags: list[bool]) -> tuple[str, str, int]:
    return min(names, default="none"), max("a", names[0]), sum(flags)
