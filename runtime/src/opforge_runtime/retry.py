"""Which failures are worth another attempt, and when it is made.

Whether there is another attempt is part of what a history is derived from, so it goes by code alone. How long
is waited is not: no event tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from opforge_ir.codes import driving, transport
from opforge_ir.diagnostics import Code
from opforge_ir.document import Policy
from opforge_runtime.interpreter import EffectRequest

__all__ = ["SESSION_CODES", "TRANSIENT_CODES", "choose_delay_ms", "is_retried"]

TRANSIENT_CODES: Final[frozenset[Code]] = frozenset(
    {
        driving.E_ATTEMPT_TIMEOUT,
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

_MOST_DOUBLINGS: Final = 40


def is_retried(request: EffectRequest, code: Code) -> bool:
    """Whether a request that failed with this code may be made again.

    A side effect may where doing it twice is doing it once: by its nature, or by its idempotency key.
    """
    effect = request.site.verb.effect
    return code in TRANSIENT_CODES and (
        effect == "read" or (effect == "side_effect" and request.is_repeatable)
    )


def choose_delay_ms(policy: Policy, failures: int, random_below: Callable[[int], int]) -> int:
    """How long to wait after so many failures of a request, in milliseconds.

    Fixed, or twice as long after each failure, up to the cap; with jitter anything from 0 to that, each
    equally likely ("full jitter", Brooker 2015).
    """
    backoff = policy.backoff
    delay_ms = backoff.first_ms
    if backoff.kind == "exponential":
        delay_ms <<= min(failures - 1, _MOST_DOUBLINGS)
    delay_ms = min(delay_ms, backoff.cap_ms)
    return random_below(delay_ms + 1) if backoff.jitter == "full" else delay_ms
