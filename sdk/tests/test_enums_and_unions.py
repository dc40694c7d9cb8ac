"""Enums and unions of records: what CPython computes is what the interpreter computes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

ENUMS = """
from enum import Enum, IntEnum, StrEnum, auto
from opforge import op, record, workload
workload("x", version="1")
class Side(StrEnum):
    BUY = "buy"
    SELL = auto()
    LONG = BUY
class Level(IntEnum):
    ZERO = 0
    LOW = 1
    HIGH = auto()
class Color(Enum):
    RED = "r"
    BLUE = "b"
class Code(Enum):
    OK = 7
    BAD = auto()
@record
class Order:
    side: Side
    level: Level = Level.LOW
def maybe(side: Side, flag: bool) -> Side | None:
    return side if flag else None
FIRST = Side.BUY
TABLE = {Side.SELL: "s", Side("buy"): Code.BAD.name}
"""

SHAPES = """
from typing import Optional, Union
from opforge import op, record, workload
workload("x", version="1")
@record
class Circle:
    label: str
    radius: int
@record
class Square:
    label: str
    side: int
@record
class Dot:
    label: str
Shape = Circle | Square | Dot
def build(number: int) -> Shape | None:
    if number == 0:
        return Circle("c", 2)
    if number == 1:
        return Square("s", 3)
    return Dot("d") if number == 2 else None
