"""The other end of driver processes."""

from __future__ import annotations

import subprocess
import sys
from typing import Self

from house.crash.orders import Order, Report
from house.pins import ROOT

__all__ = ["DriverProcess"]


class DriverProcess:
    """A context manager around one process that drives runs in children of its own, one at a time."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "house.crash.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            pass
        assert self._process.returncode == 0

    def drive(self, order: Order) -> Report:
        """Drive a session to its end, or to the end of its process."""
        self.begin(order)
        return self.finish()

    def begin(self, order: Order) -> None:
        """Let a session begin."""
        self._write(order.dump())

    def proceed(self) -> None:
        """Let a session go on that is stopped."""
        self._write("")

    def finish(self) -> Report:
        """What became of the session that has begun; `stopped` when it is not over yet."""
        stdout = self._process.stdout
        assert stdout is not None
        return Report.load(stdout.readline())

    def _write(self, line: str) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(line + "\n")
        stdin.flush()
