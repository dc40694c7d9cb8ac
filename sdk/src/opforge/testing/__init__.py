"""Tests of ops and helpers as plain Python, under a host that answers what a test says.

    from opforge import testing
    from opforge.testing import ChainBalance, LogWarning, answers

    def test_a_low_wallet_is_reported() -> None:
        with testing.host(answers.block(12), answers.balance({ALICE: 0})) as h:
            assert check([Wallet(ALICE, "alice")]) == [Report("alice", 0, True)]
        h.assert_effects(ChainBlock(tag="finalized"), ChainBalance(ALICE), LogWarning)

What is asked and not scripted is an error that says so; nothing ever reaches a network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from opforge._response import Response
from opforge.testing import answers
from opforge.testing._cases import Case, load_cases
from opforge.testing._comparison import explain_effects
from opforge.testing._host import ScriptedHost, UnansweredError
from opforge.testing._rules import UNANSWERED, Answer, InTurn, Scripted, in_turn
from opforge.testing.effects import (
    ANY,
    ChainBalance,
    ChainBlock,
    ChainCall,
    Effect,
    EventEmit,
    HttpGet,
    HttpPost,
    LogInfo,
    LogWarning,
    RandomInteger,
    RunChild,
    SignalWait,
    TimeNow,
    TimeSleep,
    TimeUntil,
)

__all__ = [  # noqa: RUF022  # grouped by use
    # hosts
    "host",
    "run",
    "Run",
    "ScriptedHost",
    "UnansweredError",
    # answers
    "answers",
    "Answer",
    "InTurn",
    "Scripted",
    "UNANSWERED",
    "in_turn",
    "response",
    # fixture files
    "Case",
    "load_cases",
    # effects
    "ANY",
    "ChainBalance",
    "ChainBlock",
    "ChainCall",
    "Effect",
    "EventEmit",
    "HttpGet",
    "HttpPost",
    "LogInfo",
    "LogWarning",
    "RandomInteger",
    "RunChild",
    "SignalWait",
    "TimeNow",
    "TimeSleep",
    "TimeUntil",
    "explain_effects",
]

_R = TypeVar("_R")


@contextmanager
def host(*scripted: Scripted) -> Generator[ScriptedHost]:
    """Let a new host with these answers answer until the block ends. The first answer that fits is taken.

    Within a block of another host, this one alone answers; the other one is back after it.
    """
    made = ScriptedHost(*scripted)
    with made.in_place():
        yield made


@dataclass(frozen=True, slots=True)
class Run(Generic[_R]):
    """What a call under a host came to."""

    result: _R
    effects: list[Effect[Any]]
    """What was asked, in order."""


def run(
    function: Callable[..., _R], /, *inputs: object, answers: Iterable[Scripted] = (), **named: object
) -> Run[_R]:
    """Call an op, or any function, under a new host with these answers. Raises what the function raises.

    Type checkers do not check the inputs here; they do in `host` and `ScriptedHost.run`.
    """
    made = ScriptedHost(*answers)
    return Run(made.run(function, *inputs, **named), made.effects)


def response(body: Any = "", *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """What a server answers: a text as it is, or anything else as JSON. Header names become lower case."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(status, text, {name.lower(): value for name, value in (headers or {}).items()})
