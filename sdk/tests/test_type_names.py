"""Annotations: what each means, and what is refused with what to write."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

HEAD = """
from typing import Annotated, Any, Callable, Final, Literal, NewType, Self, TypeAlias, TypeVar
from opforge import Address, Contract, chain, op, record, workload
from opforge.abi import bytes4, int8, uint8, uint256
workload("x", version="1")
Wei = NewType("Wei", int)
Names = NewType("Names", list[str])
Small = uint8
@record
class Row:
    wei: Wei
    mode: Literal["a", "b"] = "a"
class Token(Contract):
    @chain.view
    def f(self, a: uint8, b: bytes4) -> int: ...
AT = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
"""


class Text:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


def refusals(source: str) -> list[tuple[str, str]]:
    """The code of each problem, and what its caret stands below."""
    found: list[tuple[str, str]] = []
    for each in compile_program("app.py", Text(source)).diagnostics:
        assert each.span is not None
        line = each.source_line or ""
        found.append((each.code.name, line[each.span.column - 1 : each.span.end_column - 1]))
    return found


@pytest.mark.parametrize(
    "expression",
    [
        "Wei(number) + 1",
        "Row(Wei(number)).wei",
        "len(Names(['a', 'b'])) + number",
        "len(Row(Wei(1)).mode)",
        "sum([Wei(number), Wei(2)])",
    ],
)
def test_a_new_type_is_its_type(expression: str) -> None:
    source = f"{HEAD}\n@op\ndef main(number: Annotated[int, 'x']) -> int:\n    return {expression}\n"
    compare(GeneratedProgram(source, {"number": 7}, parse_type("int")))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("X: uint8 = 256", ("E_OUT_OF_SIZE", "256")),
        ("X: int8 = -129", ("E_OUT_OF_SIZE", "-129")),
        ("X: Final[Small] = -1", ("E_OUT_OF_SIZE", "-1")),
        ("X: uint256 = 2**256", ("E_OUT_OF_SIZE", "2**256")),
        ("X: bytes4 = b'abc'", ("E_OUT_OF_SIZE", "b'abc'")),
        ("def f(x: uint8 = 300) -> int:\n    return x", ("E_OUT_OF_SIZE", "300")),
        ("@record\nclass R:\n    x: int8 = 128", ("E_OUT_OF_SIZE", "128")),
        ("def f() -> int:\n    x: Small = 999\n    return x", ("E_OUT_OF_SIZE", "999")),
        (
            "def f() -> int:\n    return Token(AT, network='mainnet').f(256, b'abcd')",
            ("E_OUT_OF_SIZE", "256"),
        ),
        ("def f(x: Any) -> int:\n    return 1", ("E_UNKNOWN_TYPE", "Any")),
        ("def f(x: object) -> int:\n    return 1", ("E_UNKNOWN_TYPE", "object")),
        ("def f(x: list[Self]) -> int:\n    return 1", ("E_UNKNOWN_TYPE", "Self")),
        ("def f(x: Literal['a', 1]) -> int:\n    return 1", ("E_UNKNOWN_TYPE", "Literal['a', 1]")),
        ("def f(x: Callable[[int], int]) -> int:\n    return 1", ("E_UNKNOWN_TYPE", "Callable")),
        ("T = TypeVar('T')", ("E_UNKNOWN_TYPE", "TypeVar('T')")),
        ("def f(x: int | str) -> int:\n    return 1", ("E_UNKNOWN_TYPE", "int | str")),
        ("def f(x: float) -> int:\n    return 1", ("E_FLOAT_REFUSED", "float")),
        ("X = Wei('a')", ("E_TYPE_MISMATCH", "'a'")),
    ],
)
def test_what_is_refused(lines: str, expected: tuple[str, str]) -> None:
    found = refusals(f"{HEAD}{lines}\n@op\ndef main() -> int:\n    return 1\n")
    assert expected in found
    assert {name for name, _ in found} <= {expected[0], "E_READ_WITHOUT_BLOCK"}


@pytest.mark.parametrize("value", ["0", "255", "-128", "127"])
def test_what_fits_is_accepted(value: str) -> None:
    kind = "uint8" if int(value) > 127 else "int8"
    assert refusals(f"{HEAD}X: {kind} = {value}\n@op\ndef main() -> int:\n    return X\n") == []


@pytest.mark.parametrize("statement", ["type X = int", "type X[T] = list[T]"])
def test_a_type_statement_is_refused_alike_by_every_version(statement: str) -> None:
    found = refusals(f"{HEAD}{statement}\n@op\ndef main() -> X:\n    return 1\n")
    assert found == [("E_UNSUPPORTED_SYNTAX", "type")]
