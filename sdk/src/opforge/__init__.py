"""What authors of op files import: everything in `__all__` is a word of the language, and nothing else is.

The functions are compiled from their source and never need this package to do anything. It is here for
editors and type checkers, and so that the same functions run as plain Python, under a debugger or a test.
"""

from __future__ import annotations

from opforge import abi, chain, event, http, log, on, random, run, signal, time, units
from opforge._address import Address
from opforge._block import Block
from opforge._contract import Contract
from opforge._errors import (
    ChildFailed,
    DecodeError,
    EffectError,
    Fail,
    HttpError,
    NotGranted,
    RandomError,
    Reverted,
    RpcError,
    Timeout,
)
from opforge._op import op
from opforge._record import record
from opforge._response import Response
from opforge._retry import Retry
from opforge._workload import workload

__all__ = [  # noqa: RUF022  # grouped by use
    # what a file defines
    "on",
    "op",
    "record",
    "Retry",
    "workload",
    # types
    "Address",
    "Block",
    "Contract",
    "Response",
    # capabilities
    "chain",
    "event",
    "http",
    "log",
    "random",
    "run",
    "signal",
    "time",
    # helpers
    "abi",
    "units",
    # failures
    "ChildFailed",
    "DecodeError",
    "EffectError",
    "Fail",
    "HttpError",
    "NotGranted",
    "RandomError",
    "Reverted",
    "RpcError",
    "Timeout",
]
