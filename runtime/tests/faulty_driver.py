"""Drives runs on an operating system that refuses. Run by test_storage_system_faults.py as a process.

Reads one JSON line per run: `{"store", "fault", "at"}`, forks, and in the child drives the run; before its
append `at` the kernel is told to refuse some calls of this process, for good. Answers with one JSON line:
`{"code", "acknowledged"}`, the digests of the events that were said to be durable.

The kernel refuses by a filter of its own (seccomp with SECCOMP_RET_ERRNO), which needs no privilege, no
special file system and no library between SQLite and the kernel.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import json
import os
import platform
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from house.sample_program import answer, squares
from house.scripted_io import NOWHERE, RUN, ScriptedIo
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.engine import DEFAULT_CONFIGURATION, resume_run, start_run
from opforge_runtime.stores import SqliteStore
from opforge_runtime.stores.protocol import SealedEvent

CALLS: Final = {
    "x86_64": {
        "write": 1,
        "pread64": 17,
        "pwrite64": 18,
        "fsync": 74,
        "fdatasync": 75,
        "ftruncate": 77,
        "openat": 257,
    },
    "aarch64": {
        "write": 64,
        "pread64": 67,
        "pwrite64": 68,
        "fsync": 82,
        "fdatasync": 83,
        "ftruncate": 46,
        "openat": 56,
    },
}
"""Numbers of system calls (asm/unistd.h)."""

FAULTS: Final = {
    "write fails": (errno.EIO, ["pwrite64", "write"]),
    "disk full": (errno.ENOSPC, ["pwrite64", "write", "ftruncate"]),
    "flush fails": (errno.EIO, ["fsync", "fdatasync"]),
    "remounted": (errno.EROFS, ["pwrite64", "write", "ftruncate"]),
    "read fails": (errno.EIO, ["pread64"]),
    "read-only": (errno.EROFS, ["openat"]),
}
"""What the kernel answers to which calls."""

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
CALL_NUMBER, FIRST_ARGUMENT, THIRD_ARGUMENT = 0, 16, 32
"""Where they stand in `struct seccomp_data`; the low half of an argument on these machines."""


def install(fault: str) -> None:
    """Tell the kernel to refuse. Raises OSError where it takes no filter."""
    number, names = FAULTS[fault]
    calls = CALLS[platform.machine()]
    program: list[tuple[int, int, int, int]] = []
    for name in names:
        block: list[tuple[int, int, int, int]] = []
        if name == "write":  # standard output and error stay
            block = [(LOAD, 0, 0, FIRST_ARGUMENT), (JUMP_GREATER, 0, 1, 2)]
        if name == "openat":  # for writing only
            block = [(LOAD, 0, 0, THIRD_ARGUMENT), (JUMP_ANY_BIT, 0, 1, os.O_WRONLY | os.O_RDWR | os.O_CREAT)]
        block.append((RETURN, 0, 0, REFUSE | number))
        program += [(LOAD, 0, 0, CALL_NUMBER), (JUMP_EQUAL, 0, len(block), calls[name]), *block]
    program.append((RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


class FaultyObserver:
    """Installs a fault before an append, and remembers what was said to be durable."""

    def __init__(self, fault: str, at: int) -> None:
        self._fault = fault
        self._left = at
        self.acknowledged: list[str] = []

    def reach(self, point: str) -> None:
        if point == "append":
            if self._left == 0:
                install(self._fault)
            self._left -= 1

    def record(self, run: RunId, events: Sequence[SealedEvent], recorded_at_epoch_ms: int) -> None:
        self.acknowledged += [event.digest for event in events]


async def drive(order: dict[str, Any], observer: FaultyObserver) -> None:
    """Start the run, or resume the one that is there with the fault from the beginning."""
    effect_io = ScriptedIo(answer)
    if order["at"] < 0:
        install(order["fault"])
        with SqliteStore(Path(order["store"]), busy_timeout_ms=20) as store:
            await resume_run(store, effect_io, RUN, clock=lambda: 1_000, observer=observer)
        return
    with SqliteStore(Path(order["store"]), busy_timeout_ms=20) as store:
        await start_run(
            store,
            effect_io,
            run=RUN,
            document=json.dumps(squares(log=False)).encode(),
            op="main",
            inputs={"ns": ["3", "1", "4"]},
            clock=lambda: 1_000,
            configuration=DEFAULT_CONFIGURATION.model_copy(update={"batch_size": 1}),
            provenance=NOWHERE,
            observer=observer,
        )


def run_child(order: dict[str, Any]) -> dict[str, Any]:
    observer = FaultyObserver(order["fault"], order["at"])
    try:
        asyncio.run(drive(order, observer))
        code = "done"
    except DiagnosticError as error:
        code = error.diagnostics[0].code.name
    except OSError as error:
        code = f"no filter: {error.errno}"
    return {"code": code, "acknowledged": observer.acknowledged}


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            said = json.dumps(run_child(order)).encode()
            os.dup2(writing, 1)  # the filter lets standard output be written
            os.write(1, said)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)  # who answers is gone: its lease may be taken over
        print(
            json.dumps({"code": f"status {status}", "acknowledged": []}) if status else said.decode(),
            flush=True,
        )


if __name__ == "__main__":
    main()
