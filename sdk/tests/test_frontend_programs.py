"""Programs of several functions and files: ops that call ops, and what a program may not do with them."""

from __future__ import annotations

import importlib
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import Compilation, compile_program
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.types import parse_type

HEAD = """\
from opforge import Address, Block, Fail, chain, log, op, record, time, workload

workload("demo", version="1.0.0")

"""
JOBS = """\
from opforge import op


@op
def run(n: int) -> int:
    return n


@op
def idle() -> int:
    return 1
"""
THIRDS = """\
from decimal import Decimal
from opforge import op


@op
def third() -> Decimal:
    return Decimal(1) / 3
"""
PRECISE = """\
from decimal import Decimal
from opforge import op, workload
import thirds

workload("demo", version="1.0.0", decimal_precision=5)


@op
def run() -> Decimal:
    return thirds.third()
"""


class Files:
    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        text = self._files.get(path)
        return None if text is None else text.encode()


def compile_files(source: str, **files: str) -> dict[str, Any]:
    """The document of a program; `files` are other files by their module names, with `__` for a dot."""
    compilation = compile_program("app.py", build_files(source, files))
    assert [each.message for each in compilation.diagnostics] == []
    return cast("dict[str, Any]", compilation.document)


def refuse(source: str, **files: str) -> list[Diagnostic]:
    return compile_program("app.py", build_files(source, files)).diagnostics


