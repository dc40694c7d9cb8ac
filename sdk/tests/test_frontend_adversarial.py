"""Sources that no person would write: each is compiled or refused with a code, and none ends in a crash.

That the time grows with the size only, `benchmarks/emit` shows.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable

import pytest

from opforge._frontend import Compilation, compile_program
from opforge._frontend.chains import CHAINS, MAX_CHOICES, MAX_COMPARISONS
from opforge._frontend.check import MAX_DEFINITIONS
from opforge._frontend.problems import MAX_PROBLEMS
from opforge._frontend.source import MAX_SOURCE_BYTES
from opforge._frontend.statements import MAX_VARIABLES
from opforge_ir.canonical import canonical_bytes
from opforge_ir.validation import meaning

HEAD = """\
from decimal import Decimal

from opforge import Address, Fail, chain, op, record, workload

workload("adversarial", version="1.0.0")

"""
OK: list[str] = []
MAX_OPERATORS = CHAINS[ast.BinOp].limit
MAX_CALLS = CHAINS[ast.Call].limit
MAX_ARMS = CHAINS[ast.If].limit


class OneFile:
    """A project of one file in memory."""

    def __init__(self, source: bytes) -> None:
        self._source = source

    def read(self, path: str) -> bytes | None:
        return self._source if path == "app.py" else None


def compile_source(source: str | bytes) -> Compilation:
    data = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    compilation = compile_program("app.py", OneFile(data))
    if compilation.document is not None:
        canonical_bytes(compilation.document)  # type: ignore[arg-type]  # a TypedDict is a JSON value
    return compilation


def find_codes(source: str | bytes) -> list[str]:
    """The codes of what is wrong, each once."""
    return list(dict.fromkeys(each.code.name for each in compile_source(source).diagnostics))


def of_op(body: str, result: str = "int", before: str = "") -> str:
    """A program with an op of this body."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    parameters = "a: int, b: int, t: bool, s: str, xs: list[int], w: Address"
    return f"{HEAD}{before}\n\n@op\ndef run({parameters}) -> {result}:\n{lines}"


def returns(value: str, result: str = "int") -> str:
    return of_op(f"return {value}", result)


def row(link: str, count: int, part: str) -> str:
    return link.join([part] * count)


def ladder(arms: int, last: str = "return b") -> str:
    tests = [f"{'elif' if arm else 'if'} a == {arm}:\n    return {arm}\n" for arm in range(arms)]
    return of_op("".join(tests) + last)


def nested(opening: str, closing: str, count: int, inner: str = "a") -> str:
    return returns(opening * count + inner + closing * count)


def nested_statements(head: str, count: int, inner: str) -> str:
    heads = [f"{'    ' * level}{head.format(level)}" for level in range(count)]
    return of_op("\n".join(["n = 0", *heads, "    " * count + inner, "return n"]))


READ = 'chain.balance(w, network="mainnet")'

