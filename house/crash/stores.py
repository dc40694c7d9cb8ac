"""The stores that runs are driven on."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from opforge_runtime.stores.protocol import Store
from opforge_runtime.stores.sqlite import SqliteStore

__all__ = ["SqlitePlace", "StorePlace", "open_places", "open_store"]


class StorePlace(Protocol):
    """Where the stores of trials are made."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    def make_store(self) -> AbstractContextManager[str]:
        """The name of a store for one trial; it is removed afterwards."""
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
        yield str(path)
        for each in self._folder.glob(f"{path.name}*"):
            each.unlink()


@contextmanager
def open_places() -> Generator[list[StorePlace]]:
    """Every kind of store that there is here.

    What a killed process has written is kept by the system, so the files need no disk.
    """
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield [SqlitePlace(Path(folder))]


@contextmanager
def open_store(name: str) -> Generator[Store]:
    """A store by the path of its file."""
    with SqliteStore(Path(name)) as store:
        yield store