"""


class Text:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


def refusals(source: str) -> list[tuple[str, str | None]]:
    """The code of each problem, and what its caret stands below."""
    found: list[tuple[str, str | None]] = []
    for each in compile_program("app.py", Text(source)).diagnostics:
        span, line = each.span, each.source_line or ""
        found.append((each.code.name, None if span is None else line[span.column - 1 : span.end_column - 1]))
    return found


def evaluate(head: str, expression: str, parameters: Mapping[str, int | str] | None = None) -> None:
    given = parameters or {}
    declared = ", ".join(f"{name}: {type(value).__name__}" for name, value in given.items())
    source = f'{head}\n@op\ndef main({declared}) -> str:\n    return f"""{{{expression}}}"""\n'
    compare(GeneratedProgram(source, dict(given), parse_type("str")))


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "Side.BUY",
            "Level.HIGH",
            "Color.RED",
            "Code.BAD",
            "Side.LONG.name",
            "Code.BAD.value",
            "Color.BLUE.name",
        ),
        *("str(Side.SELL)", "str(Level.HIGH)", "str(Color.BLUE)", "Side.SELL.value", "Level.LOW.value"),
        *("Side.BUY:>5", "Level.HIGH:04d", "Color.RED:>12", "Code.OK:<9", "Order(Side.BUY).level:x"),
        *("Side.BUY + '!'", "Level.HIGH + 1", "Level.HIGH * Level.HIGH", "-Level.HIGH", "abs(Level.LOW)"),
        *(
            "Level.LOW < Level.HIGH",
            "Level.HIGH >= 2",
            "Side.BUY < Side.SELL",
            "'a' < Side.BUY",
            "1 < Level.HIGH < 3",
        ),
        *(
            "Side.BUY == 'buy'",
            "Level.LOW == 1",
            "Side.BUY is Side.LONG",
            "Color.RED != Color.BLUE",
            "Level.LOW == True",
        ),
        *(
            "Side.BUY in (Side.SELL, Side.LONG)",
            "Side.BUY in ['sell', 'buy']",
            "'u' in Side.BUY",
            "Color.RED in list(Color)",
        ),
        *(
            "len(Side)",
            "len(Side.SELL)",
            "[s.name for s in Side]",
            "[c.value for c in list(Code)]",
            "Side.BUY.upper()",
        ),
        *(
            "int(Level.HIGH)",
            "bool(Level.ZERO)",
            "not Level.LOW",
            "1 if Level.ZERO else 2",
            "'x' if Side.BUY else 'y'",
        ),
        *(
            "TABLE[FIRST]",
            "TABLE.get(Side.SELL, 'none')",
            "Side.SELL in TABLE",
            "[str(k) for k in TABLE]",
        ),
        *(
            "maybe(Side.BUY, True) is Side.BUY",
            "maybe(Side.BUY, False) is None",
            "maybe(Side.BUY, True) == Side.SELL",
        ),
        *(
            "sum([level.value for level in Level])",
            "','.join(s for s in Side)",
            "[i for i, s in enumerate(Side)]",
        ),
    ],
)
def test_members(expression: str) -> None:
    if expression.startswith("["):
        expression = f"','.join([str(x) for x in {expression}])"
    evaluate(ENUMS, expression)


@pytest.mark.parametrize("text", ["buy", "sell", "BUY", "LONG", "", "hold"])
@pytest.mark.parametrize("expression", ["Side(text).name", "Side[text].value", "Side[text] is Side('buy')"])
def test_members_are_looked_up_while_the_program_runs(expression: str, text: str) -> None:
    evaluate(ENUMS, expression, {"text": text})


@pytest.mark.parametrize("number", [0, 1, 2, 7, 8, -1])
@pytest.mark.parametrize("expression", ["Level(number).name", "Code(number)", "Level(Level(number)).value"])
def test_members_are_looked_up_by_a_number(expression: str, number: int) -> None:
    evaluate(ENUMS, expression, {"number": number})


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "body",
    [
        (
            "if isinstance(x, Circle):\n"
            "  return x.radius\n"
            "if isinstance(x, Square):\n"
            "  return x.side\n"
            "return 0 if x is None else len(x.label)"
        ),
        (
            "if x is None:\n"
            "  return -1\n"
            "elif not isinstance(x, (Circle, Square)):\n"
            "  return len(x.label)\n"
            "elif isinstance(x, Square):\n"
            "  return x.side\n"
            "else:\n"
            "  return x.radius"
        ),
        "return x.radius if isinstance(x, Circle) else x.side if isinstance(x, Square) and x.side > 1 else 7",
        (
            "if isinstance(x, Circle) or isinstance(x, Square):\n"
            "  return len(x.label)\n"
            "assert not isinstance(x, Dot), x.label\n"
            "return 5"
        ),
        "if not (isinstance(x, Circle) and x.radius > 1):\n  return 1\nreturn x.radius",
        (
            "if x is None or isinstance(x, Dot):\n"
            "  return 9\n"
            "return x.radius if isinstance(x, Circle) else x.side"
        ),
        "assert isinstance(x, Circle | Square)\nreturn len(x.label) if isinstance(x, Square) else x.radius",
        "return sum(y.radius for y in [x, Circle('z', 40)] if isinstance(y, Circle))",
        (
            "ys: list[Shape] = [y for y in [x, Dot('q')] if y is not None]\n"
            "return len(ys) + len([y for y in ys if isinstance(y, Dot)])"
        ),
        "y: Shape = Circle('w', 8)\nz = y.radius\nif x is not None:\n  y = x\nreturn z + len(y.label)",
        "if isinstance(x, Circle):\n  y = x\nelse:\n  y = Circle('else', 4)\nreturn y.radius",
        (
            "if number > 1:\n"
            "  y = Circle('a', 1)\n"
            "else:\n"
            "  y = Square('bb', 2)\n"
            "return len(y.label) + (1 if y == x else 0)"
        ),
        (
            "y: Circle | None = None\n"
            "for i in range(3):\n"
            "  if y is None:\n"
            "    y = Circle('r', i)\n"
            "  else:\n"
            "    y = Circle('r', y.radius + i)\n"
            "return 0 if y is None else y.radius"
        ),
        "return 1 if x == Dot('d') else 2 if x == Square('s', 3) else 3",
        "d: dict[str, Shape | None] = {'k': x}\ny = d['k']\nreturn y.side if isinstance(y, Square) else 0",
    ],
)
def test_unions(body: str, number: int) -> None:
    lines = "\n".join(f"    {line}" for line in ["x = build(number)", *body.splitlines()])
    source = f"{SHAPES}\n@op\ndef main(number: int) -> int:\n{lines}\n"
    compare(GeneratedProgram(source, {"number": number}, parse_type("int")))


@pytest.mark.parametrize("value", [None, 0, 4])
@pytest.mark.parametrize(
    "body",
    [
        "x = x or 7\nreturn x + 1",
        "y: int | None = 5\nif y is None:\n  return 0\nreturn y if x is None else x",
        "y = x and x + 1\nreturn -1 if y is None else y",
        "if not x:\n  return 1\nreturn x",
        "if isinstance(x, int):\n  return x\nreturn -2",
        "return (x or 0) + (x if x is not None else 3)",
    ],
)
def test_optionals(body: str, value: int | None) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = (
        "from opforge import op, workload\nworkload('x', version='1')\n"
        f"@op\ndef main(x: int | None) -> int:\n{lines}\n"
    )
    compare(GeneratedProgram(source, {"x": value}, parse_type("int")))


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ("BUY = 1", "E_ENUM_FORM"),
        ("BUY = 'a' + BUY", "E_UNKNOWN_NAME"),
        ("BUY = 'b'\n    SELL = BUY + 'x'", "E_ENUM_FORM"),
        ("upper = 'u'", "E_ENUM_FORM"),
        ("name = 'n'", "E_ENUM_FORM"),
        ("_x = 'n'", "E_ENUM_FORM"),
        ("BUY: str = 'b'", "E_ENUM_FORM"),
        ("BUY = 'b'\n    def opposite(self) -> str:\n        return 'x'", "E_ENUM_FORM"),
        ("BUY = auto(1)", "E_ENUM_FORM"),
        ("'only a text'", "E_ENUM_FORM"),
        ("BUY = 'b'\n    BUY = 'c'", "E_DUPLICATE_DEFINITION"),
    ],
)
def test_what_an_enum_cannot_have(members: str, code: str) -> None:
    source = (
        "from enum import StrEnum, auto\nfrom opforge import op, workload\nworkload('x', version='1')\n"
        f"class Side(StrEnum):\n    {members}\n@op\ndef main() -> int:\n    return 1\n"
    )
    assert {name for name, _ in refusals(source)} == {code}


@pytest.mark.parametrize(
    ("head", "expression", "expected"),
    [
        (ENUMS, "Side.BYU", ("E_UNKNOWN_ATTRIBUTE", "Side.BYU")),
        (ENUMS, "Color.RED == 'r'", ("E_OPERAND_TYPES", "Color.RED == 'r'")),
        (ENUMS, "Color.RED < Color.BLUE", ("E_OPERAND_TYPES", "Color.RED < Color.BLUE")),
        (ENUMS, "1 if Color.RED else 2", ("E_ALWAYS_TRUE", "Color.RED")),
        (ENUMS, "Code('x')", ("E_TYPE_MISMATCH", "'x'")),
        (ENUMS, "TABLE['buy']", ("E_TYPE_MISMATCH", "'buy'")),
        (ENUMS, "Side", ("E_NOT_A_VALUE", "Side")),
        (SHAPES, "build(1).label", ("E_MAYBE_NONE", "build(1)")),
        (SHAPES, "isinstance(build(1), int)", ("E_ISINSTANCE", "int")),
        (SHAPES, "isinstance(Dot('x'), Dot)", ("E_ISINSTANCE", "isinstance(Dot('x'), Dot)")),
        (SHAPES, "isinstance(build(1), 'Dot')", ("E_ISINSTANCE", "'Dot'")),
        (SHAPES, "isinstance(build(1), Dto)", ("E_UNKNOWN_NAME", "Dto")),
    ],
)
def test_what_is_refused(head: str, expression: str, expected: tuple[str, str]) -> None:
    source = f"{head}\n@op\ndef main() -> str:\n    return str({expression})\n"
    assert refusals(source) == [expected]


def test_a_list_of_records_is_no_list_of_a_union() -> None:
    source = f"""{SHAPES}
def size(shapes: list[Shape]) -> int:
    return len(shapes)
@op
def main(circles: list[Circle]) -> int:
    return size(%s)
"""
    (problem,) = compile_program("app.py", Text(source % "circles")).diagnostics
    assert problem.code.name == "E_TYPE_MISMATCH"
    assert problem.values["actual"] == "list[Circle]"
    assert problem.values["expected"] == "list[Circle | Dot | Square]"
    assert refusals(source % "[circle for circle in circles]") == []
