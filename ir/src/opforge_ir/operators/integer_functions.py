"""The functions on int that are exact: division with remainder, modular powers, and those of `math`."""

from __future__ import annotations

import math
from typing import Final

from opforge_ir.codes.execution import E_NUMBER_TOO_LONG
from opforge_ir.operators.bounds import (
    MAX_INTEGER_BITS,
    OperationRefusedError,
    bound_integer,
    build_too_long,
)
from opforge_ir.operators.definition import Operator
from opforge_ir.values import MAX_INTEGER_DIGITS

__all__ = ["INTEGER_FUNCTION_OPERATORS"]

_MAX_FACTORS: Final = 2000
"""A product of so many different positive integers is too long."""
_MAX_POWER_DIGITS: Final = 1300
"""Digits of the exponent and the modulus of a modular power, which takes time with the cube of them."""
_POWER_LIMIT: Final = 10**_MAX_POWER_DIGITS


def _power_modulo(a: int, b: int, modulus: int) -> int:
    if max(abs(b), abs(modulus)) >= _POWER_LIMIT:
        raise OperationRefusedError(E_NUMBER_TOO_LONG, limit=_MAX_POWER_DIGITS)
    return pow(a, b, modulus)


def _round(a: int, digits: int) -> int:
    if digits < -MAX_INTEGER_DIGITS - 1:
        return 0
    return bound_integer(round(a, digits)) if digits < 0 else a


def _factorial(n: int) -> int:
    if n > _MAX_FACTORS:
        raise build_too_long()
    return bound_integer(math.factorial(n))


def _combinations(n: int, k: int) -> int:
    # At least (n / fewest) ** fewest, and at least 4 ** fewest / (2 * fewest + 1).
    fewest = min(k, n - k)
    if 2 * fewest > MAX_INTEGER_BITS + MAX_INTEGER_BITS.bit_length():
        raise build_too_long()
    if fewest > 0 and fewest * ((n // fewest).bit_length() - 1) > MAX_INTEGER_BITS:
        raise build_too_long()
    return bound_integer(math.comb(n, k))


def _permutations(n: int, k: int) -> int:
    # k different factors, of which n - k + 1 is the least.
    if 0 < k <= n and (k > _MAX_FACTORS or k * ((n - k + 1).bit_length() - 1) > MAX_INTEGER_BITS):
        raise build_too_long()
    return bound_integer(math.perm(n, k))


def _least_common_multiple(*numbers: int) -> int:
    multiple = 1
    for number in numbers:
        multiple = bound_integer(math.lcm(multiple, number))
    return multiple


_ONE: Final = ("int",)
_TWO: Final = ("int", "int")
_VALUE_ERROR: Final = ("ValueError",)

INTEGER_FUNCTION_OPERATORS: Final = (
    Operator(
        "int.divmod",
        _TWO,
        "tuple[int,int]",
        "`divmod(a, b)`: `(a // b, a % b)`",
        divmod,
        ("ZeroDivisionError",),
    ),
    Operator(
        "int.pow_mod", ("int", "int", "int"), "int", "`pow(a, b, modulus)`", _power_modulo, _VALUE_ERROR
    ),
    Operator("int.round", _TWO, "int", "`round(a, digits)`, half to even", _round),
    Operator("int.gcd", _ONE, "int", "`math.gcd(a, …)`", math.gcd, is_variadic=True),
    Operator("int.lcm", _ONE, "int", "`math.lcm(a, …)`", _least_common_multiple, is_variadic=True),
    Operator("int.isqrt", _ONE, "int", "`math.isqrt(a)`", math.isqrt, _VALUE_ERROR),
    Operator("int.comb", _TWO, "int", "`math.comb(n, k)`", _combinations, _VALUE_ERROR),
    Operator("int.perm", _TWO, "int", "`math.perm(n, k)`", _permutations, _VALUE_ERROR),
    Operator("int.factorial", _ONE, "int", "`math.factorial(n)`", _factorial, _VALUE_ERROR),
)
