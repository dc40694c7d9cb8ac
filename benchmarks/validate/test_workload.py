"""What the benchmark measures is what it says."""

from __future__ import annotations

import pytest

from benchmarks.validate.workload import build_workload, count_nodes, spoil
from opforge_ir.validation import validate_document


@pytest.mark.parametrize("nodes", [100, 1_000])
def test_the_workload_is_valid_and_has_as_many_nodes(nodes: int) -> None:
    workload = build_workload(nodes)
    assert validate_document(workload) == []
    assert count_nodes(workload) == nodes


def test_each_spoilt_op_is_one_problem() -> None:
    spoilt = spoil(build_workload(200))
    found = [(each.code.name, each.pointer) for each in validate_document(spoilt)]
    assert len(found) == len(spoilt["ops"])
    assert {name for name, _ in found} == {"E_UNKNOWN_REF"}
