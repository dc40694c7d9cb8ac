"""The review form: exact layout, and small diffs."""

from __future__ import annotations

import difflib

import pytest

from opforge_ir.canonical import REVIEW_WIDTH, JsonValue, review_bytes

DOCUMENT: JsonValue = {
    "name": "portfolio",
    "empty": {"list": [], "object": {}},
    "nodes": [
        {"kind": "lit", "type": "int", "value": "1"},
        {"args": [{"kind": "name", "name": "a"}, {"kind": "name", "name": "b"}], "kind": "call"},
        {},
        [1, 2, 3],
    ],
}
SMALL_DOCUMENTS: list[tuple[JsonValue, str]] = [
    (1, "1\n"),
    ("a", '"a"\n'),
    (None, "null\n"),
    ([], "[]\n"),
    ({}, "{}\n"),
    ([[]], "[[]]\n"),
    ([[[]]], "[\n  [[]]\n]\n"),
    (["a\nb", "[", "{", "]", "}"], '["a\\nb", "[", "{", "]", "}"]\n'),
    (["  two  spaces  "], '["  two  spaces  "]\n'),
    ({"a": ["[\n"], "b": "\n  ]"}, '{\n  "a": ["[\\n"],\n  "b": "\\n  ]"\n}\n'),
    ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600": 1, "\ufb33": 2}\n'),
]
REVIEW = """\
{
  "empty": {"list": [], "object": {}},
  "name": "portfolio",
  "nodes": [
    {"kind": "lit", "type": "int", "value": "1"},
    {
      "args": [
        {"kind": "name", "name": "a"},
        {"kind": "name", "name": "b"}
      ],
      "kind": "call"
    },
    {},
    [1, 2, 3]
  ]
}
"""


def test_layout() -> None:
    assert review_bytes(DOCUMENT).decode() == REVIEW


@pytest.mark.parametrize(("value", "text"), SMALL_DOCUMENTS)
def test_small_documents(value: JsonValue, text: str) -> None:
    assert review_bytes(value).decode() == text


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f600"])
def test_width_counts_indentation_key_and_comma(letter: str) -> None:
    """A container is joined when that line, with its indentation, key and comma, has at most the width."""
    for has_comma in (False, True):
        frame = '  "k": [""]' + "," * has_comma
        for excess in (0, 1):
            text = letter * (REVIEW_WIDTH - len(frame) + excess)
            value: dict[str, JsonValue] = {"j": [[1]], "k": [text]}
            if has_comma:
                value["l"] = [[1]]
            line = review_bytes(value).decode().split('"k": ')[1].split("\n")[0]
            assert line == ("[" if excess else f'["{text}"]' + "," * has_comma)


def test_a_changed_scalar_changes_one_line() -> None:
    before = review_bytes({"nodes": _nodes(20)}).decode()
    nodes = _nodes(20)
    nodes[7]["name"] = "other"
    assert _changed_lines(before, review_bytes({"nodes": nodes}).decode()) == (1, 1)


def test_an_inserted_node_adds_its_own_lines() -> None:
    before = review_bytes({"nodes": _nodes(20)}).decode()
    nodes = _nodes(20)
    nodes.insert(7, {"id": "new", "kind": "return"})
    assert _changed_lines(before, review_bytes({"nodes": nodes}).decode()) == (0, 1)


def _nodes(count: int) -> list[dict[str, JsonValue]]:
    return [{"id": f"n{i}", "name": f"v{i}", "args": [{"name": f"v{i - 1}"}]} for i in range(count)]


def _changed_lines(before: str, after: str) -> tuple[int, int]:
    marks = [line[0] for line in difflib.ndiff(before.splitlines(), after.splitlines())]
    return marks.count("-"), marks.count("+")
