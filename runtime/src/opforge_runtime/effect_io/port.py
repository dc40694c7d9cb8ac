"""The port itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from opforge_ir.document import Document, Policy
from opforge_ir.values import Value
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter.request import EffectRequest

__all__ = ["Answer", "Attempt", "EffectIo", "EffectSession"]

Answer = Value | EffectFailure
"""What a request ended with; a value of the language is never an EffectFailure."""


@dataclass(slots=True)
class Attempt:
    """A request that is to be made now."""

    request: EffectRequest
    number: int
    """From 1, over all sessions of the run."""
    allowed_hosts: frozenset[str]
    """The hosts that the document was granted for this verb; empty for what is not HTTP."""
    timeout_ms: int = 0
    """The longest it may take; 0 for no bound of its own."""
    assure: Callable[[], Awaitable[None]] | None = None
    """Asked before a side effect leaves: raises DiagnosticError when somebody else drives the run."""


class EffectSession(Protocol):
    """Answers the requests of one session of a run."""

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Answer each attempt, in their order: reads side by side, side effects one after the other.

        Raises DiagnosticError when something is wrong that the program cannot have caused and a resume may
        find mended, such as an endpoint of another chain; and for nothing else.
        """
        ...

    async def wait(self, policy: Policy, failures: int) -> None:
        """Let some time pass before what has failed so often is tried again."""
        ...


class EffectIo(Protocol):
    """Where requests are answered; many runs may be driven with it at once."""

    def begin(self, document: Document, policy: Policy, left_ms: int | None) -> EffectSession:
        """A session of a run of this document begins.

        `left_ms` is how long the run may still take, None for as long as it likes.
        Raises DiagnosticError when the document cannot be served, a network without an endpoint for example.
        """
        ...
