"""Functions inside of functions see the variables around them as they are when called, as in CPython."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.types import parse_type

HEAD = 'from opforge import op, record, workload\n\nworkload("nested", version="1.0")\n\n\n'
HIDING = """\
    def f() -> int:
        return n

    def g(n: int) -> int:
        return f()

    return g(1)
"""


class File:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


def check(body: str, result: str = "list[int]", *, before: str = "", **inputs: Any) -> None:
    """Compare one op with CPython; its parameters are `xs`, a list of numbers, and `n`."""
    given: Mapping[str, Any] = {"xs": [3, 1, 2], "n": 5, **inputs}
    source = f"{HEAD}{before}@op\ndef main(xs: list[int], n: int) -> {result}:\n{body}"
    compare(GeneratedProgram(source, dict(given), parse_type(result)))


def refuse(body: str, before: str = "") -> list[Diagnostic]:
    source = f"{HEAD}{before}@op\ndef main(xs: list[int], n: int) -> int:\n{body}"
    return compile_program("app.py", File(source)).diagnostics


def test_a_variable_is_read_when_the_function_is_called() -> None:
    check("""\
    def add(x: int) -> int:
        return x + n

    found = [add(1)]
    n = n * 100
    found.append(add(1))
    for n in xs:
        found.append(add(1))
    return found
""")


def test_a_function_in_a_loop_sees_the_variables_of_the_round() -> None:
    check("""\
    found: list[int] = []
    for x in xs:
        if x > 1:
            def times(y: int) -> int:
                return x * y

            found.append(times(10))
            x = x + 1
            found.append(times(10))
    return found
""")


def test_a_function_changes_the_lists_around_it() -> None:
    check("""\
    seen: list[int] = []

    def note(x: int) -> int:
        seen.append(x)
        return len(seen)

    for x in xs:
        note(x * note(n))
    return seen
""")


def test_functions_call_each_other_and_those_around_them() -> None:
    check("""\
    def first(x: int) -> int:
        return x + n

    def second(x: int, /, *, k: int = 2) -> int:
        def third(y: int) -> int:
            return first(y) * k + n

        return third(x) - first(k)

    n = n + 1
    return [second(x) + second(x, k=x) for x in xs]
""")


def test_a_name_may_be_hidden_by_parameters_variables_and_comprehensions() -> None:
    check(
        """\
    def hide(n: int) -> int:
        xs = n + 1
        return xs

    def inner(k: int) -> list[int]:
        total = sum([n for n in xs])
        n = total + k
        return [n, hide(k)]

    return inner(2) + [hide(x) for x in xs] + xs + [n]
""",
    )


def test_a_function_has_the_name_of_one_of_the_file() -> None:
    before = "def size(x: int) -> int:\n    return x * 1000\n\n\n"
    check(
        """\
    def size(x: int) -> int:
        return x + 1

    return [size(x) + other(x) for x in xs]
""",
        before=f"{before}def other(x: int) -> int:\n    return size(x)\n\n\n",
    )


def test_a_value_that_is_not_none_stays_so() -> None:
    check("""\
    kept = xs[0] if n > 2 else None
    if kept is None:
        return []

    def add(x: int) -> int:
        return x + kept

    return [add(x) for x in xs]
""")


def test_a_function_is_a_key_and_is_mapped() -> None:
    check("""\
    item = n

    def rest(x: int) -> int:
        return x * 7 % item

    n = item + 1
    found = sorted(xs, key=rest) + sorted(xs, key=lambda x: -rest(x)) + list(map(rest, xs))
    return found + [max(xs, key=rest)] + list(filter(lambda x: rest(x) > 1, xs))
""")


def test_a_function_may_fail_where_it_is_called() -> None:
    body = """\
    def divide(x: int) -> int:
        return x // n

    return [divide(x) for x in xs]
"""
    check(body, n=0)
    check(body, n=2)


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        (
            "    def f(x: int) -> int:\n        return x + k\n\n    k = 1\n    return f(1)\n",
            "E_CAPTURE",
            "it has no value yet",
        ),
        (
            "    if n > 1:\n        k = 1\n    def f(x: int) -> int:\n        return k\n    return f(1)\n",
            "E_CAPTURE",
            "it is given a value on one path only",
        ),
        (
            "    def f(x: int) -> int:\n        return x + n\n\n    return sum([f(n) for n in xs])\n",
            "E_CAPTURE",
            "a comprehension or lambda around the call has a variable of this name",
        ),
        (
            "    def f(x: int, k: int = n) -> int:\n        return x + k\n\n    return f(1)\n",
            "E_CAPTURE",
            "a default is computed when the program is compiled",
        ),
        (
            HIDING,
            "E_CAPTURE",
            "it has a parameter of this name",
        ),
        (
            "    def f(x: int) -> int:\n        return x + n\n\n    return max(xs, key=lambda n: f(n))\n",
            "E_CAPTURE",
            "a comprehension or lambda around the call has a variable of this name",
        ),
        ("    def f(x: int) -> int:\n        return f(x)\n\n    return f(1)\n", "E_RECURSION", None),
        (
            "    def f(x: int) -> int:\n        return x\n\n    f = f(1)\n    return f\n",
            "E_FUNCTION_NAME",
            None,
        ),
        (
            "    if n > 1:\n        def f(x: int) -> int:\n            return x\n    return f(1)\n",
            "E_MAYBE_UNSET",
            None,
        ),
        (
            "    def f(x: int) -> int:\n        nonlocal n\n        return x\n\n    return f(1)\n",
            "E_GLOBAL",
            None,
        ),
        (
            "    def f(x: int) -> int:\n        n += x\n        return n\n\n    return f(1)\n",
            "E_MAYBE_UNSET",
            None,
        ),
        ("    def f(x: int) -> int:\n        return x\n\n    g = f\n    return n\n", "E_NOT_A_VALUE", None),
        (
            "    @op\n    def f(x: int) -> int:\n        return x\n\n    return n\n",
            "E_NESTED_DEFINITION",
            None,
        ),
        ("    def f(x) -> int:\n        return x\n\n    return f(1)\n", "E_ANNOTATION_MISSING", None),
        ("    def f(x: int):\n        return x\n\n    return f(1)\n", "E_ANNOTATION_MISSING", None),
        ('    def f(x: int) -> int:\n        return x\n\n    return f("1")\n', "E_TYPE_MISMATCH", None),
    ],
)
def test_what_is_refused(body: str, code: str, reason: str | None) -> None:
    (found,) = refuse(body)
    assert found.code.name == code
    assert reason is None or found.values["reason"] == reason


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("f(x=1)", "it has no parameter x"),
        ("f(1, 2, 3)", "it takes 2 arguments without a name, not 3"),
        ("f(1, k=2, k=3)", "k is given twice"),
        ("f(1, n=2)", "it has no parameter n"),
    ],
)
def test_calls_that_do_not_fit(call: str, reason: str) -> None:
    source = f"    def f(x: int, /, k: int = 1) -> int:\n        return x + k + n\n\n    return {call}\n"
    (found,) = refuse(source)
    assert (found.code.name, found.values["reason"]) == ("E_ARGUMENTS", reason)
