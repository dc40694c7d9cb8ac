"""How a session leaves its run: the last events of it, and the attempts that nothing has come back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opforge_ir.codes.driving import E_ATTEMPT_ORPHANED, E_RUN_CANCELLED
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.events import ErrorRecord, Output
from opforge_runtime.history import StateHistory
from opforge_runtime.interpreter import EffectRequest
from opforge_runtime.journal import Journal
from opforge_runtime.pending import Pending

__all__ = ["Ender", "Ending", "build_record"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ended."""

    status: Literal["completed", "failed", "cancelled", "queued", "sleeping", "waiting", "needs_resolution"]
    output: Output | None = None
    """What a completed run returned."""
    error: Diagnostic | None = None
    """Why it failed, was cancelled, or needs a person."""
    due_at_epoch_ms: int | None = None
    """When a waiting run is due at the latest."""


class Ender:
    """Adds the end of a run to its journal; the commit is the caller's."""

    def __init__(
        self, journal: Journal, states: dict[tuple[str, str], StateHistory], *, closes_orphans: bool
    ) -> None:
        """`states` are the attempts that earlier sessions left open, among others."""
        self._journal = journal
        self._states = states
        self._closes_orphans = closes_orphans

    def complete(self, output: Output) -> Ending:
        """The op returned. Raises DiagnosticError, and adds no end, when the output has no canonical form."""
        self.close_open()
        self._journal.finish_completed(output)
        return Ending("completed", output)

    def fail(self, record: ErrorRecord, shown: Diagnostic) -> Ending:
        """The op failed."""
        self.close_open()
        self._journal.finish_failed(record)
        return Ending("failed", error=shown)

    def cancel(self, reason: str) -> Ending:
        """Somebody asked for the end."""
        problem = E_RUN_CANCELLED.at(None, reason=reason)
        self.close_open()
        self._journal.finish_failed(build_record(problem), is_cancelled=True)
        return Ending("cancelled", error=problem)

    def leave(self, items: Sequence[Pending]) -> None:
        """Take the attempts of this session that are under way for such as an earlier one has left."""
        for item in items:
            item.is_open = True
            self._states.setdefault((item.state, item.instance), StateHistory()).note_open(item.attempt)

    def close_wave(
        self, wave: Sequence[Pending], asked_again: Sequence[EffectRequest], problem: Diagnostic
    ) -> dict[tuple[str, str], Pending]:
        """Close what was under way in a wave that is withdrawn, but for the requests that are asked again.

        Returns what is known of those, by state and instance: they go on where they were.
        """
        again = {(request.site.state, request.instance) for request in asked_again}
        kept: dict[tuple[str, str], Pending] = {}
        for item in wave:
            key = item.state, item.instance
            if key in again:
                kept[key] = item
                if item.fact is None:  # a wait goes on, and what is in doubt remains so
                    continue
            known = self._states.get(key)
            if known is not None and known.is_open:
                item.is_open = False
                self.close_orphan(*key, known, problem)
        return kept

    def close_open(self) -> None:
        """Close the attempts that earlier sessions left open and nothing has come back to."""
        for (state, instance), known in self._states.items():
            if known.is_open:
                self.close_orphan(state, instance, known)

    def close_orphan(
        self, state: str, instance: str, known: StateHistory, problem: Diagnostic | None = None
    ) -> None:
        """Close one such attempt, where the run's format says so."""
        known.is_open = False
        if self._closes_orphans:
            problem = problem or E_ATTEMPT_ORPHANED.at(None, session=known.session)
            self._journal.fail(state, instance, known.attempts, build_record(problem))


def build_record(problem: Diagnostic) -> ErrorRecord:
    """A failure as it is stored."""
    return ErrorRecord(code=problem.code.number, fields=problem.values)
