"""Emission: op files to canonical bytes, beside Kubeflow Pipelines, Flytekit and Hamilton, in one sitting.

    python -m benchmarks.emit [--json FILE] [--without-peers]

Ours parses, checks names and types, lowers, infers grants, validates and writes canonical bytes. The peers
run the function that describes the pipeline and write out what they recorded, each in its own environment.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.emit.environments import PEERS, run_peer
from benchmarks.emit.families import FAMILIES, Family
from benchmarks.emit.phases import PHASES, phases_timed
from benchmarks.emit.programs import ENTRY, Files, build_program, build_project
from benchmarks.validate.workload import count_nodes
from opforge_compiler.emit import emit_file
from opforge_ir.diagnostics import DiagnosticError

SIZES = [100, 1_000, 10_000]
ROUNDS = 5
PROCESS_ROUNDS = 15
TARGET_US = 100.0
TARGET_PROCESS_S = 0.5
FORGE = str(Path(sys.executable).parent / "forge")


@dataclass(frozen=True)
class Measurement:
    """The median time of one program at one size."""

    program: str
    nodes: int
    us_per_node: float
    shares: dict[str, float]
    """Of ours: the part of each phase, in percent."""


def write_files(files: Files, folder: Path) -> Path:
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder / ENTRY


def measure_ours(name: str, files: Files) -> Measurement:
    """CPU times in this process, with all modules loaded: the median of some rounds, and of each phase."""
    totals: list[float] = []
    phases: list[dict[str, float]] = []
    nodes = 0
    with tempfile.TemporaryDirectory() as folder:
        entry = write_files(files, Path(folder))
        emit_file(entry)
        for _ in range(ROUNDS):
            gc.collect()
            with phases_timed() as seconds:
                start = time.process_time()
                emission = emit_file(entry)
                totals.append(time.process_time() - start)
            phases.append(seconds)
            nodes = count_nodes(emission.document)  # type: ignore[arg-type]  # a document is an object
            del emission
    total = statistics.median(totals)
    medians = {phase: statistics.median(each[phase] for each in phases) for phase in PHASES}
    shares = {phase: round(100 * seconds / total, 1) for phase, seconds in medians.items()}
    return Measurement(name, nodes, round(total / nodes * 1e6, 1), shares)


def measure_peers() -> list[Measurement]:
    found: list[Measurement] = []
    for peer in PEERS:
        times: dict[int, list[float]] = {}
        for _ in range(1 if peer.is_slow else 3):
            answer = run_peer(peer, SIZES)
            if isinstance(answer, str):
                print(f"{peer.name} is left out: it {answer}", file=sys.stderr)
                break
            for timing in answer:
                times.setdefault(timing.nodes, []).append(timing.seconds)
        found += [
            Measurement(f"{peer.name} ({peer.makes})", n, round(statistics.median(t) / n * 1e6, 1), {})
            for n, t in times.items()
        ]
    return found


def measure_process(files: Files) -> tuple[int, float, float]:
    """Lines of the program, and the median and first seconds of `forge emit` from process start to its end.

    The first run finds no compiled modules where the sources are new; it is not part of the median.
    """
    with tempfile.TemporaryDirectory() as folder:
        entry = write_files(files, Path(folder))
        lines = entry.read_text(encoding="utf-8").count("\n")
        times: list[float] = []
        for _ in range(PROCESS_ROUNDS + 1):
            start = time.perf_counter()
            subprocess.run([FORGE, "emit", str(entry)], stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - start)
    return lines, statistics.median(times[1:]), times[0]


def measure_growth(family: Family) -> tuple[float, float, str]:
    """The milliseconds of the largest size, the exponent from the smallest to it, and how it ends."""
    times: list[float] = []
    ending = "compiled"
    with tempfile.TemporaryDirectory() as folder:
        for factor in (1, 2, 4):
            entry = write_files({ENTRY: family.build(family.size * factor)}, Path(folder))
            rounds: list[float] = []
            for _ in range(3):
                gc.collect()
                start = time.process_time()
                try:
                    emit_file(entry)
                except DiagnosticError as error:
                    ending = error.diagnostics[0].code.name
                rounds.append(time.process_time() - start)
            times.append(min(rounds))
    return times[-1] * 1_000, math.log2(times[-1] / times[0]) / 2, ending


def print_tables(ours: list[Measurement], peers: list[Measurement]) -> None:
    by_nodes = dict(zip(SIZES, ours, strict=False))
    print("| Program | nodes | µs per node | times ours |")
    print("|---|---:|---:|---:|")
    for each in [*ours, *peers]:
        nearest = by_nodes[min(SIZES, key=lambda size: abs(size - each.nodes))]
        ratio = each.us_per_node / nearest.us_per_node
        print(f"| {each.program} | {each.nodes:,} | {each.us_per_node:,.1f} | {ratio:,.2f} × |")
    print(f"\n| Share of each phase, % | nodes | {' | '.join(PHASES)} | the rest |")
    print(f"|---|---:|{'---:|' * (len(PHASES) + 1)}")
    for each in ours:
        shares = [*each.shares.values(), round(100 - sum(each.shares.values()), 1)]
        print(f"| {each.program} | {each.nodes:,} | {' | '.join(f'{share:.1f}' for share in shares)} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emit")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here as JSON too")
    parser.add_argument("--without-peers", action="store_true", help="measure ours only")
    options = parser.parse_args()
    print(
        f"CPython {platform.python_version()}, {platform.machine()}; CPU times, medians of {ROUNDS} rounds\n"
    )
    ours = [measure_ours("opforge, one file", build_program(size)) for size in SIZES]
    ours += [measure_ours("opforge, several files", build_project(size)) for size in SIZES]
    peers = [] if options.without_peers else measure_peers()
    print_tables(ours, peers)
    lines, seconds, first = measure_process(build_program(150))
    print(f"\n`forge emit` of {lines} lines, whole process: {seconds:.2f} s (the first one {first:.2f} s)\n")
    print("| Grows | up to | ms | exponent | ends as |")
    print("|---|---:|---:|---:|---|")
    growth = {family.name: measure_growth(family) for family in FAMILIES}
    for family in FAMILIES:
        ms, exponent, ending = growth[family.name]
        print(f"| {family.name} | {4 * family.size:,} | {ms:,.0f} | {exponent:.2f} | {ending} |")
    largest = ours[len(SIZES) - 1]
    is_met = largest.us_per_node <= TARGET_US and seconds < TARGET_PROCESS_S
    print(
        f"\nThe targets, {TARGET_US:.0f} µs per node at {largest.nodes:,} nodes and {TARGET_PROCESS_S} s for "
        f"a process, are {'met' if is_met else 'not met'} here."
    )
    if options.json is not None:
        report = {
            "ours": [asdict(each) for each in ours],
            "peers": [asdict(each) for each in peers],
            "process": {"lines": lines, "seconds": seconds, "first": first},
            "growth": {name: {"ms": ms, "exponent": e, "ends": end} for name, (ms, e, end) in growth.items()},
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
