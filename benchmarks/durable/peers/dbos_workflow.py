"""DBOS: a workflow that calls a step N times; its store is SQLite, or PostgreSQL with `--server`.

Runs in an environment of its own. The store is opened as DBOS opens it by default.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import create_engine, text

from benchmarks.durable.measuring import Watch, add_arguments, carry_out, count_sqlite_bytes

watch = Watch(-1)


@DBOS.step()
def number_of(number: int) -> int:
    watch.begin(number)
    return number


@DBOS.workflow()
def add_up(steps: int) -> int:
    total = 0
    for number in range(steps):
        total += number_of(number)
    return total


class DbosDriver:
    """DBOS is one for each process."""

    def __init__(self, server: str | None, folder: Path, watching: Watch) -> None:
        global watch  # noqa: PLW0603 - steps are functions of the module
        watch = watching
        self._path = folder / "dbos.sqlite"
        self._server = server
        database = folder.name.lower()
        self._url = (
            f"sqlite:///{self._path}" if server is None else server.replace("/postgres?", f"/{database}?")
        )
        config: DBOSConfig = {
            "name": "benchmark",
            "system_database_url": self._url,
            "application_version": "1",
            "executor_id": "benchmark",
            "log_level": "ERROR",
            "run_admin_server": False,
        }
        DBOS(config=config)
        # Recovers, in a thread of its own, what a process of the same executor left.
        DBOS.launch()

    def run(self, name: str, steps: int) -> int:
        with SetWorkflowID(name):
            return add_up(steps)

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        handles = []
        for name in names:
            with SetWorkflowID(name):
                handles.append(DBOS.start_workflow(add_up, steps))
        return [handle.get_result() for handle in handles]

    def resume(self, name: str, _steps: int, /) -> int:
        return DBOS.retrieve_workflow(name).get_result()

    def count_bytes(self) -> int:
        if self._server is None:
            return count_sqlite_bytes(self._path)
        engine = create_engine(self._url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        engine.dispose()
        return int(size)

    def close(self) -> None:
        DBOS.destroy()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable.peers.dbos_workflow")
    add_arguments(parser)
    parser.add_argument("--server", help="the address of a PostgreSQL server's database `postgres`")
    options = parser.parse_args()
    carry_out(options, partial(DbosDriver, options.server))


if __name__ == "__main__":
    main()
