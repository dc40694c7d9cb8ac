"""Orders that workers drive while some of the workers are killed, and what must have come of them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from house.crash.programs import compile_program
from house.crash.server import RecordingServer
from opforge_ir.events import Output, Provenance, RunCompleted
from opforge_ir.ids import RunId
from opforge_runtime.effect_io.live import open_live_io
from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine
from opforge_runtime.history import read_run
from opforge_runtime.replay import replay_run
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.postgres import PostgresStore
from opforge_runtime.stores.protocol import ENDED, RunFilter, RunRecord, Store

__all__ = ["ITEMS", "WorkerProcess", "build_order_id", "inspect_orders", "submit_orders", "work_through"]

ITEMS: Final = 3
_POLL_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 60.0
"""So long nothing may happen before the trial is given up."""


def build_order_id(order: int) -> RunId:
    """The run of an order."""
    return RunId(f"orders-{order:06}")


def submit_orders(url: str, count: int) -> None:
    """Record so many orders for workers to drive."""
    document = compile_program(Path(__file__).with_name("ops") / "orders.py").encode()

    async def submit() -> None:
        with closing(PostgresStore(url)) as store:
            async with open_live_io({}, log=lambda _level, _message: None) as effect_io:
                engine = Engine(store, effect_io, clock=lambda: time.time_ns() // 1_000_000)
                for order in range(count):
                    await engine.submit(
                        build_order_id(order),
                        document,
                        "main",
                        {"order": str(order), "items": str(ITEMS)},
                        configuration=DEFAULT_CONFIGURATION,
                        provenance=Provenance(opforge_version="", git_commit=""),
                    )

    asyncio.run(submit())


class WorkerProcess:
    """One `forge worker`."""

    def __init__(self, url: str, server: str, folder: Path, *options: str) -> None:
        """`server` is who answers for every host of the programs."""
        configuration = folder / "forge.toml"
        configuration.write_text(f'[http.resolve]\n"shop.example" = "{server}"\n', encoding="utf-8")
        self._output = folder / f"worker-{random.randrange(10**12)}.txt"
        command = [
            str(Path(sys.executable).with_name("forge")),
            "worker",
            f"--config={configuration}",
            *options,
        ]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, f"--store={url}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, wherever it is."""
        self._process.kill()
        self._process.wait()

    def leave(self) -> tuple[int, str]:
        """Tell it to end, and wait for that: its exit status, and what it printed."""
        self._process.terminate()
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Wait for its end: its exit status, and what it printed."""
        return self._process.wait(_PATIENCE_SECONDS), self.read()

    def read(self) -> str:
        """What it has printed until now."""
        return self._output.read_text(encoding="utf-8")


@contextmanager
def start_workers(
    count: int, url: str, server: RecordingServer, folder: Path, *options: str
) -> Generator[list[WorkerProcess]]:
    """So many workers; whoever of the list is there at the end is killed, if it has not ended."""
    workers = [WorkerProcess(url, server.url, folder, *options) for _ in range(count)]
    try:
        yield workers
    finally:
        for each in workers:
            each.kill()


def work_through(
    url: str, server: RecordingServer, folder: Path, *, orders: int, workers: int, kills: int, seed: int
) -> list[str]:
    """Have workers drive the orders, and kill one each time that some more are done.

    Returns what is wrong with the workers that were left in the end.
    """
    chance = random.Random(seed)
    options = ("--concurrency=8", "--lease=3")
    thresholds = [orders * (index + 1) // (kills + 1) for index in range(kills)]
    problems: list[str] = []
    with (
        closing(PostgresStore(url)) as store,
        start_workers(workers, url, server, folder, *options) as running,
    ):
        progress, changed_at = 0, time.monotonic()
        while (done := count_ended(store)) < orders:
            if done > progress:
                progress, changed_at = done, time.monotonic()
            if time.monotonic() - changed_at > _PATIENCE_SECONDS:
                printed = "\n".join(each.read()[-2_000:] for each in running)
                return [f"{done} of {orders} orders are done, and nothing moves\n{printed}"]
            if thresholds and done >= thresholds[0]:
                thresholds.pop(0)
                position = chance.randrange(workers)
                running[position].kill()
                running[position] = WorkerProcess(url, server.url, folder, *options)
            time.sleep(_POLL_SECONDS)
        for each in running:
            status, printed = each.leave()
            if status != 0 or "E_INTERNAL" in printed:
                problems.append(f"a worker ended with {status}:\n{printed}")
    return problems


def count_ended(store: Store) -> int:
    """How many orders are over."""
    return sum(
        record.run.startswith("orders-") and record.opening.op == "main" for record in _list_ended(store)
    )


def inspect_orders(url: str, server: RecordingServer, orders: int, *, replays: int) -> list[str]:
    """What is wrong with the orders, and with what the server was asked to do. Some runs are replayed."""
    problems = [f"the key {key} came with another text" for key in server.conflicts]
    expected = {key: text for order in range(orders) for key, text in list_effects(order).items()}
    if server.applied != expected:
        problems.append(f"effects: {sorted(set(server.applied.items()) ^ set(expected.items()))[:9]}")
    with closing(PostgresStore(url)) as store:
        ended = {record.run: record for record in _list_ended(store)}
        children = sum(order % 4 == 1 for order in range(orders))
        if len(ended) != orders + children or len(store.list_runs()) != len(ended):
            problems.append(f"{len(ended)} runs are over, of {len(store.list_runs())}")
        # A lease may be held still: of a worker that was killed while it found that the run was over.
        problems += [
            f"{record.run}: {record.standing}"
            for record in ended.values()
            if record.standing.status != "completed"
        ]
        for order in range(orders):
            last = read_run(store, build_order_id(order))[-1].envelope.event
            assert isinstance(last, RunCompleted)
            output: Any = read_artifact(store, last.output[0], Output).value
            receipts = [f"receipt for {text}" for text in list_effects(order).values()]
            if output != [str(order), *receipts]:
                problems.append(f"{build_order_id(order)} returned {output}")
        problems += [
            f"{build_order_id(order)} is not derived to its end"
            for order in range(0, orders, max(1, orders // replays))
            if not replay_run(store, build_order_id(order)).is_finished
        ]
    return problems


@cache
def list_effects(order: int) -> dict[str, str]:
    """What is posted for an order, in order, by key."""
    effects: dict[str, str] = {}
    before = str(order)
    for n in range(ITEMS):
        text = f"order {order} item {n} after {before}"
        effects[_quote(f"{order}-{n}")] = text
        before = f"receipt for {text}"
    if order % 4 == 0:
        effects[_quote(f"{order}-late")] = f"order {order} late"
    if order % 4 == 1:
        effects[_quote(f"{order}-ship")] = f"order {order}"
    return effects


def _quote(key: str) -> str:
    """A key as it travels: a string of RFC 8941."""
    return f'"{key}"'


def _list_ended(store: Store) -> list[RunRecord]:
    return store.list_runs(RunFilter(statuses=ENDED))
