"""Sources that grow in one respect, as programs and adversaries write them: how the time grows with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["FAMILIES", "Family"]

_HEAD: Final = """\
from decimal import Decimal

from opforge import op, workload

workload("grown", version="1.0.0")

"""


@dataclass(frozen=True)
class Family:
    """One respect in which a source grows."""

    name: str
    size: int
    """The smallest size that is measured; twice and four times as much are measured too."""
    build: Callable[[int], str]


def _op(body: str, before: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    parameters = "a: int, b: int, t: bool, s: str, xs: list[int]"
    return f"{_HEAD}{before}\n\n@op\ndef run({parameters}) -> int:\n{lines}"


def _repeat(line: str, count: int, last: str = "return a") -> str:
    return _op("".join(f"{line.format(n)}\n" for n in range(count)) + last)


def _define(form: str, count: int, last: str) -> str:
    return _op(last, before="".join(form.format(n, n - 1) for n in range(1, count + 1)))


FAMILIES: Final = (
    Family("statements of one variable", 2_500, lambda n: _repeat("a = a + {}", n)),
    Family("variables", 1_200, lambda n: _repeat("x{} = a", n)),
    Family("branches", 1_000, lambda n: _repeat("if t:\n    a = a + {}", n)),
    Family(
        "branches that set a variable each",
        500,
        lambda n: _op("".join(f"x{k} = a\nif t:\n    x{k} = b\n" for k in range(n)) + f"return x{n - 1}"),
    ),
    Family("loops", 500, lambda n: _repeat("for x in xs:\n    a = a + x", n)),
    Family(
        "calls of helpers",
        1_000,
        lambda n: _op("a = f(a)\n" * n + "return a", "def f(v: int) -> int:\n    return v\n"),
    ),
    Family("terms of a sum", 250, lambda n: _op(f"return {' + '.join(['a'] * n)}")),
    Family("terms of a refused sum", 5_000, lambda n: _op(f"return {' + '.join(['a'] * n)}")),
    Family("operands of and", 5_000, lambda n: _op(f"return int({' and '.join(['t'] * n)})")),
    Family("arguments", 2_500, lambda n: _op(f"return max({', '.join(['a'] * n)})")),
    Family("items of a list", 5_000, lambda n: _op(f"return len([{', '.join(['a'] * n)}])")),
    Family("items of a constant", 2_000, lambda n: _op("return len(C)", f"C = [{', '.join(['1'] * n)}]\n")),
    Family("parts of an f-string", 1_500, lambda n: _op(f"return len(f'{'{a} ' * n}')")),
    Family(
        "functions",
        2_500,
        lambda n: _define("def f{}(v: int) -> int:\n    return v\n\n\n", n, "return f1(a)"),
    ),
    Family(
        "functions that call each other",
        500,
        lambda n: _define("def f{}(v: int) -> int:\n    return f{}(v)\n\n\n", n, f"return f{n}(a)").replace(
            "f0(v)", "v"
        ),
    ),
    Family("constants", 2_500, lambda n: _define("C{} = {}\n", n, f"return C{n}")),
    Family(
        "constants of constants",
        1_250,
        lambda n: _define("C{} = C{} + 1\n", n, "return a").replace("C0", "1"),
    ),
    Family(
        "nested brackets", 12, lambda n: _op(f"return {'(' * n * 4}a{')' * n * 4}" + "\nreturn a" * 2_000)
    ),
    Family(
        "nested branches",
        13,
        lambda n: _op(
            "\n".join(f"{'    ' * k}if t:\n{'    ' * k}    a = a + 1" for k in range(n)) + "\nreturn a"
        ),
    ),
    Family(
        "nested loops",
        13,
        lambda n: _op(
            "\n".join(f"{'    ' * k}for x{k} in xs:" for k in range(n)) + f"\n{'    ' * n}a = a + 1\nreturn a"
        ),
    ),
    Family("refused names", 750, lambda n: _repeat("x{0} = y{0}", n)),
    Family("a comment", 250_000, lambda n: _op(f"return a  # {'x' * n}")),
    Family(
        "refused arms", 750, lambda n: _op("if t:\n    a = 1\n" + "elif t:\n    a = 1\n" * n + "return a")
    ),
    Family("decorators", 750, lambda n: _HEAD + "@op\n" * n + "def run() -> int:\n    return 1\n"),
)
