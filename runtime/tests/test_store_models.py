"""Random histories of each store agree with a model of plain lists."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings

from house.store_machine import StoreMachine
from house.store_samples import Clock
from opforge_runtime.stores import MemoryStore, SqliteStore, Store


class MemoryMachine(StoreMachine):
    is_shared = False

    def open(self, folder: Path, clock: Clock) -> Store:
        return MemoryStore(now_epoch_ms=clock)


class SqliteMachine(StoreMachine):
    def open(self, folder: Path, clock: Clock) -> Store:
        return SqliteStore(folder / "runs.db", now_epoch_ms=clock)


TestMemoryModel = MemoryMachine.TestCase
TestMemoryModel.settings = settings(max_examples=40, stateful_step_count=30)

TestSqliteModel = SqliteMachine.TestCase
TestSqliteModel.settings = settings(max_examples=30, stateful_step_count=50)