CHAIN_CASES: dict[str, tuple[Callable[[], str], list[str]]] = {
    "a sum at its limit": (lambda: returns(row(" + ", MAX_OPERATORS, "a")), OK),
    "a sum of 20 000 terms": (lambda: returns(row(" + ", 20_000, "a")), ["E_CHAIN_TOO_LONG"]),
    "a sum in brackets": (lambda: returns(f"({row(chr(10) + ' + ', 5_000, 'a')})"), ["E_CHAIN_TOO_LONG"]),
    "all operators": (lambda: returns("a" + " + a - b * a // 7 % 5" * 200), OK),
    "a sum of reads": (lambda: returns(row(" + ", 500, READ)), OK),
    "a sum in one way of a choice": (lambda: returns(f"b if t else {row(' + ', 900, 'a')}"), OK),
    "a sum in a comprehension": (lambda: returns(f"sum([x + {row(' + ', 900, 'a')} for x in xs])"), OK),
    "a sum in a constant": (lambda: of_op("return C", before=f"C = {row(' + ', 900, '1')}\n"), OK),
    "a sum of lists": (lambda: returns(f"len({row(' + ', 900, 'xs')})"), OK),
    "a sum of Decimals": (lambda: returns(f"int({row(' + ', 900, 'Decimal(a)')})"), OK),
    "a text of many parts": (lambda: returns(row(" + ", MAX_OPERATORS, "s"), "str"), OK),
    "texts beside each other": (lambda: returns("'a' " * 50_000, "str"), OK),
    "a long and": (lambda: returns(row(" and ", 20_000, "t"), "bool"), OK),
    "a long and of reads": (lambda: returns(row(" and ", 300, f"{READ} > 0"), "bool"), ["E_SOURCE_TOO_DEEP"]),
    "a choice by or": (lambda: returns(row(" or ", MAX_CHOICES, "s"), "str"), OK),
    "a long choice by or": (lambda: returns(row(" or ", 1_000, "s"), "str"), ["E_CHAIN_TOO_LONG"]),
    "comparisons": (lambda: returns(row(" < ", MAX_COMPARISONS + 1, "a"), "bool"), OK),
    "many comparisons": (lambda: returns(row(" < ", 10_000, "a"), "bool"), ["E_CHAIN_TOO_LONG"]),
    "calls": (lambda: returns("s" + ".strip()" * MAX_CALLS, "str"), OK),
    "many calls": (lambda: returns("s" + ".strip()" * 1_000, "str"), ["E_CHAIN_TOO_LONG"]),
    "very many calls": (lambda: returns("s" + ".strip()" * 20_000, "str"), ["E_CHAIN_TOO_LONG"]),
    "arms": (lambda: ladder(MAX_ARMS), OK),
    "many arms": (lambda: ladder(500), ["E_CHAIN_TOO_LONG"]),
    "very many arms": (lambda: ladder(5_000), ["E_CHAIN_TOO_LONG"]),
    "a long power": (lambda: returns(row(" ** ", 4_000, "a")), ["E_CHAIN_TOO_LONG"]),
}

NESTING_CASES: dict[str, tuple[Callable[[], str], list[str]]] = {
    "brackets": (lambda: nested("(", ")", 150), OK),
    "1 000 brackets": (lambda: nested("(", ")", 1_000), ["E_SYNTAX"]),
    "lists": (lambda: nested("[", "]", 150), ["E_SOURCE_TOO_DEEP"]),
    "dicts": (lambda: nested("{1: ", "}", 150), ["E_SOURCE_TOO_DEEP"]),
    "tuples": (lambda: nested("(", ",)", 150), ["E_SOURCE_TOO_DEEP"]),
    "calls": (lambda: nested("abs(", ")", 150), ["E_SOURCE_TOO_DEEP"]),
    "calls that fit": (lambda: nested("abs(", ")", 28), OK),
    "indices": (lambda: nested("xs[", "]", 150, "0"), ["E_SOURCE_TOO_DEEP"]),
    "comprehensions": (lambda: nested("[", " for _ in xs]", 150), ["E_SOURCE_TOO_DEEP"]),
    "comprehensions that fit": (lambda: returns(f"len({'[' * 9}a{' for _ in xs]' * 9})"), OK),
    "lambdas": (lambda: nested("(lambda: ", ")", 150), ["E_SOURCE_TOO_DEEP"]),
    "minus": (lambda: nested("-", "", 1_000), ["E_SOURCE_TOO_DEEP"]),
    "very many minus": (lambda: nested("- ", "", 20_000), ["E_CHAIN_TOO_LONG"]),
    "not": (lambda: nested("not ", "", 1_000, "t"), ["E_SOURCE_TOO_DEEP"]),
    "very many not": (lambda: nested("not ", "", 20_000, "t"), ["E_SOURCE_TOO_DEEP"]),
    "choices": (lambda: nested("a if t else ", "", 1_000), ["E_SOURCE_TOO_DEEP"]),
    "choices that fit": (lambda: nested("a if t else ", "", 55), OK),
    "choices with reads": (lambda: nested(f"{READ} if t else ", "", 28), OK),
    "attributes": (lambda: nested("", ".b", 1_000), ["E_SOURCE_TOO_DEEP"]),
    "f-strings": (lambda: returns("f'{f\"{s}\"}'", "str"), OK),
    "a format in a format": (lambda: returns("f'{a:{b:{a}}}'", "str"), ["E_SYNTAX"]),
    "if": (lambda: nested_statements("if t:", 55, "n = a"), OK),
    "90 if": (lambda: nested_statements("if t:", 90, "n = a"), ["E_SOURCE_TOO_DEEP"]),
    "100 if": (lambda: nested_statements("if t:", 100, "n = a"), ["E_SYNTAX"]),
    "for": (lambda: nested_statements("for x{} in xs:", 55, "n += a"), OK),
    "90 for": (lambda: nested_statements("for x{} in xs:", 90, "n += a"), ["E_SOURCE_TOO_DEEP"]),
    "while": (lambda: nested_statements("while t:", 90, "n += a"), ["E_SOURCE_TOO_DEEP"]),
    "with": (lambda: nested_statements("with t:", 90, "n += a"), ["E_SOURCE_TOO_DEEP"]),
    "functions": (lambda: nested_statements("def f{}():", 90, "n = a"), ["E_SOURCE_TOO_DEEP"]),
    "classes": (lambda: nested_statements("class C{}:", 90, "n = a"), ["E_SOURCE_TOO_DEEP"]),
    "a long sum within others": (lambda: nested("abs(", ")", 25, row(" + ", 900, "b")), OK),
}


