"""Progress of a run for people: one line on standard error, rewritten as states complete and waits last."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

from opforge_cli import clock
from opforge_cli.condition_view import render_awaited
from opforge_cli.output import Output
from opforge_ir.ids import RunId
from opforge_runtime import Store, Wait, describe_run, get_run, get_timeline
from opforge_runtime.stores import SealedEvent

__all__ = ["Progress"]

_PERIOD_SECONDS: Final = 1.0
_MOST_RUNS: Final = 8
"""Of how many runs that go at once the waits are looked up."""
_NARROWEST: Final = 20


class Progress:
    """An observer of a run and of its children.

    It names the run when it begins. On a terminal it counts states, and says what is waited for: how long it
    takes, or the command that ends it.
    """

    def __init__(self, out: Output, store: Store, complete: Callable[[str], str]) -> None:
        """`complete` adds to a command what it takes to find the store."""
        self._out = out
        self._store = store
        self.complete = complete
        self._is_shown = not out.is_json and sys.stderr.isatty()
        self._entered = 0
        self.completed = 0
        self._failed = 0
        self._first: RunId | None = None
        self._under_way: set[RunId] = set()
        self._waits: list[Wait] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is KeyboardInterrupt and self._first is not None:
            self._out.note(f"next      {self.complete(f'forge resume {self._first}')}")

    def reach(self, point: str) -> None:
        """Part of Observer."""
        if not self._is_shown:
            return
        if point == "wait":
            self._waits = self._find_waits()
            self._draw()
        elif self._waits:
            self._waits = []

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:  # noqa: ARG002
        """Part of Observer."""
        if self._first is None:
            self._first = run
            if events and events[0].seq == 1:
                self._out.note(f"run {run}")
        self._under_way.add(run)
        if not self._is_shown:
            return
        for event in events:
            self._count(run, event.envelope)
        self._draw()

    async def refresh(self) -> None:
        """Draw the line again every second, until it is cancelled."""
        while self._is_shown:
            await asyncio.sleep(_PERIOD_SECONDS)
            self._draw()

    def close(self) -> None:
        """Take the line away, so that what follows begins on a clean one."""
        if self._is_shown:
            self._is_shown = False
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def _count(self, run: RunId, envelope: bytes) -> None:
        # Envelopes are canonical, so the type of the event stands there exactly so, and nowhere else: within
        # a string the quotes would be escaped.
        if b'"type":"StateEntered"' in envelope:
            self._entered += 1
        elif b'"type":"StateCompleted"' in envelope:
            self.completed += 1
        elif b'"type":"StateFailed"' in envelope:
            self._failed += 1
        elif b'"type":"RunCompleted"' in envelope:
            self._under_way.discard(run)

    def _find_waits(self) -> list[Wait]:
        waits: list[Wait] = []
        for run in sorted(self._under_way)[:_MOST_RUNS]:
            summary = get_run(self._store, run)
            timeline = get_timeline(self._store, run)
            condition = describe_run(summary.record, summary.status, timeline, clock.now_epoch_ms())
            waits += condition.waits
        # What a person can do comes first; a child that is waited for is under way itself.
        order = {"signal": 0, "time": 1, "person": 2, "run": 3}
        return sorted(waits, key=lambda wait: order[wait.kind])

    def _draw(self) -> None:
        if not self._is_shown:
            return
        line = f"{self.completed} of {self._entered} states"
        if self._failed:
            line += f", {self._failed} failed attempts"
        if self._waits:
            line += f"; {render_awaited(self._waits, clock.now_epoch_ms(), self.complete)}"
        room = max(_NARROWEST, shutil.get_terminal_size().columns - 1)
        print(f"\r\x1b[2K{line[:room]}", end="", file=sys.stderr, flush=True)
