"""What stands at the top of files: constants in all forms of assignment, assertions, and customary `if`s."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.types import parse_type

HEAD = 'from opforge import Address, op, record, workload\n\nworkload("demo", version="1.0")\n\n'
END = "\n\n@op\ndef main() -> int:\n    return 1\n"


class Files:
    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        text = self._files.get(path)
        return None if text is None else text.encode()


def check(source: str, value: str, type_: str = "list[int]") -> None:
    """Compare what an op says of constants with CPython."""
    end = f"\n\n@op\ndef main() -> {type_}:\n    return {value}\n"
    compare(GeneratedProgram(HEAD + source + end, {}, parse_type(type_)))


def refuse(source: str, head: str = HEAD, **others: str) -> list[Diagnostic]:
    files = {"app.py": head + source + END, **{f"{name}.py": text for name, text in others.items()}}
    return compile_program("app.py", Files(files)).diagnostics


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("A, B = 1, 2", "[A, B]"),
        ("A = B = [1, 2]", "A + B"),
        ("A = (B, C) = (1, 2)", "[A[0], A[1], B, C]"),
        ("[A, (B, C)], D = (1, (2, 3)), 4", "[A, B, C, D]"),
        ("A, *B = [1, 2, 3]", "B + [A]"),
        ("*A, B = (1, 2, 3)", "A + [B]"),
        ("A, *B, C = [1, 2]", "[A, len(B), C]"),
        ("PAIRS = [(1, 2), (3, 4)]\n(A, B), C = PAIRS", "[A, B, C[0]]"),
        ("def both(n: int) -> tuple[int, int]:\n    return n, n + 1\n\nA, B = both(4)", "[A, B]"),
        ("Number = Count = int\n\ndef f(n: Number) -> Count:\n    return n\n\nA = f(3)", "[A]"),
    ],
)
def test_an_assignment_may_define_several_constants(source: str, value: str) -> None:
    check(source, value)


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ("A, B = 1, A", "E_USED_BEFORE_DEFINITION", "A"),
        ("A, B = 1, 2, 3", "E_CONSTANT_FAILS", "ValueError: too many values to unpack (expected 2)"),
        ("A, B = [1]", "E_CONSTANT_FAILS", "ValueError: not enough values to unpack (expected 2, got 1)"),
        (
            "A, B, *C = [1]",
            "E_CONSTANT_FAILS",
            "ValueError: not enough values to unpack (expected at least 2, got 1)",
        ),
        ("A, B = 5", "E_CONSTANT_EXPRESSION", "only tuples and lists"),
        ('A, *B = (1, "x", 2)', "E_CONSTANT_EXPRESSION", "no one type"),
        ("A, A = 1, 2", "E_DUPLICATE_DEFINITION", "A"),
        ("A = [1]\nA[0] = 2", "E_MODULE_STATEMENT", "anything but names"),
        ("A = 1\nA += 1", "E_MODULE_STATEMENT", "changes a constant"),
        ("A, B = missing()", "E_UNKNOWN_NAME", "missing"),
        ("for i in [1]:\n    pass", "E_MODULE_STATEMENT", "a for loop"),
        ("if 1 > 0:\n    A = 1", "E_MODULE_STATEMENT", "an if statement"),
    ],
)
def test_what_is_no_assignment_of_constants(source: str, code: str, text: str) -> None:
    (found,) = refuse(source)
    assert found.code.name == code
    assert text in str(found.values)


# --- assertions -----------------------------------------------------------------------------------


def test_an_assertion_that_holds_is_nothing() -> None:
    assert refuse('A = [1, 2]\nassert A, "none"\nassert len(A) == 2 and A[0] < A[1]') == []


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ("A = 1\nassert A > 1", "E_ASSERTION", ""),
        ('A = 1\nassert A > 1, f"{A} is too small"', "E_ASSERTION", ": 1 is too small"),
        ("assert []", "E_TYPE_NEEDED", ""),
        ("A = 0\nassert 1 // A", "E_CONSTANT_FAILS", "ZeroDivisionError"),
        ("assert B > 0\nB = 1", "E_USED_BEFORE_DEFINITION", "B"),
    ],
)
def test_an_assertion_that_does_not_hold(source: str, code: str, text: str) -> None:
    (found,) = refuse(source)
    assert found.code.name == code
    assert text in str(found.values.get("message", found.values))


# --- customs --------------------------------------------------------------------------------------

LAZY = f"from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n{HEAD}"
EAGER = f"import typing as t\n\n{HEAD}"
GUARDED = "if {flag}:\n    from collections.abc import Sequence\n    from things import Thing\n\n"
THINGS = "from opforge import record\n\n@record\nclass Thing:\n    size: int\n"


def test_what_only_type_checkers_import_may_stand_in_annotations() -> None:
    source = GUARDED.format(flag="TYPE_CHECKING") + (
        "def f(xs: Sequence[Thing], y: Thing | None = None) -> int:\n"
        "    z: Thing | None = y\n    return len(xs) if z is None else z.size\n"
    )
    assert refuse(source, LAZY, things=THINGS) == []
    quoted = (
        GUARDED.format(flag="t.TYPE_CHECKING") + 'def f(xs: "Sequence[Thing]") -> int:\n    return len(xs)\n'
    )
    assert refuse(quoted, EAGER, things=THINGS) == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(xs: Sequence[int]) -> int:\n    return 1\n", "E_NOT_A_VALUE"),
        ("def f(x: Thing) -> int:\n    return 1\n", "E_NOT_A_VALUE"),
        ("def f() -> int:\n    return Thing(1).size\n", "E_NOT_A_VALUE"),
        ("X = Thing\n", "E_NOT_A_VALUE"),
        ("X = Sequence[int]\n", "E_NOT_A_VALUE"),
        ("X: t.TypeAlias = Thing | None\n", "E_NOT_A_VALUE"),
    ],
)
def test_it_is_nothing_elsewhere(source: str, code: str) -> None:
    guard = GUARDED.format(flag="t.TYPE_CHECKING")
    assert {each.code.name for each in refuse(guard + source, EAGER, things=THINGS)} == {code}


def test_another_file_cannot_import_what_only_type_checkers_import() -> None:
    other = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from things import Thing\n"
    found = refuse("from other import Thing\n", other=other, things=THINGS)
    assert [each.code.name for each in found] == ["E_IMPORT_NAME"]


@pytest.mark.parametrize(
    "source",
    [
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    import things\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import things\nelse:\n    A = 1\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    A = 1\n",
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import things\n",
        'if __name__ == "__main__":\n    A = 1\nelse:\n    B = 1\n',
        'if __name__ != "__main__":\n    A = 1\n',
    ],
)
def test_other_ifs_are_refused(source: str) -> None:
    assert "E_MODULE_STATEMENT" in [each.code.name for each in refuse(source, things=THINGS)]


def test_what_only_a_script_does_is_no_part_of_the_program() -> None:
    source = (
        '__all__ = ["main"]\n__all__ += ["other"]\nif __name__ == "__main__":\n    import sys\n    main()\n'
    )
    assert refuse(source) == []


def test_stars_are_refused() -> None:
    assert [each.code.name for each in refuse("from decimal import *\n")] == ["E_IMPORT_FORM"]
