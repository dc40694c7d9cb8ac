"""Constants that functions of the program compute: as CPython computes them when it imports the file."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal

from opforge import Fail, log, op, record, workload

workload("computed", version="1.0", decimal_precision=5)

TIERS = [1, 10, 100]
NAMES = {"a": 1, "b": 2}


"""


class File:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


def check(source: str, value: str, type_: str) -> None:
    """Compare the constant VALUE with CPython's."""
    end = f"\n\nVALUE = {value}\n\n\n@op\ndef main() -> {type_}:\n    return VALUE\n"
    compare(GeneratedProgram(HEAD + source + end, {}, parse_type(type_)))


def refuse(source: str) -> list[Diagnostic]:
    end = "\n\n@op\ndef main() -> int:\n    return 1\n"
    return compile_program("app.py", File(HEAD + source + end)).diagnostics


@pytest.mark.parametrize(
    ("source", "value", "type_"),
    [
        ("def fee(t: int) -> int:\n    return t * 3 if t > 5 else t", "[fee(t) for t in TIERS]", "list[int]"),
        ("def third(n: int = 1) -> Decimal:\n    return Decimal(n) / 3", "third()", "Decimal"),
        ("def f(a: int, b: int) -> int:\n    return a - b", "f(b=1, a=5)", "int"),
    ],
)
def test_a_function_computes_a_constant(source: str, value: str, type_: str) -> None:
    check(source, value, type_)


def test_statements_are_run_as_python_runs_them() -> None:
    source = """\
def steps(limit: int) -> list[int]:
    found: list[int] = []
    total = 0
    for step in range(limit):
        if step % 3 == 0:
            continue
        total += step
        if total > 20:
            break
        found.append(total)
    else:
        found.append(-1)
    while total > 0 and len(found) < 100:
        total -= 4
        if total == 5:
            return found
        found.append(total)
    assert found, "nothing"
    return found
"""
    for limit in ("2", "5", "9", "12"):
        check(source, f"steps({limit})", "list[int]")


def test_functions_call_functions_of_their_own() -> None:
    check(
        """\
@record
class Row:
    name: str
    sizes: list[int]


def double(n: int) -> int:
    return n * 2


def rows(names: dict[str, int]) -> list[Row]:
    made: list[Row] = []

    def put(name: str, count: int) -> None:
        made.append(Row(name, [double(count)] * count))

    for name, count in names.items():
        put(name, count)
    made[0].sizes.append(7)
    return made
""",
        "[(row.name, row.sizes) for row in rows(NAMES)]",
        "list[tuple[str,list[int]]]",
    )


def test_fields_defaults_and_arguments_of_op_are_computed_too() -> None:
    source = """\
def limit(n: int) -> int:
    return n + 1


@record
class Bounds:
    high: int = limit(4)


@op(retry=limit(2))
def other(n: int = limit(limit(1))) -> int:
    return n + Bounds().high
"""
    compilation = compile_program("app.py", File(HEAD + source))
    assert compilation.diagnostics == []
    document = compilation.document
    assert document is not None
    assert document["ops"]["other"]["policy"]["retries"] == 3
    assert document["ops"]["other"]["parameters"][0]["default"][0]["value"] == "3"  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ("X = f()\n\ndef f() -> int:\n    return 1", "E_USED_BEFORE_DEFINITION", ""),
        (
            "def f() -> int:\n    return g()\n\nX = f()\n\ndef g() -> int:\n    return 1",
            "E_CONSTANT_EXPRESSION",
            "it uses g, which is defined further down",
        ),
        (
            "def f() -> int:\n    return Y\n\nX = f()\nY = 1",
            "E_CONSTANT_EXPRESSION",
            "f uses what is not known here",
        ),
        (
            "def f() -> int:\n    return P(1).x\n\nX = f()\n\n@record\nclass P:\n    x: int",
            "E_CONSTANT_EXPRESSION",
            "f is not right, or uses what is defined further down",
        ),
        (
            'def f() -> int:\n    log.info("x")\n    return 1\n\nX = f()',
            "E_CONSTANT_EXPRESSION",
            "it asks for something outside of the program",
        ),
        (
            "def f(xs: list[int]) -> int:\n    xs.append(1)\n    return 1\n\nX = f(TIERS)",
            "E_CONSTANT_EXPRESSION",
            "it changes a constant",
        ),
        ("def f(n: int) -> int:\n    return 1 // n\n\nX = f(0)", "E_CONSTANT_FAILS", "ZeroDivisionError"),
        ('def f() -> int:\n    raise Fail("no")\n\nX = f()', "E_CONSTANT_FAILS", "Fail: no"),
        (
            'def f(n: int) -> int:\n    assert n > 0, "no"\n    return n\n\nX = f(0)',
            "E_CONSTANT_FAILS",
            "AssertionError: no",
        ),
        (
            "def f() -> int:\n    k = 0\n    while k < 100000000:\n        k += 1\n    return k\n\nX = f()",
            "E_CONSTANT_TOO_LARGE",
            "200000 steps of computing",
        ),
        ("def f() -> int:\n    return 1\n\nX = f(1)", "E_ARGUMENTS", ""),
        ("@op\ndef f() -> int:\n    return 1\n\nX = f()", "E_CALL_OF_OP", ""),
    ],
)
def test_what_is_not_computed(source: str, code: str, text: str) -> None:
    (found,) = refuse(source)
    assert found.code.name == code
    assert text in str(found.values)


def test_a_function_that_changes_a_constant_is_refused_by_itself_too() -> None:
    found = refuse("def f() -> int:\n    TIERS.append(1)\n    return 1\n\nX = f()")
    assert [each.code.name for each in found] == ["E_CONSTANT_CHANGED", "E_CONSTANT_EXPRESSION"]


def test_recursion_is_reported_and_ends() -> None:
    found = refuse("def f(n: int) -> int:\n    return f(n + 1)\n\nX = f(0)")
    assert {each.code.name for each in found} == {"E_CONSTANT_EXPRESSION", "E_RECURSION"}
    assert "more than 20 functions call each other" in str([each.values for each in found])
