"""The least that a durable step can cost: one commit of one row in SQLite, and nothing else.

WAL and `synchronous=FULL`, as Opforge has them. A row is as long as what Opforge writes for a step; resuming
reads and parses them all.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.durable.measuring import Watch, add_arguments, carry_out, count_sqlite_bytes

_ROW_BYTES: Final = 1_500
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS steps (run TEXT NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL,"
    " PRIMARY KEY (run, number)) STRICT"
)


class BareLoop:
    """A loop with a database."""

    def __init__(self, folder: Path, watch: Watch) -> None:
        self._path = folder / "bare.sqlite"
        self._watch = watch
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_TABLE)

    def run(self, name: str, steps: int) -> int:
        return self._go_on(name, 0, 0, steps)

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        """Their steps by turns, a commit each: what shares no commits gets."""
        sums = dict.fromkeys(names, 0)
        for number in range(steps):
            for name in names:
                sums[name] = self._go_on(name, sums[name], number, number + 1)
        return list(sums.values())

    def resume(self, name: str, steps: int) -> int:
        rows = self._connection.execute(
            "SELECT content FROM steps WHERE run = ? ORDER BY number", (name,)
        ).fetchall()
        return self._go_on(name, sum(json.loads(content)["result"] for (content,) in rows), len(rows), steps)

    def count_bytes(self) -> int:
        return count_sqlite_bytes(self._path)

    def close(self) -> None:
        self._connection.close()

    def _go_on(self, name: str, total: int, first: int, steps: int) -> int:
        for number in range(first, steps):
            self._watch.begin(number)
            result = number
            record = {"run": name, "number": number, "result": result, "filler": ""}
            record["filler"] = "x" * (_ROW_BYTES - len(json.dumps(record)))
            content = json.dumps(record).encode()
            self._connection.execute("INSERT INTO steps VALUES (?, ?, ?)", (name, number, content))
            total += result
        return total


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable.drivers.bare_loop")
    add_arguments(parser)
    carry_out(parser.parse_args(), BareLoop)


if __name__ == "__main__":
    main()
