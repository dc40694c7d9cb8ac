"""The rules of a history, checked on its events alone (ADR 0006).

1. `seq` goes up by one from 1; a run begins with RunStarted, once.
2. Sessions are counted from 2 without a gap.
3. An attempt is StateEntered, then domain events, then StateCompleted or StateFailed, once.
4. Attempts of a state and instance are counted from 1 without a gap. A new one begins only after the one
   before it failed, or was orphaned: another session has begun since.
5. Nothing of a state comes after it completed; it completes only with a fact.
6. A fact is recorded within an attempt, and once for each state and instance.
7. An attempt's base is the run's snapshot when it begins.
8. A completed run leaves no attempt open; nothing comes after RunCompleted.

A failed attempt may be the last one of its state while the run goes on: the program has caught it (ADR 0013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opforge_ir.codes.store import E_HISTORY_BROKEN
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.events import (
    Envelope,
    FactRecorded,
    RunCompleted,
    RunResumed,
    RunStarted,
    StateCompleted,
    StateEntered,
    StateFailed,
)

__all__ = ["check_history"]


def check_history(events: Sequence[Envelope]) -> list[Diagnostic]:
    """Every event that cannot stand where it does, in order; the hash links are not looked at."""
    checker = _Checker()
    for position, envelope in enumerate(events, start=1):
        checker.check(position, envelope)
    return checker.problems


@dataclass(slots=True)
class _State:
    """One state in one instance."""

    attempts: int = 0
    session: int = 0
    """The session of the last attempt."""
    is_open: bool = False
    has_fact: bool = False
    is_completed: bool = False


class _Checker:
    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []
        self._states: dict[tuple[str, str], _State] = {}
        self._session = 0
        self._snapshot = ""
        self._is_over = False
        self._seq = 0
        self._run = ""

    def check(self, position: int, envelope: Envelope) -> None:
        """Take the next event."""
        event = envelope.event
        self._seq = envelope.seq
        self._run = self._run or envelope.run
        self._demand(envelope.seq == position, "its number does not follow the one before it")
        self._demand(envelope.run == self._run, "it belongs to another run")
        self._demand(not self._is_over, "the run is over")
        self._demand(isinstance(event, RunStarted) == (position == 1), "a run begins with RunStarted, once")
        match event:
            case RunStarted():
                self._session, self._snapshot = 1, event.snapshot
            case RunResumed():
                self._demand(event.session == self._session + 1, "sessions are counted without a gap")
                self._session = event.session
            case StateEntered():
                self._enter(event)
            case FactRecorded():
                self._record(event)
            case StateCompleted() | StateFailed():
                self._leave(event)
            case RunCompleted():
                self._end(event)

    def _enter(self, event: StateEntered) -> None:
        state = self._get(event.state, event.instance)
        self._demand(not state.is_completed, "the state is completed")
        self._demand(event.attempt == state.attempts + 1, "attempts are counted without a gap")
        is_free = not state.is_open or state.session < self._session
        self._demand(is_free, "the attempt before it is still open")
        self._demand(event.base == self._snapshot, "its base is not the run's snapshot")
        state.attempts, state.session, state.is_open = event.attempt, self._session, True

    def _record(self, event: FactRecorded) -> None:
        state = self._get(event.state, event.instance)
        self._demand(self._is_under_way(state), "a fact is recorded within an attempt")
        self._demand(not state.has_fact, "the state has its fact already")
        state.has_fact = True

    def _leave(self, event: StateCompleted | StateFailed) -> None:
        state = self._get(event.state, event.instance)
        is_this = self._is_under_way(state) and event.attempt == state.attempts
        self._demand(is_this, "no such attempt is under way")
        state.is_open = False
        if isinstance(event, StateCompleted):
            self._demand(state.has_fact, "a state completes with a fact")
            state.is_completed = True
            self._snapshot = event.snapshot

    def _end(self, event: RunCompleted) -> None:
        self._is_over = True
        if event.outcome == "completed":
            is_idle = not any(map(self._is_under_way, self._states.values()))
            self._demand(is_idle, "an attempt is still open")
            self._demand(len(event.output) == 1 and not event.error, "a completed run has an output")
        elif event.outcome == "failed":
            self._demand(len(event.error) == 1 and not event.output, "a failed run has an error")
            self._demand(event.snapshot == self._snapshot, "a failure does not advance the snapshot")

    def _is_under_way(self, state: _State) -> bool:
        return state.is_open and state.session == self._session

    def _get(self, state: str, instance: str) -> _State:
        return self._states.setdefault((state, instance), _State())

    def _demand(self, holds: bool, rule: str) -> None:
        if not holds:
            self.problems.append(E_HISTORY_BROKEN.at(None, run=self._run, seq=self._seq, rule=rule))
