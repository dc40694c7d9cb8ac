"""Compile programs in this process, one after the other, and report what came of each.

    python -P house/emit_corpus.py FILE…    (in the environment of the Python that is tried)

Prints one JSON object: for each file the exit status of `forge emit` and of `forge emit --json`, and what
each wrote to standard output, as hexadecimal digits. It runs in environments without the tools of this
repository, so it imports nothing else of `house`.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout

from opforge_cli.main import main


def run_forge(*arguments: str) -> tuple[int, str]:
    """The exit status of the command, and its standard output as hexadecimal digits."""
    sys.argv = ["forge", *arguments]
    written = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(written, write_through=True)):
        try:
            main()
            status = 0
        except SystemExit as done:
            status = done.code if isinstance(done.code, int) else int(done.code is not None)
        digits = written.getvalue().hex()
    return status, digits


if __name__ == "__main__":
    files = sys.argv[1:]
    json.dump(
        {file: [run_forge("emit", file), run_forge("emit", "--json", file)] for file in files}, sys.stdout
    )
