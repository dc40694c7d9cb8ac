"""The stores that runs are driven on."""

from __future__ import annotations

import itertools
import tempfile
import uuid
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from house.postgres_server import PostgresServer
from opforge_runtime.stores.sqlite import SqliteStore

__all__ = ["PostgresPlace", "SqlitePlace", "StorePlace", "open_sqlite_place"]


class StorePlace(Protocol):
    """Where the stores of trials are made."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    def make_store(self) -> AbstractContextManager[str]:
        """The address of a store for one trial. It may hold the runs of earlier ones."""
        ...


class SqlitePlace:
    """A folder: each trial has a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.name = "SQLite"
        self._folder = folder
        self._numbers = itertools.count(1)

    @contextmanager
    def make_store(self) -> Generator[str]:
        """Part of StorePlace."""
        path = self._folder / f"{next(self._numbers)}.db"
        SqliteStore(path).close()  # so that its tables are there, as those of PostgreSQL are
        yield str(path)
        for each in self._folder.glob(f"{path.name}*"):
            each.unlink()


class PostgresPlace:
    """A server: all trials share tables, those of one schema of the place's own."""

    def __init__(self, server: PostgresServer) -> None:
        self.name = "PostgreSQL"
        self._url = f"{server.get_url()}&schema=crash_{uuid.uuid4().hex[:8]}"

    @contextmanager
    def make_store(self) -> Generator[str]:
        """Part of StorePlace."""
        yield self._url


@contextmanager
def open_sqlite_place() -> Generator[SqlitePlace]:
    """Files in memory: what a killed process has written is kept by the system, and needs no disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield SqlitePlace(Path(folder))
