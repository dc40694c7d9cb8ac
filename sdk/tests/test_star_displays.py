"""Displays with stars: CPython's values, in CPython's order."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

HEAD = """\
from opforge import op, workload

workload("stars", version="1.0")


def add(items: list[int], item: int) -> int:
    items.append(item)
    return 100 // item


def put(amounts: dict[str, int], item: int) -> int:
    amounts[str(item)] = item
    return 100 // item


@op
def main(xs: list[int], amounts: dict[str, int]) -> list[int]:
    """


@pytest.mark.parametrize("xs", [[], [3], [0, 2]])
@pytest.mark.parametrize(
    "statements",
    [
        "return [*xs]",
        "ys = [*xs]; ys.append(9); return xs + ys",
        "return [1, *xs, 2, 3, *xs]",
        "return [*xs, *range(3), *(10 // x for x in xs), *amounts.values()]",
        "return [*xs, add(xs, 7), *xs]",
        "return [add(xs, len(xs)), *xs, 10 // xs[0]]",
        "return [x for pair in [[*xs, 1], [2, *xs]] for x in pair]",
        "return list({**amounts, 'b': 5, **{str(x): x for x in xs}}.values())",
        "made = {**amounts}; made['z'] = 1; return [*made.values(), *amounts.values()]",
        "made = {**amounts, 'q': put(amounts, 4), **amounts}; return list(made.values())",
        "made = {'q': put(amounts, len(xs)), **amounts, 'a': 1}; return list(made.values())",
    ],
)
def test_a_display_is_put_together_from_left_to_right(statements: str, xs: list[int]) -> None:
    source = f"{HEAD}{statements}\n"
    inputs = {"xs": xs, "amounts": {"b": 2, "a": 3}}
    compare(GeneratedProgram(source, inputs, parse_type("list[int]")))


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("return [*amounts]", "E_TYPE_MISMATCH"),
        ("return [*5]", "E_NOT_ITERABLE"),
        ('made = [*xs, "a"]; return xs', "E_OPERAND_TYPES"),
        ("made = {**xs}; return xs", "E_OPERAND_TYPES"),
        ('made = {**amounts, "a": "b"}; return xs', "E_OPERAND_TYPES"),
    ],
)
def test_parts_of_another_type_are_refused(statements: str, code: str) -> None:
    class Files:
        def read(self, path: str) -> bytes | None:
            return f"{HEAD}{statements}\n".encode() if path == "app.py" else None

    assert [each.code.name for each in compile_program("app.py", Files()).diagnostics] == [code]
