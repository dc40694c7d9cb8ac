"""Validation of a 1 000-node workload, beside pydantic, jsonschema-rs and jsonschema, in one sitting.

    python -m benchmarks.validate [--json FILE]

First it checks that all programs accept the workload, and that they agree on whether each of some
hundred variants with a part removed, replaced or added has the shape of a document. Then it times them by
turns. The peers check the shape only; ours checks the meaning and the grants too, and names every problem.
"""

from __future__ import annotations

import argparse
import copy
import gc
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

import jsonschema
import jsonschema_rs
import pydantic
from pydantic import ValidationError

from benchmarks.validate.workload import build_workload, count_nodes, spoil
from house.json_places import find_places, is_object
from opforge_ir.canonical import canonical_bytes
from opforge_ir.collection import collection_paused
from opforge_ir.document import Document
from opforge_ir.jsontext import read_json
from opforge_ir.problems import Problems
from opforge_ir.schema import build_schemas
from opforge_ir.validation import validate_document
from opforge_ir.validation.shape import check_shape

NODES = 1_000
ROUNDS = 51
ROUNDS_OF_SLOW = 5
VARIANTS = 200
TARGET_MS = 5.0

Accepts = Callable[[Any], bool]


@dataclass(frozen=True)
class Measurement:
    """The median time of one program at one task."""

    task: str
    program: str
    checks: str
    median_ms: float
    times_ours: float
    """Compared with the first program of the task, which is ours."""


def fits_models(document: Any) -> bool:
    try:
        Document.model_validate(document)
    except ValidationError:
        return False
    return True


def explains_nothing(document: Any) -> bool:
    """Whether our own account of the shape, which runs for misshapen documents only, finds nothing."""
    problems = Problems()
    check_shape(document, problems)
    return len(problems) == 0


def build_variants(document: Any, count: int) -> list[Any]:
    """Copies with one member or item removed, replaced or added, not all of them of a wrong shape."""
    chance = random.Random(2020_12)
    replacements: list[Any] = [None, True, 7, "", "int", "two words", [], {}]
    variants: list[Any] = []
    for _ in range(count):
        variant = copy.deepcopy(document)
        places = find_places(variant)
        container, key = places[chance.randrange(len(places))]
        change = chance.randrange(3)
        if change == 0:
            container[key] = copy.copy(chance.choice(replacements))
        elif change == 1:
            del container[key]
        elif is_object(container):
            container["extra"] = "1"
        else:
            container.append({"kind": "let"})
        variants.append(variant)
    return variants


def measure(
    task: str, programs: dict[tuple[str, str], Callable[[], object]], rounds: int
) -> list[Measurement]:
    """The median of each program's CPU times; the programs run by turns.

    CPU time, because other work on the machine would otherwise be part of what is measured.
    """
    times: dict[tuple[str, str], list[int]] = {program: [] for program in programs}
    for _ in range(rounds):
        for program, run in programs.items():
            start = time.process_time_ns()
            run()
            times[program].append(time.process_time_ns() - start)
    medians = {program: statistics.median(values) / 1_000_000 for program, values in times.items()}
    ours = next(iter(medians.values()))
    return [
        Measurement(task, name, checks, round(ms, 2), round(ms / ours, 2))
        for (name, checks), ms in medians.items()
    ]


def check_agreement(workload: Any, rust: Any, python: Any) -> int:
    """How many of the variants are misshapen; ends the program when the programs do not agree."""
    accepting: dict[str, Accepts] = {
        "jsonschema-rs": rust.is_valid,
        "opforge, the account of misfits": explains_nothing,
    }
    variants = build_variants(build_workload(100), VARIANTS)
    expected = [fits_models(variant) for variant in variants]
    differing = [name for name, accepts in accepting.items() if [*map(accepts, variants)] != expected]
    refusing = [name for name, accepts in accepting.items() if not accepts(workload)]
    if differing or refusing or validate_document(workload) or not python.is_valid(workload):
        raise SystemExit(f"the programs do not agree with pydantic: {differing or refusing or 'ours'}")
    return expected.count(False)


def measure_all(text: bytes, spoilt: bytes, rust: Any, python: Any) -> list[Measurement]:
    value: Any = read_json(text)
    ours = "bytes, shape, meaning, grants"
    results = measure(
        f"valid, {NODES:,} nodes",
        {
            ("opforge", ours): partial(_read_and_validate, text),
            ("opforge, from JSON values", "shape, meaning, grants"): lambda: validate_document(value),
            ("pydantic, from JSON values", "shape"): lambda: Document.model_validate(value),
            ("pydantic, from bytes", "shape"): lambda: Document.model_validate_json(text),
            ("jsonschema-rs, from JSON values", "shape"): lambda: rust.is_valid(value),
        },
        ROUNDS,
    )
    slow = measure(
        results[0].task,
        {
            ("opforge", ours): partial(_read_and_validate, text),
            ("jsonschema, from JSON values", "shape"): lambda: python.is_valid(value),
        },
        ROUNDS_OF_SLOW,
    )
    results.append(slow[1])
    mistakes = len(validate_document(read_json(spoilt)))
    results += measure(
        f"{mistakes} mistakes of meaning, {NODES:,} nodes",
        {("opforge", ours): partial(_read_and_validate, spoilt)},
        ROUNDS,
    )
    for nodes in (100, 5_000):
        other = canonical_bytes(build_workload(nodes))
        run = partial(_read_and_validate, other)
        results += measure(f"valid, {nodes:,} nodes", {("opforge", ours): run}, ROUNDS)
    return results


def _read_and_validate(text: bytes) -> object:
    """As `forge validate` does it."""
    with collection_paused():
        return validate_document(read_json(text))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validate")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here as JSON too")
    json_file: Path | None = parser.parse_args().json
    schema: Any = build_schemas()["workload-ir.schema.json"]
    rust = jsonschema_rs.validator_for(schema)
    python = jsonschema.Draft202012Validator(schema)
    workload = build_workload(NODES)
    text = canonical_bytes(workload)
    misshapen = check_agreement(workload, rust, python)
    # What the imports left behind is in nobody's time: collections look at what the programs make only.
    gc.collect()
    gc.freeze()
    results = measure_all(text, canonical_bytes(spoil(workload)), rust, python)
    kinds = text.count(b'"kind"')
    print(
        f"CPython {platform.python_version()}, pydantic {pydantic.VERSION}, {platform.machine()}; "
        f"{count_nodes(workload):,} nodes are {len(text) / 1_000:.0f} kB, {kinds:,} nodes and expressions; "
        f"median CPU times of {ROUNDS} rounds, jsonschema {ROUNDS_OF_SLOW}\n"
    )
    print("| Task | Program | Checks | median ms | times ours |")
    print("|---|---|---|---:|---:|")
    for m in results:
        print(f"| {m.task} | {m.program} | {m.checks} | {m.median_ms:,.2f} | {m.times_ours:,.2f} × |")
    print(f"\nOf {VARIANTS} variants {misshapen} are misshapen; the programs agree on every one.")
    is_met = results[0].median_ms <= TARGET_MS
    print(
        f"The target, {TARGET_MS:.0f} ms for the whole validation, is {'met' if is_met else 'not met'} here."
    )
    if json_file is not None:
        report = {"bytes": len(text), "misshapen": misshapen, "measurements": [asdict(m) for m in results]}
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
