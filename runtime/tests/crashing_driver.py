"""Starts runs that kill themselves. Run by test_crash.py as a process of its own.

Reads one JSON line per run: `{"store", "document", "inputs", "crash_at"}`, forks, and in the child drives the
run until it reaches its `crash_at`-th point, where SIGKILL ends it. Answers with one line: the point's name,
or `done` when the run came to its end. Forking from a process that has imported everything makes a crash cost
milliseconds; the child opens the store itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from opforge_ir.events import Envelope, Provenance, RunConfiguration
from opforge_ir.ids import RunId
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import start_run
from opforge_runtime.stores import SqliteStore


class KillingObserver:
    """Names each point on a pipe, and dies at one of them."""

    def __init__(self, crash_at: int, pipe: int) -> None:
        self._left = crash_at
        self._pipe = pipe

    def reach(self, point: str) -> None:
        if self._left == 0:
            os.write(self._pipe, point.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def record(self, envelope: Envelope, recorded_at_epoch_ms: int) -> None:
        pass


async def drive(order: dict[str, Any], observer: KillingObserver) -> None:
    with SqliteStore(Path(order["store"])) as store:
        async with open_live_io({}, log=lambda level, message: None) as effect_io:
            await start_run(
                store,
                effect_io,
                run=RunId("sample-run-1"),
                document=json.dumps(order["document"]).encode(),
                op="main",
                inputs=order["inputs"],
                clock=lambda: 1_000,
                configuration=RunConfiguration(batch_size=order["batch_size"]),
                provenance=Provenance(opforge_version="", git_commit=""),
                observer=observer,
            )


def run_child(order: dict[str, Any], pipe: int) -> None:
    asyncio.run(drive(order, KillingObserver(order["crash_at"], pipe)))


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            run_child(order, writing)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            point = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(point if is_killed else "done" if status == 0 else f"status {status}", flush=True)


if __name__ == "__main__":
    main()
