"""Short forms that authors use without a thought: each does what it does in CPython."""

from __future__ import annotations

from typing import Any

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum

from opforge import Address, op, workload

workload("everyday", version="1.0")


class Risk(IntEnum):
    HIGH = 3
    LOW = 1


class Side(StrEnum):
    SELL = "sell"
    BUY = "buy"


class Tier(Enum):
    MAIN = "main"


@op
"""


def run(body: str, result: str, parameters: str, inputs: dict[str, Any]) -> None:
    source = f"{HEAD}def main({parameters}) -> {result}:\n    {body}\n"
    spelled = f"Optional[{result.removesuffix(' | None')}]" if result.endswith("None") else result
    compare(GeneratedProgram(source, inputs, parse_type(spelled)))


MEMBERS = "risks = [Risk(n) for n in numbers]; sides = [Side(word) for word in words]; "


@pytest.mark.parametrize("numbers", [[1, 3, 1], [3], [1, 1, 3]])
@pytest.mark.parametrize(
    "expression",
    [
        "max(risks[0], risks[-1]).name",
        "min(risks[0], Risk.HIGH).name",
        "max(risks).name",
        "min(risks).name",
        "max(sides).name",
        "min(sides[0], Side.SELL, sides[-1]).value",
        '"".join([risk.name for risk in sorted(risks)])',
        '"".join([side for side in sorted(sides, reverse=True)])',
        '"".join([f"{n}{s}" for n, s in sorted(zip(risks, sides), key=lambda p: (p[1], -p[0]))])',
        "max(zip(risks, sides), key=lambda pair: (pair[0], pair[1]))[1].name",
        "max(risks, key=None).name",
    ],
)
def test_members_are_ordered_as_what_they_are(expression: str, numbers: list[int]) -> None:
    words = ["buy" if n == 1 else "sell" for n in numbers]
    body = f"{MEMBERS}return {expression}"
    run(body, "str", "numbers: list[int], words: list[str]", {"numbers": numbers, "words": words})


@pytest.mark.parametrize("sums", [{}, {"b": [2], "a": [1, 0]}, {"x": [1], "X": [1], "": []}])
@pytest.mark.parametrize(
    "expression",
    [
        "[name for name, _ in sorted(sums.items())]",
        "[name for name, _ in sorted(sums.items(), reverse=True)]",
        "[f'{name}{len(parts)}' for name, parts in sorted(sums.items())]",
        "[name for name, _ in [max(sums.items(), default=('none', [0]))]]",
    ],
)
def test_the_items_of_a_dict_are_ordered_by_their_keys(expression: str, sums: dict[str, list[int]]) -> None:
    sums_type = "dict[str, dict[str, int]]"
    given = {name: {str(part): part for part in parts} for name, parts in sums.items()}
    body = f"sums = {{name: list(parts.values()) for name, parts in given.items()}}; return {expression}"
    if "default" in expression:
        body = body.replace("list(parts.values())", "list(parts.keys())").replace("[0]", "['0']")
    run(body, "list[str]", f"given: {sums_type}", {"given": given})


@pytest.mark.parametrize("numbers", [[], [4], [4, -9, 7]])
@pytest.mark.parametrize(
    "expression",
    [
        "min(numbers, default=None)",
        "max((n for n in numbers if n > 5), default=None)",
        "max(numbers, key=lambda n: -n, default=None)",
        "max(numbers, default=numbers[0] if len(numbers) > 2 else None)",
    ],
)
def test_nothing_may_stand_for_the_extreme_of_nothing(expression: str, numbers: list[int]) -> None:
    run(f"return {expression}", "int | None", "numbers: list[int]", {"numbers": numbers})


@pytest.mark.parametrize("names", [None, [], ["a"]])
def test_an_empty_list_stands_for_none(names: list[str] | None) -> None:
    run("return [name for name in names or []]", "list[str]", "names: list[str] | None", {"names": names})
    run("x = names or []; return x + ['z']", "list[str]", "names: list[str] | None", {"names": names})


@pytest.mark.parametrize("numbers", [[], [4], [4, -9, 7]])
@pytest.mark.parametrize(
    "expression",
    [
        "next((n for n in numbers if n < 0), None)",
        "next((n for n in numbers), 10 // len(numbers))",
        "next((n + 1 for n in numbers if n > 5), numbers[0] if numbers else None)",
        "next((len(word) for word in [str(n) for n in numbers] if word == '4' or word > '5'), -1)",
        "next((r.value for r in [Risk.LOW, Risk.HIGH] if r is Risk.HIGH and r.name != 'LOW'), None)",
    ],
)
def test_the_first_that_fits(expression: str, numbers: list[int]) -> None:
    run(f"return {expression}", "int | None", "numbers: list[int]", {"numbers": numbers})


@pytest.mark.parametrize("words", [[], ["b", "a", "b", "c", "a"]])
@pytest.mark.parametrize(
    "expression",
    [
        "list(dict.fromkeys(words))",
        'list(dict.fromkeys(word + "x" for word in words))',
        'list(dict.fromkeys("abca" * len(words)))',
        "[f'{key}{n}' for key, n in dict.fromkeys(words, len(words)).items()]",
        "[f'{key}{n}' for key, n in dict.fromkeys(words).items()]",
        "[word for word in words if word in dict.fromkeys(words[1:], Side.BUY)]",
    ],
)
def test_each_key_once(expression: str, words: list[str]) -> None:
    run(f"return {expression}", "list[str]", "words: list[str]", {"words": words})


@pytest.mark.parametrize("number", [None, 0, 5])
@pytest.mark.parametrize(
    "expression",
    [
        'f"{number} of {side} in {tier}"',
        "str(number) + str(side)",
        'f"{number!s:>6}"',
        'f"{None} {amount} {owner}"',
    ],
)
def test_the_text_of_what_may_be_none(expression: str, number: int | None) -> None:
    body = (
        "side = Side.BUY if number else None; tier = Tier.MAIN if number is not None else None; "
        "amount = None if number is None else Decimal(number) / 4; "
        f"owner = Address('0x' + 'ab' * 20) if number else None; return {expression}"
    )
    run(body, "str", "number: int | None", {"number": number})


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ('return f"{number:>3}"', ["E_MAYBE_NONE"]),
        ('return str(len(dict.fromkeys(["a"], [1])))', ["E_ARGUMENTS"]),
        ("return str(len(dict.fromkeys([[1]])))", ["E_KEY_TYPE"]),
        ('return next(w for w in ["a"])', ["E_ARGUMENTS"]),
        ('return next((str(10 // n) for n in [1, 0]), "")', ["E_LAZY_ITERABLE"]),
        ("found = missing(int, Risk, Tier); return found", ["E_UNKNOWN_NAME"]),
        ("return max(Tier.MAIN, Tier.MAIN).name", ["E_OPERAND_TYPES"]),
        ("return str(sorted([(1, Tier.MAIN)]))", ["E_OPERAND_TYPES"]),
        ("items = missing(number); items.sort(key=lambda item: item); return items[0]", ["E_UNKNOWN_NAME"]),
    ],
)
def test_what_python_refuses_or_cannot_do_is_refused_once(statement: str, codes: list[str]) -> None:
    class Files:
        def read(self, path: str) -> bytes | None:
            source = f"{HEAD}def main(number: int | None) -> str:\n    {statement}\n"
            return source.encode() if path == "app.py" else None

    assert [found.code.name for found in compile_program("app.py", Files()).diagnostics] == codes
