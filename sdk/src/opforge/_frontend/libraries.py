"""What to use in place of a library that a program cannot import."""

from __future__ import annotations

from typing import Final

from opforge._frontend.names import hint_for
from opforge._frontend.vocabulary import LIBRARIES

__all__ = ["CONTAINER_CLASSES", "suggest_library", "suggest_name"]

_HTTP: Final = "write `from opforge import http`, and `http.get(url)` or `http.post(url, body)`"
_CHAIN: Final = "write `from opforge import chain`: `chain.balance(owner)`, and a class for each contract"
_INSTEAD: Final = {
    "aiohttp": _HTTP,
    "httpx": _HTTP,
    "requests": _HTTP,
    "urllib": _HTTP,
    "urllib3": _HTTP,
    "eth_account": _CHAIN,
    "eth_utils": _CHAIN,
    "web3": _CHAIN,
    "asyncio": "write it plainly: a comprehension makes its requests side by side",
    "threading": "write it plainly: a comprehension makes its requests side by side",
    "datetime": "count in seconds: `hours(2)` and `days(1)` of opforge.units, and `time.now()`",
    "json": "write `answer: Type = response.json()`, which reads JSON as a type",
    "numpy": "use lists and Decimal: numpy computes with floats",
    "statistics": "write `sum(items) // len(items)`, or `sum(items, Decimal(0)) / len(items)`",
    "logging": "write `from opforge import log`, and `log.info(message)` or `log.warning(message)`",
    "os": "take what the program needs to know as an input of the op",
    "random": "write `from opforge import random`, and `random.integer(low, high)`",
    "secrets": "write `from opforge import random`, and `random.integer(low, high)`",
    "sys": "take what the program needs to know as an input of the op",
    "time": "write `from opforge import time`, and `time.now()` or `time.sleep(seconds)`",
}
_NAMES: Final = {
    "functools.partial": "write a function that makes the call",
    "functools.reduce": "write a for loop",
    "functools.wraps": "call the function in another one",
}


def suggest_name(library: str, name: str) -> str:
    """What to write in place of a name that a library does not have here; empty where nothing is known."""
    instead = _NAMES.get(f"{library}.{name}")
    return f"; {instead}" if instead else ""


CONTAINER_CLASSES: Final = {
    "ChainMap": "write `{**first, **second}`",
    "Counter": "write `counts[key] = counts.get(key, 0) + 1`",
    "OrderedDict": "use a dict, which keeps the order of insertion",
    "UserDict": "use a dict",
    "UserList": "use a list",
    "defaultdict": "write `d.setdefault(key, []).append(item)`, or `d[key] = d.get(key, 0) + n`",
    "deque": "use a list: `items.append(item)` and `items.pop(0)`",
    "namedtuple": "write a class with @record",
}
"""What to write in place of the classes of `collections`."""


def suggest_library(name: str) -> str:
    """What to write in place of an import of this module."""
    top = name.partition(".")[0]
    if top in _INSTEAD:
        return _INSTEAD[top]
    near = hint_for(top, LIBRARIES)
    if near:
        return f"correct the spelling{near}"
    pure = sorted(LIBRARIES - {"__future__", "opforge"})
    return f"use the capabilities of opforge; pure parts of {', '.join(pure)} may be imported"
