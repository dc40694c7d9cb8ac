"""Run ids: made at the edge, readable, in the order of time, and not to be guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from opforge_ir.ids import RunId

__all__ = ["build_run_id"]

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: without i, l, o and u, so that an id can be read out."""
_RANDOM_LENGTH: Final = 10
_MAX_NAME_LENGTH: Final = 32


def build_run_id(workload: str, epoch_ms: int, random_below: Callable[[int], int]) -> RunId:
    """An id such as `gas-keeper-20261120t184807-7f3k2m9xqa`: workload, UTC second, 50 random bits.

    `random_below(n)` gives an integer from 0 to n - 1.
    """
    name = re.sub(r"[^a-z0-9]+", "-", workload.lower()).strip("-")[:_MAX_NAME_LENGTH].rstrip("-") or "run"
    second = datetime.fromtimestamp(epoch_ms // 1000, tz=UTC).strftime("%Y%m%dt%H%M%S")
    chance = "".join(_ALPHABET[random_below(len(_ALPHABET))] for _ in range(_RANDOM_LENGTH))
    return RunId(f"{name}-{second}-{chance}")