def definitions(form: str, count: int, last: str) -> str:
    return of_op(last, before="".join(form.format(number, number - 1) for number in range(1, count + 1)))


SIZE_CASES: dict[str, tuple[Callable[[], str | bytes], list[str]]] = {
    "10 000 functions": (
        lambda: definitions("def f{}(n: int) -> int:\n    return n\n\n\n", 10_000, "return f1(a)"),
        OK,
    ),
    "a chain of functions": (
        lambda: definitions(
            "def f{}(n: int) -> int:\n    return f{}(n)\n\n\n",
            2_000,
            "return f2000(a)\n\n\ndef f0(n: int) -> int:\n    return n".replace("\n    ", "\n        "),
        ).replace("    def f0", "def f0"),
        OK,
    ),
    "10 000 constants": (lambda: definitions("C{} = {}\n", 10_000, "return C10000"), OK),
    "a chain of constants": (
        lambda: definitions("C{0} = C{1} + 1\n", 5_000, "return C5000").replace("C1 = C0 + 1", "C1 = 1"),
        OK,
    ),
    "too many definitions": (
        lambda: definitions("C{} = 1\n", MAX_DEFINITIONS + 1, "return a"),
        ["E_PROGRAM_TOO_LARGE"],
    ),
    "100 000 items of a constant": (
        lambda: of_op("return len(C)", before=f"C = [{row(', ', 100_000, '1')}]\n"),
        ["E_CONSTANT_TOO_LARGE"],
    ),
    "items in a function": (lambda: returns(f"len([{row(', ', 20_000, '1')}])"), OK),
    "entries": (lambda: returns(f"len({{{', '.join(f'{n}: a' for n in range(5_000))}}})"), OK),
    "arguments": (lambda: returns(f"max({row(', ', 5_000, 'a')})"), OK),
    "parts of an f-string": (lambda: returns(f"f'{'{a} ' * 5_000}'", "str"), OK),
    "statements": (lambda: of_op("x = a\n" + "x = x + 1\n" * 10_000 + "return x"), OK),
    "branches": (lambda: of_op("x = a\n" + "if t:\n    x = x + 1\n" * 2_000 + "return x"), OK),
    "fields": (
        lambda: of_op(
            "return a", before="@record\nclass R:\n" + "".join(f"    f{n}: int\n" for n in range(2_000))
        ),
        OK,
    ),
    "3 000 decorators": (
        lambda: HEAD + "@op\n" * 3_000 + "def run() -> int:\n    return 1\n",
        ["E_DECORATOR", "E_MORE_PROBLEMS"],
    ),
    "a long line": (lambda: returns("a  # " + "x" * 500_000), OK),
    "a long text": (lambda: returns(f"len('{'x' * 500_000}')"), OK),
    "a comment of a mebibyte": (lambda: returns("a") + "#" * MAX_SOURCE_BYTES, ["E_SOURCE_TOO_LARGE"]),
    "a comment of nearly a mebibyte": (lambda: returns("a") + "#" * (MAX_SOURCE_BYTES - 1_000), OK),
    "only line ends": (lambda: returns("a") + "\n" * 1_000_000, OK),
}

