"""The store that a command works on, as it and the configuration name it; nothing that drives runs."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import opforge_runtime
from opforge_cli.configuration import Configuration, find_configuration, load_configuration
from opforge_runtime import Store

__all__ = ["configure", "open_store"]


def configure(path: Path | None, start: Path) -> Configuration:
    """The configuration in this file, or in the nearest `forge.toml` from a folder upward."""
    return load_configuration(path if path is not None else find_configuration(start))


@contextmanager
def open_store(configuration: Configuration, url: str | None, *, is_created: bool) -> Generator[Store]:
    """The store of the runs: the one at `url`, which keeps its artifacts itself, or the configured one.

    Raises DiagnosticError when it cannot be opened or made.
    """
    if url is None:
        store = opforge_runtime.open_store(
            configuration.store, configuration.artifacts, is_created=is_created
        )
    else:
        store = opforge_runtime.open_store(url, is_created=is_created)
    with closing(store):
        yield store
