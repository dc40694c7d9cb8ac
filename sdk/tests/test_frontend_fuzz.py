"""Whatever a file holds, compiling it gives a document or diagnostics, and never runs it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opforge._frontend import Compilation, compile_program
from opforge_ir.canonical import JsonValue
from opforge_ir.validation import validate_document

ROOT = Path(__file__).parents[2]
SEEDS = [
    path.read_bytes()
    for folder in ("corpus", "examples")
    for path in sorted((ROOT / folder).glob("*/*.py"))
    if path.stat().st_size < 4_000
]
PIECES = [
    *(
        b"return",
        b"for x in ",
        b"if ",
        b"else:\n",
        b"lambda: ",
        b"yield ",
        b"await ",
        b"*",
        b"**",
        b":=",
        b"None",
    ),
    *(
        b"not ",
        b" is ",
        b" in ",
        b"[",
        b"]",
        b"(",
        b")",
        b"{",
        b"}",
        b"\n",
        b"\n    ",
        b",",
        b".",
        b'"',
        b"f'{",
        b"@",
    ),
    *(
        b"0",
        b"1.5",
        b"-",
        b"//",
        b"/",
        b"=",
        b"==",
        b"+=",
        b"\t",
        b"\x0c",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\0",
        b"\r",
    ),
    *(b"x", b"total", b"self", b"int", b"str", b"op", b"chain", b"Decimal", b"import ", b"global x\n", b"\\"),
    *(
        "é".encode(),
        "\u202e".encode(),
        "\U0001d431".encode(),
        b"9" * 5_000,
        b"(" * 300,
        b"-" * 300,
        b"[[" * 90,
    ),
]


class OneFile:
    """One file, whatever it holds."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        return self._data if path == "app.py" else None


def compile_bytes(data: bytes) -> Compilation:
    compilation = compile_program("app.py", OneFile(data))
    assert (compilation.document is None) == bool(compilation.diagnostics)
    places = [(d.span.line, d.span.column) for d in compilation.diagnostics if d.span is not None]
    assert places == sorted(places)
    assert all(line >= 1 and column >= 1 for line, column in places)
    assert {d.code.category for d in compilation.diagnostics} <= {"source", "document"}
    if compilation.document is not None:
        assert validate_document(cast("JsonValue", compilation.document)) == []
    return compilation


def cut_and_paste(data: bytes, seed: int, count: int) -> bytes:
    """The file with some of its parts deleted, doubled, moved or replaced."""
    chance = random.Random(seed)
    for _ in range(count):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 1, 4, 20, 80)))
        other = chance.randrange(len(data) + 1)
        middle = chance.choice((b"", chance.choice(PIECES), chance.choice(PIECES), data[other : other + 30]))
        data = data[:start] + middle + data[end:]
    return data


def swap_words(data: bytes, seed: int) -> bytes:
    """The file with some names and operators in each other's places; most of it still parses."""
    chance = random.Random(seed)
    words = data.split(b" ")
    for _ in range(chance.randrange(1, 4)):
        words[chance.randrange(len(words))] = words[chance.randrange(len(words))]
    return b" ".join(words)


@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 6))
def test_damaged_programs_compile_or_are_refused(data: bytes, seed: int, count: int) -> None:
    compile_bytes(cut_and_paste(data, seed, count))


@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_programs_with_swapped_words_compile_or_are_refused(data: bytes, seed: int) -> None:
    compile_bytes(swap_words(data, seed))


@given(st.binary(max_size=300))
@example(b"")
@example(b"x" * 70_000)
@example(b"x = " + b"9" * 10_000)
@example(b"x = " + b"(" * 10_000)
@example(b"x = " + b"-" * 100_000 + b"1")
@example(b"x = 1" + b" + 1" * 20_000)
@example(b"if 1:\n" + b"".join(b" " * n + b"if 1:\n" for n in range(1, 120)))
@example(b"".join(b"def f%d() -> int:\n    return 1\n" % n for n in range(10_000)))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert compile_bytes(data).document is None


NESTED = {
    "loops": ("for x in range(n):", "pass"),
    "loops that widen a variable": ("y{0} = None\nfor x in range(n):\n    y{0} = 1", "pass"),
    "conditions": ("if n > {0}:\n    t += 1", "t += 1"),
}


@pytest.mark.parametrize(("lines", "core"), NESTED.values(), ids=NESTED)
def test_deep_nesting_does_not_multiply_the_work(lines: str, core: str) -> None:
    """Twenty-five levels: a phase that goes twice through each would not come to an end."""
    levels = ["    " * (level + 1) + line for level in range(25) for line in lines.format(level).splitlines()]
    body = "\n".join(["    t = 0", *levels, "    " * 26 + core, "    return t"])
    head = (
        'from opforge import op, workload\nworkload("deep", version="1.0.0")\n@op\ndef main(n: int) -> int:\n'
    )
    assert compile_bytes(f"{head}{body}\n".encode()).document is not None


def test_deep_comprehensions_do_not_multiply_the_work() -> None:
    head = (
        'from opforge import op, workload\nworkload("deep", version="1.0.0")\n@op\ndef main() -> list[int]:\n'
    )
    value = "[x for x in " * 25 + "[1]" + "]" * 25
    assert compile_bytes(f"{head}    return {value}\n".encode()).document is not None


TRACES = """\
import pathlib
from opforge import op, record, workload
from opforge.units import ether

TRACE = pathlib.Path({trace!r})
TRACE.write_text("import")

def leave(text):
    TRACE.write_text(text)
    return lambda f: f

class Meta(type):
    def __new__(cls, *args):
        TRACE.write_text("metaclass")

class Made(metaclass=Meta):
    TRACE.write_text("class body")

@leave("decorator")
def helper(x: leave("annotation") = leave("default")) -> int:
    TRACE.write_text("body")
    return 1

workload("traces", version="1.0.0")
SIZE = leave("constant") or ether("1")
NAMES = [leave(n) for n in "ab"]

@op(retry=leave("policy"))
def main(n: int = leave("default")) -> int:
    return helper(leave("call"))
"""


def test_nothing_of_a_program_is_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    compilation = compile_bytes(TRACES.format(trace=str(trace)).encode())
    assert compilation.document is None
    assert not trace.exists()


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_the_seeds_themselves_compile_where_they_stand_alone(seed: bytes) -> None:
    """Otherwise the damage would be done to what is refused anyway."""
    assert compile_bytes(seed).document is not None
