"""Drives runs in processes that may die: `python -m house.crash.driver`.

Reads one order as a JSON line, forks, and answers with one report when the child has ended. Forking from a
process that has imported everything makes a death cost milliseconds; the child opens the store itself, and
shares nothing with the next one but the imported code.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import importlib
import os
import signal
import ssl
import sys
import tempfile
import time
import traceback
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from house.crash.failpoints import TRANSACTION_POINTS, PointObserver, Points, put_failpoints
from house.crash.orders import Order, Report
from house.crash.programs import PROGRAMS, compile_program
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import Provenance
from opforge_ir.ids import RunId
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores.opening import open_store

_HOST = "crash.example"
_LOOK_SECONDS = 0.0005


def main() -> None:
    """Serve until the input ends."""
    _load_everything()
    for line in sys.stdin:
        print(_serve(Order.load(line)).dump(), flush=True)


def _load_everything() -> None:
    """Drive a run here, that ends at once since nobody answers it: what is imported late is imported then."""
    # The certificates are read for each client otherwise; no child of this process talks TLS.
    setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))  # noqa: B010
    if find_spec("psycopg") is not None:
        importlib.import_module("opforge_runtime.stores.postgres")
    with tempfile.TemporaryDirectory() as folder:
        reads = PROGRAMS["reads"]
        order = Order(
            store=str(Path(folder) / "warm.db"),
            run="warm-run",
            resolve="http://127.0.0.1:1",
            document=compile_program(reads.file),
            inputs={"count": 0},
        )
        with Path(os.devnull).open("wb") as nowhere:
            asyncio.run(_drive(order, Points(nowhere.fileno(), fall_at=None, signal_number=signal.SIGKILL)))
    gc.freeze()


def _serve(order: Order) -> Report:
    with tempfile.TemporaryFile() as record:
        began_at = time.monotonic()
        child = os.fork()
        if child == 0:
            _live(order, record.fileno())
        if order.fall_after_ms is not None:
            _strike(child, order, began_at + order.fall_after_ms / 1000)
        status = _wait(child, record)
        *points, last = _read(record)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return Report(points, is_killed=True)
    if status:
        return Report(points, fault=f"status {status}")
    return replace(Report.load(last), points=points)


def _read(record: IO[bytes]) -> list[str]:
    """The points that a child has reached, and its report after them, empty when there is none."""
    return os.pread(record.fileno(), os.fstat(record.fileno()).st_size, 0).decode().split("\n")


def _strike(child: int, order: Order, at: float) -> None:
    """Signal the child when the time has come, unless it has ended by then."""
    while (left := at - time.monotonic()) > 0:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(min(left, _LOOK_SECONDS))
    os.kill(child, signal.SIGSTOP if order.is_stopped else signal.SIGKILL)


def _wait(child: int, record: IO[bytes]) -> int:
    """The status with which the child ended. One that is stopped is continued when the next line comes."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return status
        print(Report(_read(record)[:-1], outcome="stopped").dump(), flush=True)
        sys.stdin.readline()
        os.kill(child, signal.SIGCONT)


def _live(order: Order, record: int) -> None:
    """The whole life of a child. The report follows the points that it reached."""
    points = Points(
        record,
        fall_at=order.fall_at,
        signal_number=signal.SIGSTOP if order.is_stopped else signal.SIGKILL,
        # Who is stopped within a transaction keeps all others out of the store.
        spared=TRANSACTION_POINTS if order.is_stopped else (),
    )
    put_failpoints(points)
    try:
        report = _build_report(asyncio.run(_drive(order, points)))
    except DiagnosticError as error:
        report = Report([], error=error.diagnostics[0].code.name)
    except BaseException:  # noqa: BLE001 - whatever it is, the trial has failed and says so
        report = Report([], fault=traceback.format_exc())
    os.write(record, report.dump().encode())
    os._exit(0)


async def _drive(order: Order, points: Points) -> RunOutcome:
    with closing(open_store(order.store)) as store:
        async with open_live_io({}, log=lambda _level, _message: None, resolve={_HOST: order.resolve}) as io:
            engine = Engine(
                store,
                io,
                clock=lambda: time.time_ns() // 1_000_000 + order.clock_offset_ms,
                observer=PointObserver(points),
                durability=order.durability,
                longest_attended_ms=order.longest_attended_ms,
                dispatch=(lambda _: None) if order.is_handed_out else None,
                lease_ms=order.lease_ms,
            )
            if not order.document:
                return await engine.resume(RunId(order.run))
            return await engine.start(
                RunId(order.run),
                order.document.encode(),
                "main",
                order.inputs,
                configuration=DEFAULT_CONFIGURATION.model_copy(update={"batch_size": order.batch_size}),
                provenance=Provenance(opforge_version="", git_commit=""),
            )


def _build_report(outcome: RunOutcome) -> Report:
    doubt = outcome.error.values if outcome.outcome == "needs_resolution" and outcome.error else {}
    return Report([], outcome=outcome.outcome, due_at_epoch_ms=outcome.due_at_epoch_ms, doubt={**doubt})


if __name__ == "__main__":
    main()
