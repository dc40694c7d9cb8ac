"""Suggestions for misspelled names."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["NETWORK_NICKNAMES", "hint_for"]

NETWORK_NICKNAMES: Final = {
    "arb": "arbitrum",
    "arbitrum-one": "arbitrum",
    "avax": "avalanche",
    "binance": "bsc",
    "bnb": "bsc",
    "eth": "mainnet",
    "ethereum": "mainnet",
    "ethereum-mainnet": "mainnet",
    "homestead": "mainnet",
    "matic": "polygon",
    "op": "optimism",
    "op-mainnet": "optimism",
    "xdai": "gnosis",
}
"""What people call networks besides the names that they have here."""

_MANY: Final = 500
"""Of more names than this, only those most alike at first sight are compared letter by letter."""


def hint_for(name: str, known: Iterable[str], nicknames: Mapping[str, str] | None = None) -> str:
    """`; did you mean …?` with the nearest known name, or nothing. A nickname suggests what it stands for."""
    names = {each: each for each in known} | dict(nicknames or {})
    candidates = sorted(names)
    if len(candidates) > _MANY:
        alike = [each for each in candidates if each[:1] == name[:1]]
        candidates = heapq.nsmallest(_MANY, alike, key=lambda each: abs(len(each) - len(name)))
    near = difflib.get_close_matches(name, candidates, n=1, cutoff=0.65)
    return f"; did you mean {names[near[0]]}?" if near else ""
