"""Every decision that binds has a record of one form, and the test that the record names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from house.pins import ROOT

RECORDS = sorted((ROOT / "adrs").glob("[0-9]*.md"))
SECTIONS = ["Status", "Context", "Decision", "Consequences", "Pinned by"]
STATUS = re.compile(r"(Accepted|Proposed)\.|Replaced by \[\d{4}\]\(\d{4}-[a-z0-9-]+\.md\)\.")
TEST = re.compile(r"`([\w./-]+\.py)(?:::(\w+))?`")

by_record = pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)


def _sections(record: Path) -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", record.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {title: body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def _defines(test: Path, function: str) -> bool:
    tree = ast.parse(test.read_bytes())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, kinds) and node.name == function for node in ast.walk(tree))


def test_the_numbers_are_those_from_one_on() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
    assert len(RECORDS) >= 8


@by_record
def test_a_record_has_the_five_parts(record: Path) -> None:
    sections = _sections(record)
    assert list(sections) == SECTIONS
    assert all(sections.values())
    assert STATUS.fullmatch(sections["Status"])


@by_record
def test_what_pins_a_record_exists(record: Path) -> None:
    named = TEST.findall(_sections(record)["Pinned by"])
    assert named
    missing = [
        f"{path}::{function}" if function else path
        for path, function in named
        if not (ROOT / path).is_file() or (function and not _defines(ROOT / path, function))
    ]
    assert missing == []


def test_the_index_lists_every_record() -> None:
    index = (ROOT / "adrs" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", index) == [record.name for record in RECORDS]
