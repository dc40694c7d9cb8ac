"""The scripted host: it answers the effects of a program from what a test says, and remembers them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, ParamSpec, TypeVar, cast, final, overload

from opforge._errors import EffectError
from opforge._host import LEFT_TO_PYTHON, use_host
from opforge.testing._comparison import Expected, describe_difference, is_expected
from opforge.testing._failures import build_failure
from opforge.testing._refusals import find_refusal
from opforge.testing._rules import UNANSWERED, Answer, InTurn, Scripted
from opforge.testing._suggestion import suggest_answer
from opforge.testing._values import check_answer, get_answer_type
from opforge.testing.effects import (
    ChainCall,
    Effect,
    EventEmit,
    LogInfo,
    LogWarning,
    RunChild,
    TimeSleep,
    TimeUntil,
    build_effect,
)

__all__ = ["ScriptedHost", "UnansweredError"]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_E = TypeVar("_E", bound=Effect[Any])
_UNSCRIPTED: Final = (EventEmit, LogInfo, LogWarning, TimeSleep, TimeUntil)
"""What needs no answer: nothing comes of it, and time passes at once."""


class UnansweredError(Exception):
    """A program asked for something that no scripted answer fits. No program can catch it."""

    def __init__(self, effect: Effect[Any], number: int, sources: Sequence[str]) -> None:
        super().__init__(
            f"nothing answers effect {number}: {effect}\n"
            f"    add for example: {suggest_answer(effect)}\n"
            f"    the host has: {', '.join(dict.fromkeys(sources)) or 'no answers'}"
        )
        self.effect = effect


@final
class ScriptedHost:
    """Answers requests as a test says, reaches nothing, and remembers every request in order.

    Of the answers that a request fits, the first one is taken. Events, lines of the log and time that passes
    need none, and an op that is run as a child is called where none fits. Threads and tasks
    may share a host; a thread has it in place where it calls `in_place` or `run`.
    """

    def __init__(self, *scripted: Scripted) -> None:
        self._answers: list[Answer] = []
        self._lock: Final = threading.Lock()
        self._effects: list[Effect[Any]] = []
        self._used: set[Answer] = set()
        """The answers that were given."""
        self._taken: dict[InTurn[object], int] = {}
        """How many replies of each were given."""
        self.answer(*scripted)

    @property
    def effects(self) -> list[Effect[Any]]:
        """Every request so far, in the order in which they were asked."""
        return list(self._effects)

    @property
    def unused(self) -> list[str]:
        """The answers that no request was answered with."""
        return [answer.source for answer in self._answers if answer not in self._used]

    def answer(self, *scripted: Scripted) -> None:
        """Give more answers: they come before those that the host has already."""
        given = [_name_function(each) for each in scripted]
        with self._lock:
            self._answers = [*given, *self._answers]

    @contextmanager
    def in_place(self) -> Generator[None]:
        """Let this host answer until the block ends, in this thread or task. The one before is back then."""
        with use_host(self):
            yield

    def run(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Call an op or any other function with this host in place."""
        __tracebackhide__ = True
        with self.in_place():
            return function(*args, **kwargs)

    @overload
    def get_effects(self, kind: type[ChainCall[Any]]) -> list[ChainCall[Any]]: ...
    @overload
    def get_effects(self, kind: type[_E]) -> list[_E]: ...
    def get_effects(self, kind: type[Effect[Any]]) -> Sequence[Effect[Any]]:
        """The requests of one kind, in order."""
        return [effect for effect in self._effects if isinstance(effect, kind)]

    def assert_effects(self, *expected: Expected) -> None:
        """Raises AssertionError unless these were the effects: all of them, in this order."""
        __tracebackhide__ = True
        asked = self.effects
        if len(asked) != len(expected) or not all(map(is_expected, expected, asked)):
            lines = describe_difference(expected, asked)
            raise AssertionError("\n".join(["the effects are others (- expected, + asked):", *lines]))

    def assert_all_used(self) -> None:
        """Raises AssertionError when there are answers that nothing was answered with."""
        __tracebackhide__ = True
        if self.unused:
            raise AssertionError(f"not asked for: {', '.join(self.unused)}")

    def perform(self, verb: str, static: Mapping[str, str], args: Mapping[str, object]) -> object:
        """Part of Host. Raises UnansweredError, or the error that the answer says."""
        __tracebackhide__ = True
        effect = build_effect(verb, static, args)
        with self._lock:
            self._effects.append(effect)
            number, answers = len(self._effects), self._answers
        if isinstance(effect, _UNSCRIPTED):
            return None
        refusal = find_refusal(effect)
        if refusal is not None:
            raise refusal
        for answer in answers:
            if not _is_meant(answer.pattern, effect):
                continue
            reply = answer.reply(effect)
            if isinstance(reply, InTurn):
                reply = self._take(cast("InTurn[object]", reply))
            if reply is not UNANSWERED:
                with self._lock:
                    self._used.add(answer)
                return _deliver(effect, reply, answer)
        if isinstance(effect, RunChild):
            return LEFT_TO_PYTHON
        raise UnansweredError(effect, number, [answer.source for answer in answers])

    def _take(self, turns: InTurn[object]) -> object:
        """The next reply, or UNANSWERED when all were given."""
        with self._lock:
            taken = self._taken.get(turns, 0)
            self._taken[turns] = taken + 1
        return turns.replies[taken] if taken < len(turns.replies) else UNANSWERED


def _is_meant(pattern: Effect[Any] | None, effect: Effect[Any]) -> bool:
    return pattern is None or pattern == effect


def _name_function(scripted: Scripted) -> Answer:
    if isinstance(scripted, Answer):
        return scripted
    return Answer(None, scripted, getattr(scripted, "__qualname__", "a function"))


def _deliver(effect: Effect[Any], reply: object, answer: Answer) -> object:
    __tracebackhide__ = True
    if isinstance(reply, EffectError):
        raise build_failure(effect, reply)
    if isinstance(reply, type):
        raise build_failure(effect, cast("type[EffectError]", reply))
    value = reply if answer.finish is None else answer.finish(effect, reply)
    check_answer(get_answer_type(effect if answer.pattern is None else answer.pattern), value)
    return value
