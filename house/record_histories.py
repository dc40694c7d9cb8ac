"""Records the runs of corpus/histories/ that the present format has: `python -m house.record_histories`.

Writes the files that are not there, and never one that is: a history is kept as it was recorded.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

from house.crash.programs import PROGRAMS, CrashProgram, compile_program
from house.histories import dump_history
from house.pins import ROOT
from house.scripted_io import NOWHERE, CrashingObserver, ScriptedIo, SimulatedCrashError
from opforge_ir.codes.transport import E_HTTP_TIMEOUT
from opforge_ir.ids import RunId
from opforge_ir.values import RecordInstance
from opforge_runtime.driver import Durability
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.failures import EffectFailure
from opforge_runtime.messages import request_cancel, send_signal
from opforge_runtime.resolution import resolve_attempt
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import RunFilter

__all__ = ["RECORDED", "record"]

_FOLDER: Final = ROOT / "corpus/histories"
_BEGAN_AT: Final = 1_795_550_400_000
"""2026-11-24 20:00:00 UTC, in milliseconds."""
_TICK_MS: Final = 7
_FIRST_STEPS: Final = 5
"""After so many points a run has begun."""
_TIMEOUT: Final = EffectFailure(E_HTTP_TIMEOUT, {"host": "crash.example", "timeout_ms": 5000})


class _Recorder:
    """One run in memory, with a clock that goes on when it is looked at."""

    def __init__(
        self,
        program: CrashProgram,
        run: str,
        *,
        failures: Mapping[tuple[str, int], EffectFailure] | None = None,
        durability: Durability = "strict",
        batch_size: int = 2,
    ) -> None:
        self.program = program
        self.run = RunId(run)
        self.now_epoch_ms = _BEGAN_AT
        self.store = MemoryStore(lambda: self.now_epoch_ms)
        self._outside = ScriptedIo(_answer, failures)
        self._durability: Durability = durability
        self._batch_size = batch_size

    def tell_time(self) -> int:
        self.now_epoch_ms += _TICK_MS
        return self.now_epoch_ms

    def start(self, crash_at: int | None = None) -> RunOutcome | None:
        """The first session; None when it died."""
        document = compile_program(self.program.file).encode()
        configuration = DEFAULT_CONFIGURATION.model_copy(update={"batch_size": self._batch_size})
        return self._drive(
            crash_at,
            lambda engine: engine.start(
                self.run,
                document,
                "main",
                self.program.inputs,
                configuration=configuration,
                provenance=NOWHERE,
            ),
        )

    def resume(self) -> RunOutcome:
        """Another session, some time later."""
        self.now_epoch_ms += 60_000
        outcome = self._drive(None, lambda engine: engine.resume(self.run))
        assert outcome is not None
        return outcome

    def wait_until_due(self, outcome: RunOutcome | None) -> None:
        """Let the time pass until the run is due."""
        assert outcome is not None
        assert outcome.due_at_epoch_ms is not None
        self.now_epoch_ms = outcome.due_at_epoch_ms

    def _drive(self, crash_at: int | None, session: Callable[[Engine], Any]) -> RunOutcome | None:
        engine = Engine(
            self.store,
            self._outside,
            clock=self.tell_time,
            observer=None if crash_at is None else CrashingObserver(crash_at),
            durability=self._durability,
            longest_attended_ms=0,
            owner="history",
        )

        async def drive() -> RunOutcome:
            outcome: RunOutcome = await session(engine)
            return outcome

        try:
            return asyncio.run(drive())
        except SimulatedCrashError:
            return None


def _answer(attempt: Attempt) -> Answer:
    """What a server says: the end of the path, or what was posted."""
    request = attempt.request
    arguments = request.arguments
    match request.site.verb.name:
        case "http.get":
            return RecordInstance("Response", (200, str(arguments["url"]).rpartition("/")[2], {}))
        case "http.post":
            return RecordInstance("Response", (200, f"receipt for {arguments['body']}", {}))
        case _:
            return None


def _sleep_and_wait() -> _Recorder:
    recorder = _Recorder(PROGRAMS["timers_and_signals"], "slept-and-signalled")
    outcome: RunOutcome | None = recorder.start()
    signals = list(recorder.program.signals)
    while outcome is not None and outcome.outcome != "completed":
        if outcome.outcome == "waiting" and signals:
            name, value = signals.pop(0)
            send_signal(recorder.store, recorder.run, name, value, f"message-{len(signals)}")
        else:
            recorder.wait_until_due(outcome)
        outcome = recorder.resume()
    return recorder


def _start_children() -> _Recorder:
    recorder = _Recorder(PROGRAMS["child_runs"], "started-children")
    recorder.start()
    return recorder


def _be_a_child() -> _Recorder:
    recorder = _start_children()
    recorder.run = recorder.store.list_runs(RunFilter(op="work"))[0].run
    return recorder


def _cancel() -> _Recorder:
    recorder = _Recorder(PROGRAMS["timers_and_signals"], "cancelled-in-its-sleep")
    recorder.start()
    request_cancel(recorder.store, recorder.run, "the order was withdrawn", "message-1")
    recorder.resume()
    return recorder


def _resolve() -> _Recorder:
    """It died amid the first post without a key, which the other side has done."""
    recorder, outcome = next(
        (recorder, outcome)
        for recorder, outcome in map(_die_and_resume, itertools.count(_FIRST_STEPS))
        if outcome.outcome == "needs_resolution"
    )
    assert outcome.error is not None
    body = "0 receipt for order 0"
    resolve_attempt(
        recorder.store,
        recorder.run,
        str(outcome.error.values["state"]),
        str(outcome.error.values["instance"]),
        "done",
        "the other side has it in its books",
        answer={"status": 200, "text": f"receipt for {body}", "headers": {}},
        clock=recorder.tell_time,
        owner="person",
    )
    recorder.resume()
    return recorder


def _die_and_resume(crash_at: int) -> tuple[_Recorder, RunOutcome]:
    recorder = _Recorder(PROGRAMS["side_effects"], "resolved-by-a-person")
    recorder.start(crash_at)
    return recorder, recorder.resume()


def _orphan() -> _Recorder:
    recorder = _Recorder(PROGRAMS["fan_out"], "died-and-was-resumed")
    recorder.start(crash_at=8)
    recorder.resume()
    return recorder


def _retry() -> _Recorder:
    failures = {
        (f"http-get texts[{n}]", attempt): _TIMEOUT for n, attempt in ((0, 1), (0, 2), (2, 1), (3, 1))
    }
    recorder = _Recorder(PROGRAMS["reads"], "tried-again", failures=failures)
    recorder.start()
    return recorder


def _group() -> _Recorder:
    recorder = _Recorder(PROGRAMS["reads"], "grouped-and-resumed", durability="grouped")
    recorder.start(crash_at=12)
    recorder.resume()
    return recorder


RECORDED: Final[dict[str, Callable[[], _Recorder]]] = {
    "sleeps-and-signals": _sleep_and_wait,
    "children": _start_children,
    "child": _be_a_child,
    "cancelled": _cancel,
    "resolved": _resolve,
    "orphan-closed": _orphan,
    "retried": _retry,
    "grouped": _group,
}
"""How each file is recorded, by its name."""


def record(name: str) -> bytes:
    """The file as it would be recorded today."""
    recorder = RECORDED[name]()
    return dump_history(recorder.store, recorder.run)


def main() -> None:
    """Write what is missing."""
    for name in RECORDED:
        path = _FOLDER / f"{name}.json"
        if not path.exists():
            path.write_bytes(record(name))
            print(f"recorded {path.name}")


if __name__ == "__main__":
    main()
