"""Stops programs that take up too much of the machine's memory.

A thread looks at what the process holds, since a program that computes holds up the event loop. What a
machine has is no property of a run: nothing is recorded, and the run can be resumed where there is more.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from opforge_ir.codes.driving import E_MEMORY_BUDGET
from opforge_runtime.interpreter import Execution

__all__ = ["MemoryGuard"]

_LOOK_SECONDS: Final = 0.05
_STATM: Final = Path("/proc/self/statm")
_MIB: Final = 1024 * 1024


class MemoryGuard:
    """Watches the executions of one process while there are any."""

    def __init__(self, max_mib: int) -> None:
        """`max_mib` is the most resident memory of the process, in MiB."""
        self._max_mib = max_mib
        self._executions: set[Execution] = set()
        self._is_over = threading.Event()

    @contextmanager
    def watch(self, execution: Execution) -> Generator[None]:
        """Stop an execution (DiagnosticError, E_MEMORY_BUDGET) when the process holds too much meanwhile."""
        self._executions.add(execution)
        if len(self._executions) == 1:
            self._is_over = threading.Event()
            threading.Thread(target=self._look, args=(self._is_over,), daemon=True).start()
        try:
            yield
        finally:
            self._executions.discard(execution)
            if not self._executions:
                self._is_over.set()

    def _look(self, is_over: threading.Event) -> None:
        while not is_over.wait(_LOOK_SECONDS):
            if _get_resident_mib() > self._max_mib:
                # Again and again: the program may have been counting a step just now.
                for execution in list(self._executions):
                    execution.stop(E_MEMORY_BUDGET.error(limit_mib=self._max_mib))


def _get_resident_mib() -> int:
    """The resident memory of this process; where the system does not tell, the most that it was."""
    import resource  # not everywhere

    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize() // _MIB
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most // _MIB if sys.platform == "darwin" else most // 1024
