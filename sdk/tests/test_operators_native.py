"""Operators, subscripts and methods in a program end as they do in CPython: the edge cases, written out."""

from __future__ import annotations

from typing import Any

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal
from opforge import Address, op, workload
workload("sample", version="1.0.0")
PAIR = (1, "one")
@op
"""


def check(expression: str, result: str, **inputs: Any) -> None:
    """Compare one expression over named values; what CPython raises is raised."""
    kinds = {name: type(value).__name__.replace("list", "list[int]") for name, value in inputs.items()}
    parameters = ", ".join(f"{name}: {kind}" for name, kind in kinds.items())
    source = f"{HEAD}def main({parameters}) -> {result}:\n    return {expression}\n"
    compare(GeneratedProgram(source, inputs, parse_type(result.replace(" ", ""))))


NUMBERS = [0, 1, -1, 7, -7, 2**64, -(2**64) - 1]


@pytest.mark.parametrize("sign", ["&", "|", "^", "//", "%", "+", "-", "*"])
@pytest.mark.parametrize("right", [1, -3, 0, 2**70])
def test_ints(sign: str, right: int) -> None:
    for left in NUMBERS:
        check(f"a {sign} b", "int", a=left, b=right)
        check(f"flag {sign} a", "int", flag=True, a=left)


@pytest.mark.parametrize("expression", ["a << b", "a >> b", "a ** b"])
@pytest.mark.parametrize("count", [0, 1, 65, -1])
def test_shifts_and_powers(expression: str, count: int) -> None:
    for left in NUMBERS:
        if expression != "a ** b" or count >= 0 or left == 0:  # a power that is a float natively
            check(expression, "int", a=left, b=count)


@pytest.mark.parametrize("sign", ["&", "|", "^"])
def test_bools_stay_bools(sign: str) -> None:
    for left in (False, True):
        check(f"a {sign} b", "bool", a=left, b=True)
        check(f"[a {sign} b, not a {sign} (b == a)]", "list[bool]", a=left, b=False)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("~n", "int"),
        ("-~n + +n", "int"),
        ("+flag", "int"),
        ('+Decimal("1.23456789012345678901234567890")', "Decimal"),
        ('+Decimal("-0")', "Decimal"),
    ],
)
def test_unary_signs(expression: str, result: str) -> None:
    for number in NUMBERS:
        check(expression, result, n=number, flag=True)


BOUNDS = ["", "0", "1", "-1", "9", "-9", "n", "n - 4"]
STEPS = ["", ":", ":1", ":2", ":-1", ":-2", ":n"]


@pytest.mark.parametrize("start", BOUNDS)
@pytest.mark.parametrize("step", STEPS)
def test_slices(start: str, step: str) -> None:
    for stop in BOUNDS:
        bounds = f"{start}:{stop}{step}"
        check(f"(s[{bounds}], b[{bounds}], xs[{bounds}])", "tuple[str, bytes, list[int]]", **SEQUENCES, n=2)


SEQUENCES: dict[str, Any] = {"s": "aé𝄞d", "b": b"\x00abc", "xs": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("xs[::zero]", "list[int]"),
        ("s[0:1:zero]", "str"),
        ("s[zero]", "str"),
        ("b[-1]", "int"),
        ("s[4]", "str"),
        ("b[-5]", "int"),
        ("s * 2", "str"),
        ("zero * s", "str"),
        ("-2 * b", "bytes"),
        ("(zero == 0) * xs", "list[int]"),
        ("s * (2 ** 64)", "str"),
        ("b * -(2 ** 64)", "bytes"),
        ("[c for c in s]", "list[str]"),
        ("[c + 1 for c in b]", "list[int]"),
        ("[(i, c) for i, c in enumerate(s)]", "list[tuple[int, str]]"),
        ("list(reversed(s))", "list[str]"),
        ("sorted(s)", "list[str]"),
        ('"-".join(s)', "str"),
        ("list(zip(s, b))", "list[tuple[str, int]]"),
        ("b + b == b * 2", "bool"),
        ("97 in b and b'ab' in b and 7 not in b", "bool"),
        ("300 in b", "bool"),
        ("(zero, s) + (b, 1)", "tuple[int, str, bytes, int]"),
        ("(zero, s[0]) * 2", "tuple[int, str, int, str]"),
        ("PAIR[::-1] + PAIR[:1]", "tuple[str, int, int]"),
        ("(xs[0], xs[1], xs[2])[-2:]", "tuple[int, int]"),
        ("PAIR[-1]", "str"),
        ("2 in (xs[0], xs[1])", "bool"),
        ("[n * 2 for n in (xs[0], 5)]", "list[int]"),
        ("xs[len(s) - 5:][::-1][1:]", "list[int]"),
    ],
)
def test_sequences(expression: str, result: str) -> None:
    check(expression, result, **SEQUENCES, zero=0)


@pytest.mark.parametrize("targets", ["a, b", "a, *b", "*a, b", "a, b, c"])
def test_text_is_unpacked(targets: str) -> None:
    for text in ("", "x", "éy", "xyz"):
        body = f"    {targets} = s\n    return str(len(a)), 'y' in b\n"
        source = f"{HEAD}def main(s: str) -> tuple[str, bool]:\n{body}"
        compare(GeneratedProgram(source, {"s": text}, parse_type("tuple[str,bool]")))


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("b'ab'", "b'b'"),
        ("flag", "True"),
        ("(1, s)", "(1, 'b')"),
        ("(n, flag, b'x')", "(n, False, b'x')"),
        ("[1, 2]", "[1, 2, n]"),
        ("[[s], [s, s]]", "[[s], ['zz']]"),
        ("[(Decimal(1), 2)]", "[(Decimal('1.0'), n)]"),
        ("[Decimal('NaN')]", "[Decimal(1)]"),
    ],
)
def test_what_python_orders(sign: str, left: str, right: str) -> None:
    check(f"{left} {sign} {right}", "bool", n=3, s="a", flag=False)
    check(f"{left} {sign} {right} {sign} {left}", "bool", n=-3, s="b", flag=True)