TEXT_CASES: dict[str, tuple[Callable[[], str | bytes], list[str]]] = {
    "tabs": (lambda: returns("a").replace("    ", "\t"), OK),
    "tabs and blanks": (lambda: of_op("if t:\n\treturn a\nreturn b"), OK),
    "tabs after blanks": (
        lambda: of_op("if t:\n    return a\nreturn b").replace("\n        ", "\n\t"),
        ["E_SYNTAX"],
    ),
    "CRLF": (lambda: returns("a").replace("\n", "\r\n"), OK),
    "CR": (lambda: returns("a").replace("\n", "\r"), OK),
    "a byte order mark": (lambda: "\ufeff" + returns("a"), OK),
    "two byte order marks": (lambda: "\ufeff\ufeff" + returns("a"), ["E_SYNTAX"]),
    "form feeds": (lambda: returns("a").replace("@op", "\f@op").replace("\n    ", "\n\f    "), OK),
    "a null byte": (lambda: returns("a") + "\0", ["E_SOURCE_ENCODING"]),
    "a null in a text": (lambda: returns('len("\\0")'), OK),
    "UTF-16": (lambda: returns("a").encode("utf-16"), ["E_SOURCE_ENCODING"]),
    "half of a pair": (lambda: returns("'\ud800'", "str"), ["E_SOURCE_ENCODING"]),
    "half of a pair, escaped": (lambda: returns(r"'\ud800'", "str"), ["E_NOT_A_VALUE"]),
    "a pair, escaped": (lambda: returns(r"'\ud83d\ude00'", "str"), ["E_NOT_A_VALUE"]),
    "a character, escaped": (lambda: returns(r"'\U0001F600\N{BULLET}'", "str"), OK),
    "letters that look alike": (lambda: of_op("\ufb01 = 1\nfi = 2\nreturn \ufb01"), ["E_IDENTIFIER"]),
    "letters of other scripts": (
        lambda: of_op("gr\u00f6\u00dfe = 1\nr\u0435turn = 2\nreturn gr\u00f6\u00dfe"),
        ["E_IDENTIFIER"],
    ),
    "mathematical letters": (lambda: of_op("\U0001d431 = 1\nreturn x"), ["E_IDENTIFIER"]),
    "a long name": (lambda: of_op(f"{'n' * 64} = 1\nreturn a"), ["E_IDENTIFIER"]),
    "text that is read backwards": (lambda: returns("a  # \u202e"), ["E_BIDI_CONTROL"]),
    "a line ending of Unicode": (lambda: returns("len('\u2028')"), OK),
}

NUMBER_CASES: dict[str, tuple[Callable[[], str], list[str]]] = {
    "underscores": (lambda: returns("1_000_000 + 0x_ff + 0b1_0 + 0o1_7"), OK),
    "4 000 digits": (lambda: returns("9" * 4_000), OK),
    "4 300 digits": (lambda: returns("9" * 4_300), ["E_CONSTANT_TOO_LARGE"]),
    "5 000 digits": (lambda: returns("9" * 5_000), ["E_SYNTAX"]),
    "a long hexadecimal": (lambda: returns("0x" + "f" * 100_000), ["E_CONSTANT_TOO_LARGE"]),
    "a leading zero": (lambda: returns("007"), ["E_SYNTAX"]),
    "a huge power": (lambda: of_op("return C", before="C = 10**10**9\n"), ["E_CONSTANT_TOO_LARGE"]),
    "a tower of powers": (lambda: of_op("return C", before="C = 9**9**9**9\n"), ["E_CONSTANT_TOO_LARGE"]),
    "a huge product": (
        lambda: of_op("return C", before=f"C = {row(' * ', 900, '10**100')}\n"),
        ["E_CONSTANT_TOO_LARGE"],
    ),
    "a huge list": (lambda: of_op("return len(C)", before="C = [1] * 10**9\n"), ["E_CONSTANT_TOO_LARGE"]),
    "a huge range": (
        lambda: of_op("return len(C)", before="C = [n for n in range(10**9)]\n"),
        ["E_CONSTANT_TOO_LARGE"],
    ),
    "a huge float": (lambda: returns("1e999"), ["E_FLOAT_REFUSED"]),
    "an imaginary number": (lambda: returns("1j"), ["E_UNSUPPORTED_SYNTAX"]),
}


