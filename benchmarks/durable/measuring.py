"""What the process of a driver does, whatever it drives: one task, the check of its result, a line of JSON.

    python -m benchmarks.durable.drivers.NAME TASK FOLDER STEPS [--runs N] [options of the driver]

A run adds up the numbers of its steps; step n gives n, counted from 0. The tasks:

| task | |
|---|---|
| `steps` | one run of STEPS steps |
| `runs` | `--runs` runs of STEPS steps each, all at once |
| `first` | a run of STEPS steps; when was the first of them made? |
| `crash` | a run of STEPS steps, whose process kills itself before the last one |
| `resume` | go on with that run |
| `replay` | derive a finished run of STEPS steps again and compare: for drivers that can |

Times of day are those of the monotonic clock, which all processes of a machine share. Only the standard
library is used here, since the peers run this in environments of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

__all__ = [
    "RUN",
    "TASKS",
    "Driver",
    "ReplayingDriver",
    "Watch",
    "add_arguments",
    "carry_out",
    "count_sqlite_bytes",
    "report",
]

TASKS: Final = ("steps", "runs", "first", "crash", "resume", "replay")
RUN: Final = "add-up-0"
"""The run of all tasks but `runs`."""


class Watch:
    """Is told of each step before it is made."""

    def __init__(self, watched: int, *, is_fatal: bool = False) -> None:
        """`watched` is the number of one step; with `is_fatal` it is never made."""
        self._watched = watched
        self._is_fatal = is_fatal
        self.made = 0
        """How many steps were made in this process."""
        self.seen_at: float | None = None
        """When the watched step was begun."""

    def begin(self, number: int) -> None:
        """A step is about to be made."""
        if number == self._watched:
            if self._is_fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.seen_at = time.monotonic()
        self.made += 1


class Driver(Protocol):
    """One system with a store below one folder, open."""

    def run(self, name: str, steps: int) -> int:
        """Drive a new run to its end; returns the sum."""
        ...

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        """Drive new runs to their ends, all at once; returns the sums."""
        ...

    def resume(self, name: str, steps: int, /) -> int:
        """Drive a run to its end that another process left; returns the sum."""
        ...

    def count_bytes(self) -> int:
        """What the store takes up on disk, without what the next checkpoint frees."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


class ReplayingDriver(Driver, Protocol):
    """One whose runs can be derived again from what they recorded."""

    def replay(self, name: str) -> None:
        """Derive a finished run again; raises what is wrong with it."""
        ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command line of every driver takes."""
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("steps", type=int)
    parser.add_argument("--runs", type=int, default=1)


def carry_out(options: argparse.Namespace, open_driver: Callable[[Path, Watch], Driver]) -> None:
    """Do what the command line says. `options` comes from a parser with `add_arguments`."""
    started_at = time.monotonic()
    steps: int = options.steps
    task: str = options.task
    names = [f"add-up-{n + 1}" for n in range(options.runs)]
    watch = Watch(0 if task == "first" else steps - 1, is_fatal=task == "crash")
    driver = open_driver(options.folder, watch)
    # Not where the time from here on counts: what is counted is first moved into the file.
    bytes_before = driver.count_bytes() if task in ("steps", "runs") else 0
    replayed = driver.run(RUN, steps) if task == "replay" else 0
    begun_at = time.monotonic()
    match task:
        case "replay":
            cast("ReplayingDriver", driver).replay(RUN)
            sums = [replayed]
        case "resume":
            sums = [driver.resume(RUN, steps)]
        case "runs":
            sums = driver.run_many(names, steps)
        case _:
            sums = [driver.run(RUN, steps)]
    ended_at = time.monotonic()
    _check_sums(sums, steps, len(names))
    stored_bytes = driver.count_bytes() - bytes_before if task in ("steps", "runs") else 0
    driver.close()
    if watch.seen_at is None:
        raise SystemExit("the watched step was not made")
    if task != "resume" and watch.made != steps * len(names):
        raise SystemExit(f"{watch.made} steps were made")
    report(
        seconds=ended_at - begun_at,
        seen_at=watch.seen_at,
        seconds_to_watched=watch.seen_at - started_at,
        made=watch.made,
        peak_bytes=_read_peak_bytes(),
        stored_bytes=stored_bytes,
    )


def _check_sums(sums: Sequence[int], steps: int, runs: int) -> None:
    expected = steps * (steps - 1) // 2
    if list(sums) != [expected] * runs:
        raise SystemExit(f"{runs} runs came to {sums[:5]}, and each should have come to {expected}")


def report(**measured: float) -> None:
    """Tell the program that started this process."""
    print(json.dumps(measured), flush=True)


def _read_peak_bytes() -> int:
    """The most memory that this process had in RAM at once.

    `getrusage` would answer with that of the process which started this one, where that was larger: Linux
    keeps the maximum over `exec`.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("/proc/self/status tells no VmHWM")


def count_sqlite_bytes(path: Path) -> int:
    """The size of a database file, once its write-ahead log is moved into it; 0 where there is none."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(path, timeout=30)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()
    return path.stat().st_size
