"""`dataclasses.replace`: CPython's values and errors, in CPython's order."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

HEAD = """\
from dataclasses import replace

from opforge import op, record, workload

workload("copies", version="1.0")


@record
class Limits:
    low: int
    high: int = 10


@op
def main(numbers: list[int]) -> list[int]:
    limits = Limits(low=numbers[0])
"""


@pytest.mark.parametrize("numbers", [[3, 4], [0, 4], [5]])
@pytest.mark.parametrize(
    "expression",
    [
        "replace(limits, high=numbers[1])",
        "replace(limits, high=10 // numbers[0], low=numbers[1])",
        "replace(limits, low=numbers[1], high=10 // numbers[0])",
        "replace(Limits(10 // numbers[0]), low=numbers[1])",
        "replace(replace(limits, low=1), high=limits.low)",
        "replace(limits)",
    ],
)
def test_a_copy_is_what_python_makes(expression: str, numbers: list[int]) -> None:
    source = f"{HEAD}    made = {expression}\n    return [made.low, made.high, limits.low, limits.high]\n"
    compare(GeneratedProgram(source, {"numbers": numbers}, parse_type("list[int]")))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("replace(limits, hihg=2)", "Limits has no field hihg; did you mean high?"),
        ("replace(limits, 2)", "it takes a record, and the fields to change by their names"),
        ("replace(numbers, low=2)", "this is list[int] where a record is expected"),
        ('replace(limits, low="2")', "this is str where int is expected"),
        ("replace(limits if numbers else None, low=2)", "this may be None"),
    ],
)
def test_what_is_no_copy_is_refused(expression: str, said: str) -> None:
    class Files:
        def read(self, path: str) -> bytes | None:
            return f"{HEAD}    return [{expression}.low]\n".encode() if path == "app.py" else None

    (found,) = compile_program("app.py", Files()).diagnostics
    assert found.message.endswith(said)
