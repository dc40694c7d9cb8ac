"""Operands that the IR takes in another order are evaluated in Python's, and only when Python does."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

HEAD = 'from opforge import op, workload\n\nworkload("order", version="1.0")\n\n\n'
APART = "def apart(low: int, high: int) -> int:\n    return high - low\n\n\n"


@pytest.mark.parametrize("number", [0, 1, 5])
@pytest.mark.parametrize("words", [[], ["x"], ["z"]])
@pytest.mark.parametrize(
    "expression",
    [
        'len(words) > 0 and words[-1] in ("x", "y")',
        "len(words) > 0 and words[0] in [words[-1]]",
        "number > 0 and apart(high=10 // number, low=100 // number) > 2",
        "words[0] in words if len(words) > 0 else False",
        "10 // number + int(words[0] in words) > 1",
        "apart(high=10 // number, low=len(words[0])) > 1",
    ],
)
def test_a_lazy_operand_stays_lazy(expression: str, words: list[str], number: int) -> None:
    source = f"{HEAD}{APART}@op\ndef main(words: list[str], number: int) -> bool:\n    return {expression}\n"
    compare(GeneratedProgram(source, {"words": words, "number": number}, parse_type("bool")))
