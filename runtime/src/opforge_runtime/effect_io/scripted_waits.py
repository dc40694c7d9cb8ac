"""Waits of a test: answered at once, as its effects are."""

from __future__ import annotations

from collections.abc import Sequence

from opforge_ir.values import ValueCodec
from opforge_runtime.effect_io.port import Attempt, EffectSession
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest
from opforge_runtime.waits import Arrival, Settled, Wait

__all__ = ["ScriptedWaits"]


class ScriptedWaits:
    """Asks a test's effects for what each wait comes to: no time passes, and no child is run."""

    def __init__(self, effects: EffectSession, codec: ValueCodec) -> None:
        self._effects = effects
        self._codec = codec
        self.messages_read = 0

    def find_cancellation(self, head: int) -> str | None:  # noqa: ARG002
        """Part of WaitIo: nobody cancels a test."""
        return None

    def choose_due(self, request: EffectRequest) -> int | None:  # noqa: ARG002
        """Part of WaitIo: nothing is waited for."""
        return None

    async def settle(self, waits: Sequence[Wait], *, is_cancelling: bool) -> Settled:  # noqa: ARG002
        """Part of WaitIo."""
        attempts = [Attempt(wait.request, wait.attempt, frozenset()) for wait in waits]
        answers = await self._effects.perform(attempts)
        return [
            Arrival(
                answer
                if isinstance(answer, EffectFailure)
                else self._codec.encode(wait.request.site.type, answer)
            )
            for wait, answer in zip(waits, answers, strict=True)
        ]
