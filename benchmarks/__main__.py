"""Run every benchmark, one after the other: `python -m benchmarks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run each program of this folder; returns the first exit status that is not 0."""
    folder = Path(__file__).parent
    for program in sorted(path.parent.name for path in folder.glob("*/__main__.py")):
        print(f"\n== {program}\n", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{program}"], cwd=folder.parent, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
