"""Progress of a run for people: one line on standard error that is rewritten while states complete."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from opforge_cli.output import Output
from opforge_ir.events import Envelope, RunStarted, StateCompleted, StateEntered, StateFailed
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import SealedEvent

__all__ = ["Progress"]


class Progress:
    """An observer of a run: it names the run when it begins, and counts its states on a terminal."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._is_shown = not out.is_json and sys.stderr.isatty()
        self._entered = 0
        self._completed = 0
        self._failed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reach(self, point: str) -> None:
        """Part of Observer."""

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:  # noqa: ARG002
        """Part of Observer."""
        for event in events:
            match Envelope.model_validate_json(event.envelope).event:
                case RunStarted():
                    self._out.note(f"run {run}")
                case StateEntered():
                    self._entered += 1
                case StateCompleted():
                    self._completed += 1
                case StateFailed():
                    self._failed += 1
                case _:
                    pass
        if self._is_shown:
            failed = f", {self._failed} failed attempts" if self._failed else ""
            print(
                f"\r{self._completed} of {self._entered} states{failed} ", end="", file=sys.stderr, flush=True
            )

    def close(self) -> None:
        """Take the line away, so that what follows begins on a clean one."""
        if self._is_shown:
            self._is_shown = False
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
