"""Durable execution: what a step costs, beside DBOS, LangGraph and a bare loop of commits, in one sitting.

    python -m benchmarks.durable [--quick] [--rounds N] [--only NAME …] [--json FILE]

Every system drives the same program: a run that adds up the numbers of its steps. See README.md for what is
measured and what is unfair to whom.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.durable.measures import Results, build_plan
from benchmarks.durable.systems import (
    BARE_LOOP,
    GROUPED,
    STRICT,
    SYSTEMS,
    DriverError,
    Sitting,
    System,
    start_postgresql,
)
from benchmarks.durable.tables import print_tables, print_targets
from opforge_compiler.emit import emit_file

PROGRAM = Path(__file__).parent / "program" / "add_up.py"


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def choose_systems(sitting: Sitting, names: list[str], folder: Path) -> list[System]:
    """Those that can be measured here; why another one cannot is told."""
    chosen: list[System] = []
    for position, system in enumerate(SYSTEMS):
        if system is not BARE_LOOP and names and not any(name in system.name for name in names):
            continue
        tried = folder / f"tried{position}"
        tried.mkdir()
        try:
            sitting.carry_out(system, "steps", tried, 2)
        except DriverError as error:
            if not system.is_peer:
                raise
            tell(f"{system.name} is left out: it {error}")
        else:
            chosen.append(system)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable")
    parser.add_argument("--quick", action="store_true", help="few steps, for a look")
    parser.add_argument("--rounds", type=int, metavar="N", help="how many rounds of each measure")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="beside the bare loop: these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every report here")
    options = parser.parse_args()
    if options.quick:
        plan = build_plan([1_000], runs=200, resumed=1_000, rounds=options.rounds or 3)
    else:
        plan = build_plan([1_000, 10_000, 100_000], runs=200, resumed=10_000, rounds=options.rounds)
    results = Results()
    load_before = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="durable")))
        document = folder / "add_up.json"
        document.write_bytes(emit_file(PROGRAM).canonical)
        server = None
        try:
            server = stack.enter_context(start_postgresql(folder / "postgresql"))
        except DriverError as error:
            tell(f"PostgreSQL is left out: it {error}")
        sitting = Sitting(document, server)
        systems = choose_systems(sitting, options.only, folder)
        results.take(sitting, plan, systems, tell)
    print(
        f"CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()},"
        f" {os.cpu_count()} cores; load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after\n"
    )
    print_tables(plan, results, systems)
    if {STRICT, GROUPED} <= set(systems):
        print()
        print_targets(plan, results)
    if options.json is not None:
        reports = [
            {"measure": measure, "round": number, "system": system, **asdict(report)}
            for measure, rounds in results.rounds.items()
            for number, found in enumerate(rounds, start=1)
            for system, report in found.items()
        ]
        options.json.write_text(json.dumps(reports, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
