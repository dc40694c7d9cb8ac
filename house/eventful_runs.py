"""Runs in which everything happens that a history can tell of, for what reads and copies histories."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final, cast

from house.compiled_source import compile_text
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.codes.transport import E_HTTP_TIMEOUT
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores.protocol import Message, Store

__all__ = ["LARGE", "compile_eventful", "leave_eventful", "record_eventful", "resume_eventful"]

LARGE: Final = "a fact of more than two kilobytes " * 100
_SOURCE: Final = """
from opforge import Timeout, event, http, op, random, run, signal, time, workload

workload("eventful", version="1.0")


@op
def square(n: int) -> int:
    time.sleep(0)
    return random.integer(n, n) * n


@op(retry=1)
def main(n: int) -> list[str]:
    page = http.get("https://pages.example/large")
    draws = [random.integer(0, index) for index in range(n)]
    event.emit("drawn", draws)
    try:
        http.get("https://pages.example/broken")
    except Timeout:
        event.emit("broken")
    try:
        word: str = signal.wait("word", timeout=1_000_000_000)
    except Timeout:
        word = "none"
    time.sleep(0)
    squares = [run.child(square, draw) for draw in draws]
    http.post("https://pages.example/log", word, idempotency_key=None)
    return [word, page.text[0:6], str(sum(squares))]
"""
_BROKEN: Final = EffectFailure(E_HTTP_TIMEOUT, {"host": "pages.example", "timeout_ms": 5})


@cache
def compile_eventful() -> dict[str, Any]:
    """The document of the program."""
    return cast("dict[str, Any]", json.loads(compile_text(_SOURCE)))


def record_eventful(store: Store, n: int = 3, crash_at: int | None = None) -> RunOutcome:
    """Record a run and its `n` children; at its point `crash_at` it dies and is resumed.

    Somebody sends it a signal as soon as it is there.
    """
    if crash_at is None:
        return _start(store, n, 10**9)
    try:
        return _start(store, n, crash_at)
    except SimulatedCrashError:
        return _start(store, n, 10**9) if store.get_run(RUN) is None else resume_eventful(store)


def leave_eventful(store: Store, crash_at: int, n: int = 3) -> None:
    """Record a run that dies at its point `crash_at`, and leave it so."""
    try:
        _start(store, n, crash_at)
    except SimulatedCrashError:
        return
    raise AssertionError("the run has fewer points")


def resume_eventful(store: Store) -> RunOutcome:
    """Go on with a run that was left."""
    return resume(store, ScriptedIo(_answer), observer=_Signalling(store, 10**9))


def _start(store: Store, n: int, crash_at: int) -> RunOutcome:
    observer = _Signalling(store, crash_at)
    return start(store, ScriptedIo(_answer), compile_eventful(), {"n": n}, batch_size=2, observer=observer)


class _Signalling(CrashingObserver):
    def __init__(self, store: Store, crash_at: int) -> None:
        super().__init__(crash_at)
        self._store = store

    def reach(self, point: str) -> None:
        """Part of Observer."""
        super().reach(point)
        if point == "wait":
            # The same message again is the same.
            self._store.post_message(RUN, Message("signal", "word", b'"hello"', "word-1"))


def _answer(attempt: Attempt) -> Answer:
    request = attempt.request
    match request.site.verb.name:
        case "random.integer":
            return request.arguments["high"]
        case "http.get" if request.arguments["url"] == "https://pages.example/broken":
            return _BROKEN
        case "http.get" | "http.post":
            return RecordInstance("Response", (200, LARGE, {}))
        case _:
            return None
