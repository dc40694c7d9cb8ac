"""Canonical bytes, digests and strict reading, beside rfc8785, orjson and json, in one sitting.

    python -m benchmarks.canonical [--json FILE]

First it checks that our bytes equal those of the rfc8785 library on the published vectors and on
generated documents, and counts where the peers' bytes differ. Then it times all programs by turns, so
that a change in the machine's speed hits all of them, and prints medians and ratios.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import platform
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import rfc8785

from opforge_ir.canonical import JsonValue, canonical_bytes, review_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.jsontext import read_json

VECTORS = Path(__file__).parents[2] / "ir" / "tests" / "vectors"
GENERATED_DOCUMENTS = 5_000
ROUNDS = 101

Write = Callable[[Any], bytes]


@dataclass(frozen=True)
class Measurement:
    """The median time of one program at one task."""

    task: str
    program: str
    input_bytes: int
    median_us: float
    megabytes_per_second: float
    times_as_fast: float
    """Compared with the first peer of the task."""


def orjson_sorted(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def json_sorted(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


WRITERS: dict[str, Write] = {
    "opforge": canonical_bytes,
    "rfc8785": rfc8785.dumps,
    "orjson, sorted keys": orjson_sorted,
    "json, sorted keys": json_sorted,
}


def build_workload(target_bytes: int) -> dict[str, JsonValue]:
    """A document in the manner of an IR, of about this many canonical bytes."""
    nodes: list[JsonValue] = []
    document: dict[str, JsonValue] = {
        "artifact": "workload",
        "ir_version": "0.1",
        "id": "portfolio",
        "nodes": nodes,
    }
    size = len(canonical_bytes(document))
    while size < target_bytes:
        node = _build_node(len(nodes))
        nodes.append(node)
        size += len(canonical_bytes(node)) + 1
    return document


def _build_node(index: int) -> dict[str, JsonValue]:
    address = "0x" + hashlib.sha256(str(index).encode()).hexdigest()[:40]
    total: dict[str, JsonValue] = {"kind": "name", "name": f"total_{index}"}
    amount: dict[str, JsonValue] = {"kind": "lit", "type": "int", "value": str(10**18 + index)}
    if index % 3:
        return {
            "id": f"total_{index + 1}",
            "kind": "let",
            "type": "int",
            "value": {"kind": "call", "operator": "int.add", "arguments": [total, amount], "type": "int"},
        }
    return {
        "id": f"balance_{index}",
        "kind": "effect",
        "capability": "chain.balance",
        "arguments": {"address": {"kind": "lit", "type": "Address", "value": address}, "block": total},
        "policy": {"attempts": 3, "timeout_ms": 10_000, "is_optional": False},
        "type": "int",
    }


def generate_document(chance: random.Random, depth: int = 0) -> JsonValue:
    """A small document with everything that canonical writers get wrong, floats excepted."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.choice([0, 1, -1, 2**53 - 1, -(2**53) + 1, chance.randrange(10**15)])
    if kind < 5:
        return _generate_text(chance)
    if kind == 5:
        return [generate_document(chance, depth + 1) for _ in range(chance.randrange(5))]
    return {_generate_text(chance): generate_document(chance, depth + 1) for _ in range(chance.randrange(6))}


def _generate_text(chance: random.Random) -> str:
    alphabet = (
        'ab01:,.e"\\/\b\f\n\r\t\0\x1f\x7f\u0080\u00e9\u2028\ud7ff\ue000\ufb33\uffff\U00010000\U0001f600'
    )
    return "".join(chance.choices(alphabet, k=chance.randrange(6)))


