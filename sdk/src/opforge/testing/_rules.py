"""Scripted answers: a pattern of requests, and what the requests that fit it are answered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast, final

from opforge._errors import EffectError
from opforge.testing.effects import Effect

__all__ = ["UNANSWERED", "Answer", "InTurn", "Reply", "Scripted", "Unanswered", "build_answer", "in_turn"]

_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)


@final
class Unanswered:
    def __repr__(self) -> str:
        return "UNANSWERED"


UNANSWERED: Final = Unanswered()
"""What a function returns that does not answer a request: the next answer is asked."""


@final
@dataclass(frozen=True, eq=False)
class InTurn(Generic[_R_co]):
    """One reply after the other: `in_turn(1, 2, 3)`. When a host has used all, the request is unanswered."""

    replies: tuple[_R_co | EffectError | type[EffectError], ...]


def in_turn(*replies: _R | EffectError | type[EffectError]) -> InTurn[_R]:
    """One reply after the other, each once: values, or errors to raise."""
    return InTurn(replies)


Reply: TypeAlias = _R | EffectError | type[EffectError] | InTurn[_R] | Unanswered
"""What a request is answered with: a value, an error that it fails with, or several of these in turn."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What requests of one kind are answered with; the functions of `opforge.testing.answers` build it.

    It holds nothing of a host, so several tests may share one.
    """

    pattern: Effect[Any] | None
    """Which requests; None for all of them."""
    reply: Callable[[Effect[Any]], object]
    """Gives a reply, or UNANSWERED. What it raises is raised in the program."""
    source: str
    """How it was written, in a few words."""
    finish: Callable[[Effect[Any], Any], object] | None = None
    """Makes a reply of the author's the value of the request."""


Scripted: TypeAlias = Answer | Callable[[Effect[Any]], object]
"""An answer, or a function of the request that gives a reply or UNANSWERED."""


def build_answer(
    pattern: Effect[Any],
    given: object,
    source: str,
    *,
    build_key: Callable[[Any], object] | None = None,
    call: Callable[[Callable[..., object], Any], object] | None = None,
    finish: Callable[[Effect[Any], Any], object] | None = None,
) -> Answer:
    """An answer from what an author gave: a table by key, a function, or one reply.

    `build_key` gives the key of a request in tables; without it there are no tables. `call` calls a function
    with what it takes of a request; without it, that is the request itself. `finish` is the answer's.
    """
    if build_key is not None and isinstance(given, Mapping):
        table, key = cast("Mapping[object, object]", given), build_key
        return Answer(pattern, lambda effect: table.get(key(effect), UNANSWERED), source, finish)
    if callable(given) and not isinstance(given, type):
        function = given
        if call is None:
            return Answer(pattern, function, source, finish)
        return Answer(pattern, lambda effect: call(function, effect), source, finish)
    return Answer(pattern, lambda _: given, source, finish)
