"""CPython is the specification of the language.

"For every accepted program without effects, the interpreter's result equals CPython's", and one with effects
asks the same in the same order. A longer search is `just differential 50000`.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings

from house.differential import compare, run_natively
from house.program_generator import GeneratedProgram, programs
from opforge_ir.types import parse_type


@pytest.mark.parametrize("part", range(10))
def test_a_generated_program_ends_in_the_interpreter_as_in_cpython(part: int) -> None:
    """Each part is 200 programs of its own."""

    @seed(part)
    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(programs())
    def run(program: GeneratedProgram) -> None:
        compare(program)

    run()


HEAD = """\
from decimal import Decimal
from opforge import Fail, op, workload
workload("sample", version="1.0.0")

def push(items: list[int], item: int) -> int:
    items.append(item)
    return len(items)

@op
"""
FOUND: list[tuple[str, str]] = [
    ("int", "items = [1]\nreturn push(items, 2) - len(items) * push(items, 3)"),
    ("list[int]", "items = [1]\nsizes = [push(items, 2), len(items), push(items, 3)]\nreturn items + sizes"),
    ("dict[str,int]", 'return dict(dict({"a": 1}))'),
    (
        "int",
        'd: dict[str, int] = {}\nitems: list[int] = []\nreturn sum((items[1] for c in range(2)), d["a"])',
    ),
    ("int", 'd: dict[str, int] = {}\nitems: list[int] = []\nreturn sum((c for c in [items[1]]), d["a"])'),
    ("Optional[str]", 'word = "a"\nfound: str | None = word or ("b" if word else "c")\nreturn found'),
]
"""Bodies in which a difference, or a needless refusal, was found once."""


@pytest.mark.parametrize(("result", "body"), FOUND)
def test_what_differed_once_does_not_any_more(result: str, body: str) -> None:
    compare(build(result, body))


@pytest.mark.parametrize(
    "comprehension",
    [
        "[1 for c in range(2) if n for n in range(2)]",
        "[n for c in range(2) for n in range(n)]",
        "sorted({n: c for c in range(2) if n > 1 for n in range(2)})",
    ],
)
def test_a_variable_of_a_comprehension_has_no_value_before_its_clause(comprehension: str) -> None:
    """Also where a variable outside has its name: CPython raises UnboundLocalError, so it is refused."""
    program = build("list[int]", f"n = 3\nreturn {comprehension}")
    assert run_natively(program).exception == "UnboundLocalError"
    with pytest.raises(AssertionError, match="E_MAYBE_UNSET"):
        compare(program)


def build(result: str, body: str) -> GeneratedProgram:
    """A program whose op has this body and no parameters."""
    kind = parse_type(result)
    annotation = f"{kind.args[0]} | None" if kind.is_optional else str(kind)
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return GeneratedProgram(f"{HEAD}def main() -> {annotation}:\n{lines}", {}, kind)
