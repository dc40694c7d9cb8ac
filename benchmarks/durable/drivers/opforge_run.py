"""Opforge: an op that makes a cheap read N times, driven through the runtime's public calls in this process.

The document is compiled beforehand, as one that is deployed is (`--document`).
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

from benchmarks.durable.measuring import Watch, add_arguments, carry_out, count_sqlite_bytes
from opforge_ir.document import Document, Policy
from opforge_ir.events import Provenance
from opforge_ir.ids import RunId
from opforge_runtime import LiveIo, RunOutcome, SqliteStore, open_live_io, resume_run, start_run
from opforge_runtime.effect_io.port import Answer, Attempt

T = TypeVar("T")

_OP: Final = "add_up"
_PROVENANCE: Final = Provenance(opforge_version="", git_commit="")


class WatchedIo:
    """Live IO that says which step it is about to make."""

    def __init__(self, live: LiveIo, watch: Watch) -> None:
        self._live = live
        self._watch = watch

    def begin(self, document: Document, policy: Policy) -> None:
        self._live.begin(document, policy)

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        for attempt in attempts:
            self._watch.begin(cast("int", attempt.request.arguments["low"]))
        return await self._live.perform(attempts)

    async def wait(self, failures: int) -> None:
        await self._live.wait(failures)


class OpforgeDriver:
    """The engine with a SQLite store."""

    def __init__(self, document: Path, folder: Path, watch: Watch) -> None:
        self._path = folder / "opforge.sqlite"
        self._document = document.read_bytes()
        self._watch = watch
        self._store = SqliteStore(self._path)

    def run(self, name: str, steps: int) -> int:
        return self._with_io(partial(self._start, name, steps))

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        async def run_all(effect_io: WatchedIo) -> list[int]:
            return list(await asyncio.gather(*(self._start(name, steps, effect_io) for name in names)))

        return self._with_io(run_all)

    def resume(self, name: str, _steps: int, /) -> int:
        async def go_on(effect_io: WatchedIo) -> int:
            return _read_sum(await resume_run(self._store, effect_io, RunId(name), clock=_now_epoch_ms))

        return self._with_io(go_on)

    def count_bytes(self) -> int:
        return count_sqlite_bytes(self._path)

    def close(self) -> None:
        self._store.close()

    async def _start(self, name: str, steps: int, effect_io: WatchedIo) -> int:
        outcome = await start_run(
            self._store,
            effect_io,
            run=RunId(name),
            document=self._document,
            op=_OP,
            inputs={"steps": str(steps)},
            clock=_now_epoch_ms,
            provenance=_PROVENANCE,
        )
        return _read_sum(outcome)

    def _with_io(self, work: Callable[[WatchedIo], Awaitable[T]]) -> T:
        async def session() -> T:
            async with open_live_io({}, log=_drop_line) as live:
                return await work(WatchedIo(live, self._watch))

        return asyncio.run(session())


def _now_epoch_ms() -> int:
    return time.time_ns() // 1_000_000


def _drop_line(level: str, message: str, /) -> None:
    """The program logs nothing."""


def _read_sum(outcome: RunOutcome) -> int:
    if outcome.output is None:
        raise SystemExit(f"{outcome.run} ended with {outcome.error}")
    return int(cast("str", outcome.output.value))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable.drivers.opforge_run")
    add_arguments(parser)
    parser.add_argument(
        "--document", type=Path, required=True, help="the canonical bytes of program/add_up.py"
    )
    options = parser.parse_args()
    carry_out(options, partial(OpforgeDriver, options.document))


if __name__ == "__main__":
    main()