def check_equality() -> dict[str, int]:
    """How many documents each writer writes otherwise than RFC 8785; ours must be none."""
    sorting = orjson.loads((VECTORS / "sorting.input.json").read_bytes())
    example = orjson.loads((VECTORS / "serialization.input.json").read_bytes())
    published: list[tuple[Any, bytes]] = [
        (sorting, (VECTORS / "sorting.canonical.json").read_bytes()),
        (example, (VECTORS / "serialization.canonical.json").read_bytes()),
    ]
    chance = random.Random(8785)
    documents: list[Any] = [generate_document(chance) for _ in range(GENERATED_DOCUMENTS)]
    expected = published + [(document, rfc8785.dumps(document)) for document in documents]
    differing = {
        name: sum(write_or_refuse(w, d) not in (b, None) for d, b in expected) for name, w in WRITERS.items()
    }
    refused = sum(write_or_refuse(canonical_bytes, document) is None for document, _ in expected)
    if differing["opforge"] or differing["rfc8785"] or refused != 1:
        raise SystemExit(
            f"not the published bytes: {differing}, {refused} refused (expected: the one with floats)"
        )
    return differing


def write_or_refuse(write: Write, value: Any) -> bytes | None:
    try:
        return write(value)
    except DiagnosticError:
        return None


def measure(
    task: str, size: int, programs: dict[str, Callable[[], object]], baseline: str
) -> list[Measurement]:
    """The median of each program's times; the programs run by turns."""
    times: dict[str, list[int]] = {name: [] for name in programs}
    gc.collect()
    for _ in range(ROUNDS):
        for name, program in programs.items():
            start = time.perf_counter_ns()
            program()
            times[name].append(time.perf_counter_ns() - start)
    medians = {name: statistics.median(values) / 1_000 for name, values in times.items()}
    return [
        Measurement(task, name, size, round(us, 1), round(size / us, 1), round(medians[baseline] / us, 2))
        for name, us in medians.items()
    ]


def measure_all() -> list[Measurement]:
    workload = build_workload(100_000)
    canonical = canonical_bytes(workload)
    larger = build_workload(150_000)
    texts = {"canonical": canonical_bytes(larger), "review": review_bytes(larger)}
    respelled = texts["canonical"].replace(b'"effect"', rb'"\u0065ffect"')

    def digests(write: Write) -> Callable[[], object]:
        return lambda: digest_bytes(write(workload))

    results = measure(
        "canonical bytes and digest",
        len(canonical),
        {name: digests(write) for name, write in WRITERS.items()},
        "rfc8785",
    )
    for form, text in texts.items():
        results += measure(
            f"read, {form} form",
            len(text),
            {
                "opforge": partial(read_json, text),
                "json (not strict)": partial(json.loads, text),
                "orjson (not strict)": partial(orjson.loads, text),
            },
            "json (not strict)",
        )
    results += measure(
        "read, escapes that need the careful path",
        len(respelled),
        {"opforge": lambda: read_json(respelled), "json (not strict)": lambda: json.loads(respelled)},
        "json (not strict)",
    )
    return results + measure(
        "review form",
        len(texts["review"]),
        {
            "opforge": lambda: review_bytes(larger),
            "json, indented (other layout)": lambda: json.dumps(larger, sort_keys=True, indent=2).encode(),
        },
        "json, indented (other layout)",
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.canonical")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here as JSON too")
    json_file: Path | None = parser.parse_args().json
    differing = check_equality()
    results = measure_all()
    print(
        f"CPython {platform.python_version()}, orjson {orjson.__version__}, {platform.machine()}, "
        f"medians of {ROUNDS} rounds\n"
    )
    print("| Task | Program | kB | median µs | MB/s | ratio |")
    print("|---|---|---:|---:|---:|---:|")
    for m in results:
        print(
            f"| {m.task} | {m.program} | {m.input_bytes / 1_000:.0f} "
            f"| {m.median_us:,.0f} | {m.megabytes_per_second:,.1f} | {m.times_as_fast:,.2f} × |"
        )
    print(f"\nDocuments of {GENERATED_DOCUMENTS + 2:,} not written as RFC 8785 says (ours refuses one):")
    for name, count in differing.items():
        print(f"- {name}: {count:,}")
    if json_file is not None:
        json_file.write_text(
            json.dumps({"differing": differing, "measurements": [asdict(m) for m in results]}, indent=2)
            + "\n"
        )


if __name__ == "__main__":
    main()
