"""Runs in every condition that an operator meets, with ids and times that never change.

Those of `house.waiting_runs`, and of `cli/tests/payout.py`, which asks the time, asks for quotes side by
side, and pays.
"""

from __future__ import annotations

from typing import Any, Final, cast

from house.pins import ROOT
from house.run_builder import RunBuilder
from house.waiting_runs import add_waiting_runs
from opforge_compiler.emit import emit_file
from opforge_ir.canonical import JsonValue
from opforge_ir.codes.transport import E_HTTP_TIMEOUT
from opforge_ir.events import ErrorRecord
from opforge_runtime.stores import MemoryStore

__all__ = ["NOW", "PAYOUT", "build_runs", "compile_payout"]

PAYOUT: Final = ROOT / "cli/tests/payout.py"
NOW: Final = 1_795_460_400_000
"""2026-11-23 19:00:00 UTC, in milliseconds."""
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
_NOW_STATE: Final = "payout.main.begun"
_GET: Final = "payout.main.quotes.http-get"
_POST: Final = "payout.main.paid"
_TIMEOUT: Final = ErrorRecord(
    code=E_HTTP_TIMEOUT.number, fields={"host": "quotes.example", "timeout_ms": 5000}
)


def compile_payout() -> dict[str, Any]:
    """The document of the program."""
    return cast("dict[str, Any]", emit_file(PAYOUT).document)


def build_runs() -> MemoryStore:
    """A store that holds them; its clock stands still at `NOW`."""
    clock = _Clock()
    store = MemoryStore(clock)
    document = compile_payout()

    def begin(run: str, ago_ms: int, inputs: dict[str, JsonValue] | None = None) -> RunBuilder:
        clock.now_epoch_ms = NOW - ago_ms
        return RunBuilder(store, run, document, inputs=inputs or {}).append(NOW - ago_ms)

    _finish(begin("payout-completed", 5 * HOUR), 5 * HOUR)
    other = begin("payout-failed", 4 * HOUR, {"rounds": "1"})
    _ask_time(other, 4 * HOUR, "1795446001").enter(_GET, "quotes[0]").append(NOW - 4 * HOUR + 20)
    other.fail(_GET, _TIMEOUT, "quotes[0]").finish_failed(_TIMEOUT).append(NOW - 4 * HOUR + 5_020, "failed")
    begin("payout-queued", 3 * HOUR).append(NOW - 3 * HOUR, "queued")
    doubtful = _quote(
        _ask_time(begin("payout-doubtful", 150 * MINUTE), 150 * MINUTE, "1795451400"), 150 * MINUTE
    )
    doubtful.enter(_POST).append(NOW - 140 * MINUTE)
    doubtful.append(NOW - 130 * MINUTE, "needs_resolution")
    interrupted = _ask_time(begin("payout-interrupted", HOUR), HOUR, "1795456800")
    interrupted.enter(_GET, "quotes[0]").enter(_GET, "quotes[1]").append(NOW - HOUR + 20)
    clock.now_epoch_ms = NOW - 40 * MINUTE
    add_waiting_runs(store, NOW)
    _ask_time(begin("payout-driven", 10_000), 10_000, "1795460390")
    clock.now_epoch_ms = NOW
    return store


class _Clock:
    def __init__(self) -> None:
        self.now_epoch_ms = NOW

    def __call__(self) -> int:
        return self.now_epoch_ms


def _ask_time(builder: RunBuilder, ago_ms: int, answer: str) -> RunBuilder:
    builder.enter(_NOW_STATE).append(NOW - ago_ms + 5)
    return builder.answer(_NOW_STATE, answer).complete(_NOW_STATE).append(NOW - ago_ms + 12)


def _quote(builder: RunBuilder, ago_ms: int) -> RunBuilder:
    """Both quotes; the second one at the second attempt, in another session."""
    first, second = "quotes[0]", "quotes[1]"
    builder.enter(_GET, first).enter(_GET, second).append(NOW - ago_ms + 20)
    builder.answer(_GET, _response("101.5"), first).fail(_GET, _TIMEOUT, second).append(NOW - ago_ms + 5_020)
    builder.resume().enter(_GET, first).enter(_GET, second).append(NOW - ago_ms + 2 * MINUTE)
    builder.answer(_GET, _response("99.25"), second, attached=False)
    builder.complete(_GET, first).complete(_GET, second)
    return builder.append(NOW - ago_ms + 2 * MINUTE + 140)


def _finish(builder: RunBuilder, ago_ms: int) -> None:
    _quote(_ask_time(builder, ago_ms, "1795442400"), ago_ms)
    builder.enter(_POST).append(NOW - ago_ms + 2 * MINUTE + 150)
    builder.answer(_POST, _response("paid")).complete(_POST)
    builder.finish("list[str]", ["101.5", "99.25", "paid"])
    builder.append(NOW - ago_ms + 3 * MINUTE, "completed")


def _response(text: str) -> JsonValue:
    return {"status": "200", "text": text, "headers": [["content-type", "text/plain"]]}
