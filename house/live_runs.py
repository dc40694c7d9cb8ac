"""Live runs of a test: compiled from a module, in a store in memory, in a time that is the test's own.

Every session is held to its verification and replay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from house.compiled_source import compile_text
from house.sample_program import answer
from house.scripted_io import NOWHERE, RUN, CrashingObserver, ScriptedIo, SimulatedCrashError
from house.virtual_time import VirtualClock, run_in_virtual_time
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.ids import RunId
from opforge_runtime.driver import Durability
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.journal import Observer
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Message
from opforge_runtime.verification import verify_run

__all__ = ["NOW_MS", "LiveBench", "get_value"]

NOW_MS: Final = 1_000_000
"""When a bench begins."""
_HEAD: Final = """from opforge import ChildFailed, Timeout, event, http, log, op, random, run, signal, time
from opforge import workload
workload("sample", version="1.0")
"""


class LiveBench:
    """A store with one run that tests begin, and its children."""

    def __init__(self, durability: Durability = "strict", *, is_shared: bool = False) -> None:
        """How durable each step is, and whether parent and children share commits."""
        self._durability: Durability = durability
        self._is_shared = is_shared
        self.clock = VirtualClock(NOW_MS)
        self.store = MemoryStore(self.clock)
        self.outside = ScriptedIo(answer)
        self._messages = 0

    def start(self, body: str, *, attended_ms: int | None = None, **configuration: Any) -> RunOutcome:
        """Run the op of a module."""
        return self._drive(self._begin(body, attended_ms, None, configuration))

    def dies(self, body: str, crash_at: int) -> bool:
        """Run the op until it dies at a point; False when it ends before."""
        try:
            self._drive(self._begin(body, None, CrashingObserver(crash_at), {}))
        except SimulatedCrashError:
            return True
        return False

    def resume(self, *, attended_ms: int | None = None, crash_at: int | None = None) -> RunOutcome:
        """Go on, to a point at which the process dies if one is given."""
        observer = None if crash_at is None else CrashingObserver(crash_at)
        return self._drive(self._build(attended_ms, observer).resume(RUN))

    def start_with(self, body: str, meanwhile: Coroutine[Any, Any, None]) -> RunOutcome:
        """Run the op while something else happens."""

        async def both() -> RunOutcome:
            outside = asyncio.get_running_loop().create_task(meanwhile)
            outcome = await self._begin(body, None, None, {})
            await outside
            return outcome

        return self._drive(both())

    def post(self, name: str, value: JsonValue) -> None:
        """Send a signal."""
        self._messages += 1
        message = Message("signal", name, canonical_bytes(value), f"message-{self._messages}")
        self.store.post_message(RUN, message)

    def cancel(self, reason: str, run: RunId = RUN) -> None:
        """Ask that the run, or another one, ends."""
        self.store.post_message(run, Message("cancel", "", canonical_bytes(reason), "cancel"))

    def _begin(
        self, body: str, attended_ms: int | None, observer: Observer | None, configuration: dict[str, Any]
    ) -> Coroutine[Any, Any, RunOutcome]:
        return self._build(attended_ms, observer).start(
            RUN,
            compile_text(_HEAD + body),
            "main",
            {},
            configuration=DEFAULT_CONFIGURATION.model_copy(update=configuration),
            provenance=NOWHERE,
        )

    def _build(self, attended_ms: int | None, observer: Observer | None) -> Engine:
        return Engine(
            self.store,
            self.outside,
            clock=self.clock,
            longest_attended_ms=attended_ms,
            observer=observer,
            durability=self._durability,
            is_shared=self._is_shared,
        )

    def _drive(self, session: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
        async def drive() -> RunOutcome:
            return await session

        try:
            return run_in_virtual_time(self.clock, drive)
        finally:
            for record in self.store.list_runs():
                assert verify_run(self.store, record.run).problems == []
                assert replay_run(self.store, record.run).events == record.head


def get_value(outcome: RunOutcome) -> JsonValue:
    """What a run that has completed returned."""
    assert outcome.output is not None, outcome
    return outcome.output.value