def cases(
    *groups: dict[str, tuple[Callable[[], str | bytes], list[str]]],
) -> Iterable[tuple[str, Callable[[], str | bytes], list[str]]]:
    for group in groups:
        for name, (build, codes) in group.items():
            yield name, build, codes


ALL = [
    pytest.param(build, codes, id=name)
    for name, build, codes in cases(CHAIN_CASES, NESTING_CASES, SIZE_CASES, TEXT_CASES, NUMBER_CASES)  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("build", "codes"), ALL)
def test_it_is_compiled_or_refused(build: Callable[[], str | bytes], codes: list[str]) -> None:
    assert find_codes(build()) == codes


def test_too_many_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "MAX_NODES", 500)
    assert find_codes(of_op("x = a\n" + "x = x + 1\n" * 400 + "return x")) == OK
    (found,) = compile_source(of_op("x = a\n" + "x = x + 1\n" * 500 + "return x")).diagnostics
    assert found.code.name == "E_PROGRAM_TOO_LARGE"
    assert (found.values["limit"], found.values["what"]) == (500, "nodes")


def test_a_function_of_very_many_variables() -> None:
    lines = [f"x{n} = a" for n in range(MAX_VARIABLES)]
    (found,) = compile_source(of_op("\n".join([*lines, "return a"]))).diagnostics
    assert found.code.name == "E_FUNCTION_TOO_LARGE"
    assert found.span is not None
    assert found.source_line is not None
    assert found.source_line.startswith("def run(")


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        ('"a" * 16_000_000', "10000 items"),
        ("list(range(0, 10**30, 10**24))", "10000 items"),
        ('("a" * 9_000).replace("", "b" * 5)', "10000 items"),
        ('"1".zfill(10**7)', "10000 items"),
        ("bytes(10**9)", "10000 items"),
        ("pow(3, 10**1200, 10**1200 + 1)", "200000 steps of computing"),
        ("math.comb(20_000, 10_000)", "4300 digits"),
    ],
)
def test_a_constant_is_measured_before_it_is_computed(expression: str, limit: str) -> None:
    (found,) = compile_source(of_op("return a", before=f"import math\nC = {expression}\n")).diagnostics
    assert (found.code.name, found.values["limit"]) == ("E_CONSTANT_TOO_LARGE", limit)


def test_the_constants_of_a_program_have_so_many_steps_together() -> None:
    before = "import math\n" + "".join(f"C{n} = math.comb(6_000, 3_000)\n" for n in range(700))
    first, *_ = compile_source(of_op("return a", before=before)).diagnostics
    assert first.code.name == "E_CONSTANT_TOO_LARGE"
    assert first.values["limit"] == "2000000 steps of computing for all constants together"
    assert first.span is not None
    assert first.span.line > 300


def test_only_so_many_problems_are_listed() -> None:
    source = of_op("\n".join(f"x{n} = y{n}" for n in range(3_000)) + "\nreturn a")
    found = compile_source(source).diagnostics
    assert [each.code.name for each in found] == [*["E_UNKNOWN_NAME"] * MAX_PROBLEMS, "E_MORE_PROBLEMS"]
    lines = [each.span.line for each in found if each.span is not None]
    assert lines == sorted(lines)
    assert len(lines) == len(found)


def test_a_long_chain_is_cut_into_steps() -> None:
    """No expression nests deeper than 32 operators; what is computed before has a name of its own."""
    document = compile_source(returns(row(" + ", 100, "a"))).document
    assert document is not None
    kinds = [node["kind"] for node in document["ops"]["run"]["body"]]
    assert kinds == ["let", "let", "let", "return"]


def test_the_callers_stack_may_be_nearly_used_up() -> None:
    """Deep within other calls the compiler says that the source is too deep, as it would of any other."""
    source = nested("abs(", ")", 28)

    def compile_within(frames: int) -> list[str]:
        return find_codes(source) if not frames else compile_within(frames - 1)

    assert compile_within(sys.getrecursionlimit() - 350) in (OK, ["E_SOURCE_TOO_DEEP"])
