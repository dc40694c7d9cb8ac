"""What the benchmark measures is what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.emit.families import FAMILIES, Family
from benchmarks.emit.phases import PHASES, phases_timed
from benchmarks.emit.programs import ENTRY, Files, build_program, build_project
from benchmarks.validate.workload import count_nodes
from opforge_compiler.emit import emit_file
from opforge_ir.diagnostics import DiagnosticError


@pytest.mark.parametrize("build", [build_program, build_project])
@pytest.mark.parametrize("nodes", [100, 1_000])
def test_a_program_has_about_as_many_nodes(build: Callable[[int], Files], nodes: int, tmp_path: Path) -> None:
    for path, text in build(nodes).items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    with phases_timed() as seconds:
        emission = emit_file(tmp_path / ENTRY)
    assert nodes <= count_nodes(emission.document) <= 1.2 * nodes  # type: ignore[arg-type]
    assert list(seconds) == list(PHASES)
    assert all(seconds.values())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_is_compiled_or_refused(family: Family, tmp_path: Path) -> None:
    (tmp_path / ENTRY).write_text(family.build(family.size // 10 or 1), encoding="utf-8")
    assert find_codes(tmp_path / ENTRY) <= {"E_CHAIN_TOO_LONG", "E_DECORATOR", "E_UNKNOWN_NAME"}


def find_codes(entry: Path) -> set[str]:
    try:
        emit_file(entry)
    except DiagnosticError as error:
        return {each.code.name for each in error.diagnostics}
    return set()
