"""How long `forge` takes to say what it can do, beside the bare import of its command line library.

    python -m benchmarks.startup

Whole processes, by turns, in one sitting; medians and ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 31
FORGE = str(Path(sys.executable).parent / "forge")
PROGRAMS = {
    "python -c 'import typer'": [sys.executable, "-c", "import typer"],
    "forge --help": [FORGE, "--help"],
    "forge --version": [FORGE, "--version"],
    "forge explain E0103": [FORGE, "explain", "E0103"],
    "forge validate (a small IR)": [FORGE, "validate", "examples/gas_keeper/gas_keeper.ir.json"],
    "forge emit (a small op file)": [FORGE, "emit", "examples/gas_keeper/gas_keeper.py"],
    "python -c 'pass'": [sys.executable, "-c", "pass"],
}


def main() -> None:
    """Measure and print a table."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, command in PROGRAMS.items():
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(values) for name, values in times.items()}
    baseline = next(iter(medians.values()))
    print(f"{'program':32} {'median ms':>10} {'ratio':>6}")
    for name, median in medians.items():
        print(f"{name:32} {median * 1000:10.1f} {median / baseline:6.2f}")


if __name__ == "__main__":
    main()
