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

Runs of format 2 close what they leave:

9. An orphaned attempt is closed, with StateFailed and a code that says so, before the next one of its state
   begins and before the run ends, however it ends. The attempt of a wait is no orphan: it goes on in the next
   session.
10. Timers, signals, children and events of the author's belong to an attempt that is under way. A message is
    taken once. A state starts one child, and it is that child which completes.
11. Cancellation is recorded once.
12. What a person resolves is the last attempt of its state, still open and without a fact; `done` has a fact
    and the others have none.
13. A run is forked once, with no attempt open.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from opforge_ir.codes.driving import E_ATTEMPT_ORPHANED, E_RUN_CANCELLED
from opforge_ir.codes.store import E_HISTORY_BROKEN
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.events import (
    AttemptResolved,
    CancelRequested,
    ChildRunCompleted,
    ChildRunSpawned,
    Envelope,
    EventEmitted,
    FactRecorded,
    RunCompleted,
    RunForked,
    RunResumed,
    RunStarted,
    SignalReceived,
    StateCompleted,
    StateEntered,
    StateFailed,
    TimerSet,
)

__all__ = ["check_history"]

_CLOSING = frozenset({E_ATTEMPT_ORPHANED.number, E_RUN_CANCELLED.number})
"""With these an attempt of an earlier session is closed."""


def check_history(
    events: Sequence[Envelope], *, is_closing: bool = False, waits: Collection[str] = ()
) -> list[Diagnostic]:
    """Every event that cannot stand where it does, in order; the hash links are not looked at.

    `is_closing` says that the run is of format 2, `waits` which of its states wait.
    """
    checker = _Checker(is_closing=is_closing, waits=waits)
    for position, envelope in enumerate(events, start=1):
        checker.check(position, envelope)
    return checker.problems


@dataclass(slots=True)
class _State:
    """One state in one instance."""

    is_wait: bool
    attempts: int = 0
    session: int = 0
    """The session of the last attempt."""
    is_open: bool = False
    has_fact: bool = False
    is_completed: bool = False
    child: str | None = None


class _Checker:
    def __init__(self, *, is_closing: bool, waits: Collection[str]) -> None:
        self.problems: list[Diagnostic] = []
        self._is_closing = is_closing
        self._waits = waits
        self._states: dict[tuple[str, str], _State] = {}
        self._session = 0
        self._snapshot = ""
        self._is_over = False
        self._is_cancelled = False
        self._is_forked = False
        self._messages: set[int] = set()
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
            case _:
                self._check_particular(event)

    def _check_particular(
        self,
        event: TimerSet
        | SignalReceived
        | ChildRunSpawned
        | ChildRunCompleted
        | EventEmitted
        | CancelRequested
        | AttemptResolved
        | RunForked,
    ) -> None:
        """The rules 10 to 13."""
        match event:
            case CancelRequested():
                self._demand(not self._is_cancelled, "the run was cancelled before")
                self._is_cancelled = True
            case AttemptResolved():
                self._resolve(event)
            case RunForked():
                self._demand(not self._is_forked, "a run is forked once")
                self._demand(not self._has_open(), "an attempt is still open")
                self._is_forked = True
            case _:
                self._belong(event)

    def _belong(
        self, event: TimerSet | SignalReceived | ChildRunSpawned | ChildRunCompleted | EventEmitted
    ) -> None:
        state = self._get(event.state, event.instance)
        self._demand(self._is_under_way(state), "it belongs to an attempt")
        match event:
            case SignalReceived():
                self._demand(event.position not in self._messages, "the message was taken before")
                self._messages.add(event.position)
            case ChildRunSpawned():
                self._demand(state.child in (None, event.run), "the state has started another run")
                state.child = event.run
            case ChildRunCompleted():
                self._demand(state.child == event.run, "the state has not started this run")
            case _:
                pass

    def _enter(self, event: StateEntered) -> None:
        state = self._get(event.state, event.instance)
        self._demand(not state.is_completed, "the state is completed")
        self._demand(event.attempt == state.attempts + 1, "attempts are counted without a gap")
        is_orphaned = not self._is_closing and state.session < self._session
        self._demand(not state.is_open or is_orphaned, "the attempt before it is still open")
        self._demand(event.base == self._snapshot, "its base is not the run's snapshot")
        state.attempts, state.session, state.is_open = event.attempt, self._session, True

    def _record(self, event: FactRecorded) -> None:
        state = self._get(event.state, event.instance)
        self._demand(self._is_under_way(state), "a fact is recorded within an attempt")
        self._demand(not state.has_fact, "the state has its fact already")
        state.has_fact = True

    def _leave(self, event: StateCompleted | StateFailed) -> None:
        state = self._get(event.state, event.instance)
        is_closed = self._is_closing and isinstance(event, StateFailed) and event.error.code in _CLOSING
        is_this = state.is_open if is_closed else self._is_under_way(state)
        self._demand(is_this and event.attempt == state.attempts, "no such attempt is under way")
        state.is_open = False
        if isinstance(event, StateCompleted):
            self._demand(state.has_fact, "a state completes with a fact")
            state.is_completed = True
            self._snapshot = event.snapshot

    def _resolve(self, event: AttemptResolved) -> None:
        state = self._get(event.state, event.instance)
        is_last = state.is_open and event.attempt == state.attempts and not state.has_fact
        self._demand(is_last, "no such attempt is in doubt")
        self._demand(
            len(event.fact) == (event.decision == "done"), "what was done has a fact, and nothing else"
        )
        state.has_fact = state.has_fact or event.decision == "done"
        if event.decision == "failed":
            state.is_open = False

    def _end(self, event: RunCompleted) -> None:
        self._is_over = True
        if event.outcome == "completed" or self._is_closing:
            self._demand(not self._has_open(), "an attempt is still open")
        if event.outcome == "completed":
            self._demand(len(event.output) == 1 and not event.error, "a completed run has an output")
        elif event.outcome == "failed" or self._is_closing:
            self._demand(len(event.error) == 1 and not event.output, f"a {event.outcome} run has an error")
            self._demand(event.snapshot == self._snapshot, "a failure does not advance the snapshot")

    def _has_open(self) -> bool:
        open_states = (state for state in self._states.values() if state.is_open)
        return any(self._is_closing or self._is_under_way(state) for state in open_states)

    def _is_under_way(self, state: _State) -> bool:
        return state.is_open and (state.session == self._session or state.is_wait)

    def _get(self, state: str, instance: str) -> _State:
        found = self._states.get((state, instance))
        if found is None:
            is_wait = self._is_closing and state in self._waits
            found = self._states[state, instance] = _State(is_wait)
        return found

    def _demand(self, holds: bool, rule: str) -> None:
        if not holds:
            self.problems.append(E_HISTORY_BROKEN.at(None, run=self._run, seq=self._seq, rule=rule))
