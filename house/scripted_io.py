"""The outside as a test wants it, and a run helper: no network, no clock, no chance."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opforge_ir.document import Document, Policy
from opforge_ir.events import Manifest, Provenance
from opforge_ir.ids import RunId
from opforge_runtime.driver import Durability
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine, resume_run, start_run
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import compile_document
from opforge_runtime.journal import Observer
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import seal_artifact
from opforge_runtime.stores.protocol import SealedEvent, Store

__all__ = [
    "NOWHERE",
    "RUN",
    "CrashingObserver",
    "HeldIo",
    "ScriptedIo",
    "SimulatedCrashError",
    "resume",
    "start",
    "start_unchecked",
]

RUN = RunId("sample-run-1")
NOWHERE = Provenance(opforge_version="", git_commit="")


class ScriptedIo:
    """Answers each request by a function of it, and remembers what was asked, in order."""

    def __init__(
        self,
        answer: Callable[[Attempt], Answer],
        failures: Mapping[tuple[str, int], EffectFailure] | None = None,
    ) -> None:
        """`failures` are by node and instance (`balance xs[1]`), and number of the attempt."""
        self._answer = answer
        self._failures = failures or {}
        self.asked: list[str] = []
        """The instance of every attempt that was asked."""
        self.answered: list[tuple[str, str]] = []
        """State and instance of every attempt that was answered without a failure."""
        self.waves: list[int] = []
        """How many attempts each call had."""
        self.left_ms: list[int | None] = []
        """What each session had left of the run's time."""
        self.waits: list[int] = []

    def begin(self, document: Document, policy: Policy, left_ms: int | None) -> ScriptedIo:  # noqa: ARG002
        """Part of EffectIo."""
        self.left_ms.append(left_ms)
        return self

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectIo."""
        self.waves.append(len(attempts))
        self.asked += [attempt.request.instance for attempt in attempts]
        return [self._perform_one(attempt) for attempt in attempts]

    async def wait(self, policy: Policy, failures: int) -> None:  # noqa: ARG002
        """Part of EffectIo."""
        self.waits.append(failures)

    def _perform_one(self, attempt: Attempt) -> Answer:
        request = attempt.request
        place = f"{request.site.state.rpartition('.')[2]} {request.instance}"
        failure = self._failures.get((place, attempt.number))
        if failure is not None:
            return failure
        self.answered.append((request.site.state, request.instance))
        return self._answer(attempt)


class HeldIo(ScriptedIo):
    """Answers when it is allowed to."""

    def __init__(self, answer: Callable[[Attempt], Answer]) -> None:
        super().__init__(answer)
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectSession."""
        self.is_asked.set()
        await self.may_answer.wait()
        return await super().perform(attempts)


class SimulatedCrashError(BaseException):
    """The process dies here; no handler for errors sees it."""


class CrashingObserver:
    """Dies when the run reaches its n-th point, from 0."""

    def __init__(self, crash_at: int) -> None:
        self._left = crash_at
        self.points: list[str] = []

    def reach(self, point: str) -> None:
        """Part of Observer."""
        self.points.append(point)
        if self._left == 0:
            raise SimulatedCrashError(point)
        self._left -= 1

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:
        """Part of Observer."""


def start(
    store: Store,
    effect_io: Any,
    document: dict[str, Any],
    inputs: dict[str, Any] | None = None,
    *,
    op: str = "main",
    batch_size: int = 100,
    observer: Observer | None = None,
    durability: Durability = "strict",
    **configuration: Any,
) -> RunOutcome:
    """Start a run with a clock that stands still; `configuration` is what is not as usual."""
    return asyncio.run(
        start_run(
            store,
            effect_io,
            run=RUN,
            document=json.dumps(document).encode(),
            op=op,
            inputs=inputs or {},
            clock=lambda: 1_000,
            configuration=DEFAULT_CONFIGURATION.model_copy(
                update={"batch_size": batch_size, **configuration}
            ),
            provenance=NOWHERE,
            observer=observer,
            durability=durability,
        )
    )


def start_unchecked(store: Store, effect_io: Any, document: dict[str, Any]) -> RunOutcome:
    """Start a run of an op without inputs, of a document that the validator would refuse."""
    sealed = seal_artifact(Document.model_validate(document))
    manifest = Manifest(
        artifact="manifest",
        ir=sealed.digest,
        op="main",
        inputs={},
        configuration=DEFAULT_CONFIGURATION,
        provenance=NOWHERE,
    )
    program = compile_document(Document.model_validate(document))
    engine = Engine(store, effect_io, clock=lambda: 1_000)
    return asyncio.run(engine.start_prepared(RUN, manifest, sealed, program))


def resume(
    store: Store,
    effect_io: Any,
    *,
    observer: Observer | None = None,
    durability: Durability = "strict",
) -> RunOutcome:
    """Resume the run."""
    return asyncio.run(
        resume_run(store, effect_io, RUN, clock=lambda: 2_000, observer=observer, durability=durability)
    )
