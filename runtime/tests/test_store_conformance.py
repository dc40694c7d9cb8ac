"""Each store keeps what every store promises."""

from __future__ import annotations

from pathlib import Path

from house.store_samples import Clock
from house.store_suite import SharedStoreSuite, StoreSuite
from opforge_runtime.stores import MemoryStore, SqliteStore, Store


class TestMemoryStore(StoreSuite):
    def open(self, tmp_path: Path, clock: Clock) -> Store:
        return MemoryStore(now_epoch_ms=clock)


class TestSqliteStore(SharedStoreSuite):
    def open(self, tmp_path: Path, clock: Clock) -> Store:
        return SqliteStore(tmp_path / "runs.db", now_epoch_ms=clock)