def build_files(source: str, files: dict[str, str]) -> Files:
    others = {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
    return Files({"app.py": HEAD + source, **others})


# --- the workload ---------------------------------------------------------------------------------

ASK = """\
@op
def ask(url: str, body: str) -> list[int]:
    first = http.get(url)
    return [first.status, http.post("https://known.example/x", body).status]
"""


def compile_ask(hosts: str) -> Compilation:
    head = f'from opforge import http, op, workload\n\nworkload("demo", version="1.0.0"{hosts})\n\n\n'
    return compile_program("app.py", Files({"app.py": head + ASK}))


def test_declared_hosts_are_granted_to_requests_whose_url_is_not_known() -> None:
    compilation = compile_ask(', hosts=["b.example", "a.example:8443", "b.example"]')
    assert compilation.diagnostics == []
    assert cast("Any", compilation.document)["grants"]["http"] == {
        "a.example:8443": ["http.get"],
        "b.example": ["http.get"],
        "known.example": ["http.post"],
    }
    assert [each.code.name for each in compile_ask("").diagnostics] == ["E_HOST_NOT_KNOWN"]
    assert [each.code.name for each in compile_ask(", hosts=[]").diagnostics] == ["E_HOST_NOT_KNOWN"]


def test_hosts_that_no_request_needs_are_left_out() -> None:
    source = """@op
def main() -> int:
    return http.get("https://known.example/").status
"""
    head = (
        'from opforge import http, op, workload\n\nworkload("demo", version="1.0", hosts=("a.example",))\n\n'
    )
    compilation = compile_program("app.py", Files({"app.py": head + source}))
    assert cast("Any", compilation.document)["grants"]["http"] == {"known.example": ["http.get"]}


@pytest.mark.parametrize(
    ("hosts", "reason"),
    [
        ('["https://a.example"]', "https://a.example is no plain host name, such as api.example.com"),
        ('["A.example"]', "A.example is no plain host name, such as api.example.com"),
        ('["a.example:443"]', "a.example:443 is no plain host name, such as api.example.com"),
        ('["a.example/x"]', "a.example/x is no plain host name, such as api.example.com"),
        ('["user@a.example"]', "user@a.example is no plain host name, such as api.example.com"),
        ('"a.example"', "it is a list of at most 1000 names of hosts"),
        ("[1]", "it is a list of at most 1000 names of hosts"),
    ],
)
def test_what_is_no_host(hosts: str, reason: str) -> None:
    (found,) = compile_ask(f", hosts={hosts}").diagnostics
    assert (found.code.name, found.values["reason"]) == ("E_WORKLOAD_ARGUMENT", reason)


# --- ops that call ops ----------------------------------------------------------------------------


def test_a_call_of_an_op_is_an_invoke_node_with_every_argument() -> None:
    document = compile_files("""\
@op
def measure(label: str, base: int = 10, *, scale: int = 2) -> int:
    return len(label) * base * scale


@op
def report(label: str) -> int:
    return measure(scale=3, label=label)
""")
    invoke, end = document["ops"]["report"]["body"]
    assert invoke["kind"] == "invoke"
    assert (invoke["op"], invoke["type"]) == ("measure", "int")
    assert [arg.get("name", arg.get("value")) for arg in invoke["args"]] == ["label", "10", "3"]
    assert end["value"] == {"kind": "ref", "name": invoke["id"]}


@pytest.mark.parametrize(
    ("source", "cycle"),
    [
        ("@op\ndef a(n: int) -> int:\n    return a(n)\n", "a -> a"),
        (
            "@op\ndef a(n: int) -> int:\n    return b(n)\n\n@op\ndef b(n: int) -> int:\n    return a(n)\n",
            "a -> b -> a",
        ),
        (
            "@op\ndef a(n: int) -> int:\n    return b(n)\n\ndef b(n: int) -> int:\n    return a(n)\n",
            "a -> b -> a",
        ),
    ],
)
def test_recursion_over_ops_is_refused(source: str, cycle: str) -> None:
    (found,) = refuse(source)
    assert (found.code.name, found.values["cycle"]) == ("E_RECURSION", cycle)


def test_the_result_and_the_arguments_of_an_op_are_typed() -> None:
    source = """\
@op
def half(n: int) -> int:
    return n // 2


@op
def run(label: str) -> str:
    half(label)
    half()
    return half(4)
"""
    assert [each.code.name for each in refuse(source)] == [
        "E_TYPE_MISMATCH",
        "E_ARGUMENTS",
        "E_TYPE_MISMATCH",
    ]


def test_an_op_of_another_file_is_part_of_the_document_when_it_is_called() -> None:
    document = compile_files(
        "from tools import jobs\n\n@op\ndef run(n: int) -> int:\n    return jobs.run(n)\n", tools__jobs=JOBS
    )
    assert list(document["ops"]) == ["run", "tools-jobs-run"]
    assert document["ops"]["run"]["body"][0]["op"] == "tools-jobs-run"


def test_a_function_is_not_named_as_if_it_were_a_part_of_another_one() -> None:
    """A module `half` has a function of the name that another file has, and the entry a function `half`."""
    helper = "def up(n: int) -> int:\n    return n + {0}\n"
    document = compile_files(
        "from half import up as first\nfrom other import up as second\n\n"
        "def half(n: int) -> int:\n    return n // 2\n\n"
        "@op\ndef run(n: int) -> int:\n    return half(first(second(n)))\n",
        half=helper.format(1),
        other=helper.format(2),
    )
    assert sorted(document["functions"]) == ["half", "half-up", "other.up"]


def test_ops_of_other_files_are_computed_in_the_context_of_the_workload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "thirds.py").write_text(THIRDS, encoding="utf-8")
    (tmp_path / "precise.py").write_text(PRECISE, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    try:
        precise = importlib.import_module("precise")
        assert precise.run() == Decimal("0.33333")
        assert precise.thirds.third() == Decimal(1) / 3
    finally:
        for name in ("precise", "thirds"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize("xs", [[], [3, 1], [0, 2]])
def test_an_op_that_calls_ops_does_what_cpython_does(xs: list[int]) -> None:
    source = """\
@op
def fill(items: list[int], item: int, *, times: int = 2) -> None:
    for _ in range(times):
        items.append(item)


@op
def invert(n: int) -> int:
    if n == 1:
        raise Fail("one")
    return 100 // n


def total(ns: list[int]) -> int:
    return sum([invert(n) for n in ns])


@op
def main(xs: list[int]) -> list[int]:
    found: list[int] = []
    fill(found, len(xs))
    fill(times=1, item=7, items=found)
    for x in xs:
        if x > 2 and invert(x) > 1:
            found.append(total([x, invert(x)]))
        try:
            found.append(invert(x))
        except Fail as error:
            fill(found, len(str(error)))
        except ZeroDivisionError:
            fill(found, -1)
    found.append(total(xs))
    return found
"""
    compare(GeneratedProgram(HEAD + source, {"xs": xs}, parse_type("list[int]")))


# --- caches ---------------------------------------------------------------------------------------

CACHED = """\
import functools
from decimal import Decimal
from functools import cache, lru_cache

from opforge import log, op, record, workload

workload("demo", version="1.0.0")


@record
class Row:
    label: str
    parts: list[int]


"""


def compile_cached(source: str) -> Compilation:
    return compile_program("app.py", Files({"app.py": CACHED + source}))


def test_a_cache_at_a_pure_helper_means_nothing() -> None:
    source = """\
@cache
def double(n: int) -> int:
    return n * 2


@functools.lru_cache(maxsize=None)
def triple(n: int, label: str = "") -> tuple[int, str]:
    return double(n) + n, label


@lru_cache(16, typed=True)
def none() -> None:
    pass


@op
def main(xs: list[int]) -> list[int]:
    none()
    return [triple(x)[0] + double(x) for x in xs]
"""
    compare(GeneratedProgram(CACHED + source, {"xs": [1, 1, 2]}, parse_type("list[int]")))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("@cache\ndef f(xs: list[int]) -> int:\n    return 1\n", "Python cannot look up"),
        ("@cache\ndef f(row: Row) -> int:\n    return 1\n", "Python cannot look up"),
        ("@cache\ndef f(n: int) -> list[int]:\n    return [n]\n", "its result is list[int]"),
        ("@cache\ndef f(n: Decimal | None) -> int:\n    return 1\n", "equal Decimals"),
        ("@cache\ndef f(n: int) -> int:\n    log.info(str(n))\n    return n\n", "asks for something outside"),
        ("@op\n@cache\ndef f(n: int) -> int:\n    return n\n", "it is an op"),
        (
            "def f() -> int:\n    @cache\n    def g(k: int) -> int:\n        return k\n\n    return g(1)\n",
            "inside of another function",
        ),
    ],
)
def test_a_cache_that_could_be_noticed(source: str, reason: str) -> None:
    (found,) = compile_cached(f"{source}\n\n@op\ndef main() -> int:\n    return 1\n").diagnostics
    assert found.code.name == "E_CACHE"
    assert reason in str(found.values["reason"])


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("from functools import partial\n", "; write a function that makes the call"),
        ("from functools import reduce\n", "; write a for loop"),
    ],
)
def test_what_functools_does_not_have_here(source: str, hint: str) -> None:
    (found,) = compile_program(
        "app.py", Files({"app.py": source + HEAD + JOBS.partition("\n")[2]})
    ).diagnostics
    assert (found.code.name, found.values["hint"]) == ("E_IMPORT_NAME", hint)
