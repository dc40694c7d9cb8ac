"""The arithmetic context that every program computes its `Decimal`s in.

It is CPython's default context as the `decimal` module documents it, with the precision that the workload
names. It is written out here, because a machine may have changed `decimal.DefaultContext`.
"""

from __future__ import annotations

import decimal
from typing import Final

__all__ = ["DEFAULT_PRECISION", "build_decimal_context"]

DEFAULT_PRECISION: Final = 28
"""Significant digits of a result where the workload names no other number."""


def build_decimal_context(precision: int) -> decimal.Context:
    """A new context with this many significant digits, half to even, and the traps of the default context.

    Raises ValueError when `decimal` cannot work with so many digits.
    """
    return decimal.Context(
        prec=precision,
        rounding=decimal.ROUND_HALF_EVEN,
        Emin=-999999,
        Emax=999999,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
    )
