"""Which failures of a read are worth another attempt.

The decision is part of what a history is derived from, so it goes by code alone.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities import Verb
from opforge_ir.codes import transport
from opforge_ir.diagnostics import Code

__all__ = ["SESSION_CODES", "TRANSIENT_CODES", "is_retried"]

TRANSIENT_CODES: Final[frozenset[Code]] = frozenset(
    {
        transport.E_RPC_UNREACHABLE,
        transport.E_RPC_TIMEOUT,
        transport.E_RPC_DISCONNECTED,
        transport.E_RPC_HTTP_STATUS,
        transport.E_RPC_NOT_JSON_RPC,
        transport.E_RPC_IDS,
        transport.E_RPC_VALUE,
        transport.E_RPC_ERROR,
        transport.E_BLOCK_UNKNOWN,
        transport.E_HTTP_UNREACHABLE,
        transport.E_HTTP_TIMEOUT,
        transport.E_HTTP_DISCONNECTED,
        transport.E_HTTP_BODY_ENCODING,
    }
)
"""Another attempt may meet another answer: a node that lags, a limit of requests, a broken connection."""

SESSION_CODES: Final[frozenset[Code]] = frozenset(
    {transport.E_NETWORK_WITHOUT_ENDPOINT, transport.E_WRONG_CHAIN}
)
"""The operator's configuration is wrong. The session stops and the run waits for a resume."""


def is_retried(verb: Verb, code: Code) -> bool:
    """Whether a failure of this verb with this code may be tried again."""
    return verb.effect == "read" and code in TRANSIENT_CODES
