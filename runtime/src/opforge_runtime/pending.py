"""A request on its way to an answer, and when a failure is the end of it."""

from __future__ import annotations

from collections.abc import Sequence

from opforge_ir.diagnostics import Diagnostic
from opforge_ir.digest import Digest
from opforge_ir.errors import find_error
from opforge_ir.values import Value
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest

__all__ = ["Pending", "find_end"]


class Pending:
    """A request of the wave, and what is known of its answer."""

    __slots__ = (
        "attempt",
        "due_at_epoch_ms",
        "fact",
        "failure",
        "failures",
        "instance",
        "is_completed",
        "is_open",
        "position",
        "request",
        "request_digest",
        "state",
        "stored",
        "value",
    )

    def __init__(self, position: int, request: EffectRequest, request_digest: Digest) -> None:
        self.position = position
        """Its place in the wave."""
        self.request = request
        self.request_digest = request_digest
        self.state = request.site.state
        self.instance = request.instance
        self.attempt = 0
        """The last attempt that was made, 0 for none."""
        self.failures = 0
        self.is_open = False
        """Whether the last attempt was left open: by an earlier session, or where the run was cancelled."""
        self.fact: str | None = None
        """Its answer, once there is one."""
        self.value: Value = None
        self.stored = b""
        """The canonical bytes of an answer that is not recorded yet."""
        self.is_completed = False
        """Whether it is completed."""
        self.failure: EffectFailure | None = None
        """Why it will have no answer, once that is settled."""
        self.due_at_epoch_ms: int | None = None
        """When a wait is over at the latest, once that is recorded."""


def find_end(wave: Sequence[Pending]) -> Diagnostic | None:
    """The failure that ends the run at once: a limit, or the first one when it has no `try` around it.

    A later one without a `try` may yet be overtaken by what the program makes of the first one.
    """
    is_first = True
    for item in wave:
        failure = item.failure
        if failure is None:
            continue
        is_at_large = is_first and not item.request.conditions.is_guarded
        if is_at_large or find_error(failure.code, failure.fields) is None:
            return failure.code.at(item.request.site.pointer, **failure.fields)
        is_first = False
    return None
