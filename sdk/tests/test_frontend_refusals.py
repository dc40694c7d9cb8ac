"""Every code of the source: its smallest program gives it and no other, and its page shows what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from opforge._frontend import compile_program
from opforge._frontend.project import MAX_FILES
from opforge._frontend.source import MAX_SOURCE_BYTES
from opforge_ir.codes import load_registry
from opforge_ir.diagnostics import Diagnostic

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus" / "invalid"
PAGES = ROOT / "ir" / "src" / "opforge_ir" / "pages"
CODES = [code for code in load_registry().values() if code.category == "source"]
WITHOUT_ENTRY = {
    "E1001": "it is for a file that is not there",
    "E1003": "its smallest file is larger than a mebibyte",
    "E1400": "its smallest project has more than 500 files",
    "E1402": "its smallest function has 5 001 variables",
    "E1403": "its smallest program has 201 problems",
}
ENTRIES = [code.number for code in CODES if code.number not in WITHOUT_ENTRY]
PROGRAM = b"""\
from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run() -> int:
    return 1
"""


class Files:
    """The files of a project in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)


def refuse(files: Mapping[str, bytes]) -> list[Diagnostic]:
    compilation = compile_program("app.py", Files(files))
    assert (compilation.document is None) is bool(compilation.diagnostics)
    return compilation.diagnostics


def shape(diagnostic: Diagnostic, expected: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(diagnostic.to_json())
    return {key: made.get(key) for key in expected}


@pytest.mark.parametrize("number", ENTRIES)
def test_the_smallest_program_gives_its_code(number: str) -> None:
    folder = CORPUS / number
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    found = refuse({path.name: path.read_bytes() for path in folder.glob("*.py")})
    assert [shape(d, e) for d, e in zip(found, expected, strict=True)] == expected
    assert [each["code"] for each in expected] == [number]


def test_the_corpus_holds_every_code() -> None:
    assert sorted(path.name for path in CORPUS.iterdir()) == ENTRIES


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.number)
def test_the_page_shows_a_bad_and_a_good_program(code: Any) -> None:
    page = (PAGES / f"{code.number}.md").read_text("utf-8")
    assert page.startswith(f"# {code.number} {code.name}\n")
    blocks = dict(re.findall(r"^```python (bad|good)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[::-1])
    if not blocks:
        assert "## Shown by" in page
        return
    assert [d.code.name for d in refuse({"app.py": blocks["bad"].encode()})] == [code.name]
    assert refuse({"app.py": blocks["good"].encode()}) == []


def test_a_missing_file() -> None:
    assert [d.code.name for d in refuse({})] == ["E_SOURCE_NOT_FOUND"]


def test_a_large_file() -> None:
    (found,) = refuse({"app.py": PROGRAM + b"#" * MAX_SOURCE_BYTES})
    assert found.code.name == "E_SOURCE_TOO_LARGE"
    assert found.values["limit"] == MAX_SOURCE_BYTES


def test_too_many_files() -> None:
    files = {f"part{i}.py": b"LIMIT = 1\n" for i in range(MAX_FILES)}
    imports = b"".join(b"import part%d\n" % i for i in range(MAX_FILES))
    found = refuse({**files, "app.py": imports + PROGRAM})
    assert [d.code.name for d in found] == ["E_PROGRAM_TOO_LARGE"]


def test_six_mistakes_are_six_problems_with_a_caret_each() -> None:
    source = """\
from decimal import Decimal
import requests
from opforge import op, workload

workload("demo", version="1.0.0")

RATE = 0.5


@op
def run(n: int, label: str) -> int:
    print(label)
    half = n / 2
    total = n + label
    while label != "":
        label = label.strip()
    return missing
"""
    found = refuse({"app.py": source.encode()})
    assert [(d.code.name, d.span.line if d.span else 0) for d in found] == [
        ("E_IMPORT_OUTSIDE", 2),
        ("E_FLOAT_REFUSED", 7),
        ("E_PRINT", 12),
        ("E_TRUE_DIVISION", 13),
        ("E_OPERAND_TYPES", 14),
        ("E_WHILE", 15),
        ("E_UNKNOWN_NAME", 17),
    ]
    for each in found:
        assert each.span is not None
        assert each.source_line == source.splitlines()[each.span.line - 1]
        assert each.span.column < each.span.end_column
        assert each.fix


def test_a_constant_of_a_refused_record_is_not_refused_again() -> None:
    source = """\
from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Wallet:
    label: str
    kind: Missing


WALLETS: list[Wallet] = [Wallet("a", 1)]
LABELS = [wallet.label for wallet in WALLETS]


@op
def run() -> list[str]:
    return LABELS
"""
    assert [d.code.name for d in refuse({"app.py": source.encode()})] == ["E_UNKNOWN_TYPE"]


def test_a_refused_type_is_not_refused_again_in_what_has_it() -> None:
    source = """\
from opforge import op, record, workload

workload("demo", version="1.0.0")

PAIRS: tuple[int, ...] = ()
COUNTS: dict[str, float] = {}


@record
class Wallet:
    label: str
    parts: tuple[str, ...] = ()


@op
def run(wallet: Wallet) -> int:
    found: list[Walet] = []
    sums: dict[str, Walet] = {}
    for part in PAIRS:
        found.append(part)
        sums[wallet.parts[0]] = part
    return len(found) + len(COUNTS) + len(Wallet("a").parts)
"""
    found = refuse({"app.py": source.encode()})
    assert [(d.code.name, d.span.line if d.span else 0) for d in found] == [
        ("E_UNKNOWN_TYPE", 5),
        ("E_FLOAT_REFUSED", 6),
        ("E_UNKNOWN_TYPE", 12),
        ("E_UNKNOWN_TYPE", 17),
        ("E_UNKNOWN_TYPE", 18),
    ]


def test_a_refused_enum_is_not_refused_again_where_it_is_used() -> None:
    source = """\
from enum import Enum

from opforge import op, workload

workload("demo", version="1.0.0")


class Tier(Enum):
    MAIN = "main"

    def shown(self) -> str:
        return self.value


@op
def run() -> str:
    return Tier.MAIN.shown() + Tier.MAIN.value
"""
    assert [d.code.name for d in refuse({"app.py": source.encode()})] == ["E_ENUM_FORM"]


def test_what_is_refused_once_is_not_refused_again_where_it_is_used() -> None:
    source = """\
from nowhere import thing
from opforge import op, workload

workload("demo", version="1.0.0")

LIMIT = thing + 1


@op
def run(n: int) -> int:
    a = thing(n)
    b = a.field + LIMIT
    c = [x.label for x in b]
    for each in c:
        b = b + each
    return b
"""
    assert [d.code.name for d in refuse({"app.py": source.encode()})] == ["E_IMPORT_OUTSIDE"]
