"""Lists, dicts and tuples: each construct ends in the interpreter as in CPython."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from house.differential import compare, run_natively
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal
from opforge import Fail, op, record, workload

workload("containers", version="1.0.0")


@record
class Row:
    name: str
    items: list[int]


def push(items: list[int], item: int) -> int:
    items.append(item)
    return len(items)


def second(items: list[int]) -> int:
    return items.pop(1)


def last(word: str) -> str:
    return word.upper()


def push_all(items: list[int], others: list[int]) -> list[int]:
    items.extend(others)
    return others


def put(rows: dict[str, list[int]], items: list[int]) -> bool:
    rows["a"] = items
    return len(items) > 1


def is_odd(n: int) -> bool:
    return n % 2 == 1


def minus(a: int, b: int) -> int:
    return a - b


"""


def build(result: str, body: str) -> GeneratedProgram:
    """A program whose op has this body and no parameters."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return GeneratedProgram(f"{HEAD}@op\ndef main() -> {result}:\n{lines}", {}, parse_type(result))


def read_examples(text: str) -> dict[str, tuple[str, str]]:
    """Bodies of an op by what they are about: each stands below a line `# about -> type of the result`."""
    found = re.findall(r"^# (.+) -> (.+)\n((?:(?!# ).*\n)*)", text, re.MULTILINE)
    return {about: (result, body.strip()) for about, result, body in found}


EXAMPLES = {
    f"{path.stem}: {about}": example
    for path in sorted((Path(__file__).parent / "containers").glob("*.txt"))
    for about, example in read_examples(path.read_text("utf-8")).items()
}


@pytest.mark.parametrize(("result", "body"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_ends_as_in_cpython(result: str, body: str) -> None:
    compare(build(result, body))


def test_some_of_them_end_with_an_exception() -> None:
    """A mistake in an example would end both ways alike."""
    ended = {run_natively(build(*each)).exception for each in EXAMPLES.values()}
    expected = {
        "IndexError",
        "InvalidOperation",
        "KeyError",
        "OverflowError",
        "ValueError",
        "ZeroDivisionError",
    }
    assert ended == {"", *expected}
