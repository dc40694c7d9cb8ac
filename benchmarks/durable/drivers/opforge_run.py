"""Opforge: an op that makes a cheap read N times, driven through the runtime's public calls in this process.

The document is compiled beforehand, as one that is deployed is (`--document`).
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final, cast

from benchmarks.durable.measuring import Watch, add_arguments, carry_out, count_sqlite_bytes
from opforge_ir.document import Document, Policy
from opforge_ir.events import Provenance
from opforge_ir.ids import RunId
from opforge_runtime import Engine, LiveIo, RunOutcome, SqliteStore, open_live_io, replay_run
from opforge_runtime.driver import Durability
from opforge_runtime.effect_io.port import Answer, Attempt, EffectSession

_OP: Final = "add_up"
_PROVENANCE: Final = Provenance(opforge_version="", git_commit="")


class WatchedSession:
    """A session of live IO that says which step it is about to make."""

    def __init__(self, live: EffectSession, watch: Watch) -> None:
        self._live = live
        self._watch = watch

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        for attempt in attempts:
            self._watch.begin(_read_number(attempt.request.instance))
        return await self._live.perform(attempts)

    async def wait(self, policy: Policy, failures: int) -> None:
        await self._live.wait(policy, failures)


class WatchedIo:
    """Live IO whose sessions are watched."""

    def __init__(self, live: LiveIo, watch: Watch) -> None:
        self._live = live
        self._watch = watch

    def begin(self, document: Document, policy: Policy, left_ms: int | None) -> WatchedSession:
        return WatchedSession(self._live.begin(document, policy, left_ms), self._watch)


class OpforgeDriver:
    """The engine with a SQLite store."""

    def __init__(self, document: Path, durability: Durability, folder: Path, watch: Watch) -> None:
        self._path = folder / "opforge.sqlite"
        self._document = document.read_bytes()
        self._durability: Durability = durability
        self._watch = watch
        self._store = SqliteStore(self._path)
        self._loop = asyncio.Runner()
        self._closing = AsyncExitStack()
        opening = self._closing.enter_async_context(open_live_io({}, log=_drop_line))
        self._live = self._loop.run(opening)

    def run(self, name: str, steps: int) -> int:
        return self._loop.run(self._start(self._build_engine(is_shared=False), name, steps))

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        async def run_all() -> list[int]:
            engine = self._build_engine(is_shared=True)
            return list(await asyncio.gather(*(self._start(engine, name, steps) for name in names)))

        return self._loop.run(run_all())

    def resume(self, name: str, _steps: int, /) -> int:
        engine = self._build_engine(is_shared=False)
        return _read_sum(self._loop.run(engine.resume(RunId(name))))

    def replay(self, name: str) -> None:
        if not replay_run(self._store, RunId(name)).is_finished:
            raise SystemExit(f"{name} is not finished")

    def count_bytes(self) -> int:
        return count_sqlite_bytes(self._path)

    def close(self) -> None:
        self._loop.run(self._closing.aclose())
        self._loop.close()
        self._store.close()

    def _build_engine(self, *, is_shared: bool) -> Engine:
        return Engine(
            self._store,
            WatchedIo(self._live, self._watch),
            clock=_now_epoch_ms,
            durability=self._durability,
            is_shared=is_shared,
        )

    async def _start(self, engine: Engine, name: str, steps: int) -> int:
        inputs = {"steps": str(steps)}
        outcome = await engine.start(RunId(name), self._document, _OP, inputs, provenance=_PROVENANCE)
        return _read_sum(outcome)


def _read_number(instance: str) -> int:
    """The round of the loop that a request belongs to: `loop[7]` is the one of step 7."""
    return int(instance[instance.index("[") + 1 : -1])


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
    parser.add_argument("--durability", choices=["strict", "grouped"], required=True)
    options = parser.parse_args()
    carry_out(options, partial(OpforgeDriver, options.document, options.durability))


if __name__ == "__main__":
    main()
