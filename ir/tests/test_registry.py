"""The error codes: permanent names, each explained, each used, and its examples true."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import opforge_ir.codes
from house.json_places import is_array
from opforge_ir.canonical import JsonValue
from opforge_ir.codes import get_code, load_registry
from opforge_ir.diagnostics import Code, DiagnosticError, JsonPointer
from opforge_ir.jsontext import read_json
from opforge_ir.validation import validate_document

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "ir" / "src" / "opforge_ir" / "pages"
SOURCES = [ROOT / layer / "src" for layer in ("ir", "sdk", "compiler", "runtime", "cli")]
REGISTRY = load_registry()
NUMBERS = {
    "reader": ("E01",),
    "document": ("E02", "E03"),
    "source": ("E10", "E11", "E12", "E13", "E14"),
    "execution": ("E20", "E21"),
    "store": ("E30", "E31"),
    "command": ("E40",),
    "internal": ("E90",),
}
PROVED_HERE = ("reader", "document")
"""The categories whose ```json blocks this layer can run; others are run where their code lives."""

_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"^At `([^`]+)` of a document:$", re.MULTILINE)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_TEST = re.compile(r"`([^`\n]+\.py)::(test_\w+)(?:\[[^`\n]*\])?`")


class Page(NamedTuple):
    """One page, taken apart."""

    title: str
    introduction: str
    sections: dict[str, str]

    def find_blocks(self, section: str) -> list[tuple[str, str]]:
        """The fenced blocks of a section: what stands after the backticks, and the text."""
        return [(match[1], match[2]) for match in _BLOCK.finditer(self.sections.get(section, ""))]

    def get_block(self, section: str) -> tuple[str, str]:
        (block,) = self.find_blocks(section)
        return block


@cache
def read_page(number: str) -> Page:
    text = (PAGES / f"{number}.md").read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    introduction, *parts = _SECTION.split(rest)
    return Page(title, introduction.strip(), dict(zip(parts[::2], parts[1::2], strict=True)))


def find_imports(source: Path) -> Iterator[str]:
    """The names that the modules of a layer read, apart from where codes are defined."""
    definitions = Path(opforge_ir.codes.__file__).parent
    for path in source.rglob("*.py"):
        if path.parent == definitions:
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Attribute):
                yield node.attr


# --- the registry -------------------------------------------------------------------------------


def test_numbers_and_names_are_well_formed() -> None:
    for number, code in REGISTRY.items():
        assert number == code.number
        assert re.fullmatch(r"E[0-9]{4}", number)
        assert re.fullmatch(r"E(_[A-Z0-9]+)+", code.name)
        assert number.startswith(NUMBERS[code.category]), number


def test_texts_are_sentences_without_an_end() -> None:
    for code in REGISTRY.values():
        assert code.template, code.name
        assert code.fix, code.name
        assert not code.template.endswith("."), code.name
        assert not code.fix.endswith("."), code.name


def test_a_code_is_found_by_number_and_name_in_any_case() -> None:
    for code in REGISTRY.values():
        assert get_code(code.number.lower()) is code
        assert get_code(code.name.lower()) is code
    assert get_code("E0000") is None


def test_a_name_used_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import opforge_ir.codes.store

    known = next(iter(REGISTRY.values()))
    other = Code("E3199", known.name, "store", "text", "fix")
    monkeypatch.setattr(opforge_ir.codes.store, known.name, other, raising=False)
    with pytest.raises(ValueError, match="registered twice"):
        load_registry()


def test_every_code_is_used() -> None:
    used = {name for source in SOURCES for name in find_imports(source)}
    assert {code.name for code in REGISTRY.values()} - used == set()


# --- the pages ----------------------------------------------------------------------------------


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in PAGES.iterdir()} == set(REGISTRY)


@pytest.mark.parametrize("number", sorted(path.stem for path in PAGES.iterdir()))
def test_a_page_has_its_parts(number: str) -> None:
    page = read_page(number)
    assert page.title == f"# {number} {REGISTRY[number].name}"
    assert page.introduction
    assert list(page.sections)[:2] == ["Example", "Fix"]
    assert set(page.sections) <= {"Example", "Fix", "Shown by"}
    bad, _ = page.get_block("Example")
    good = [label for label, _ in page.find_blocks("Fix")]
    # What no input shows may be mended by something that no block shows either.
    assert good in {"python bad": [["python good"]], "json bad": [["json good"]], "text": [["text"], []]}[bad]
    assert _BLOCK.sub("", page.sections["Fix"]).strip()
    assert ("Shown by" in page.sections) is (bad == "text")


@pytest.mark.parametrize("number", sorted(path.stem for path in PAGES.iterdir()))
def test_the_tests_that_a_page_names_exist(number: str) -> None:
    shown = read_page(number).sections.get("Shown by")
    if shown is None:
        return
    tests = _TEST.findall(shown)
    assert tests
    for path, name in tests:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def list_json_pages() -> list[str]:
    return [
        number
        for number, code in REGISTRY.items()
        if code.category in PROVED_HERE
        and (PAGES / f"{number}.md").is_file()
        and read_page(number).get_block("Example")[0] == "json bad"
    ]


def replace_part(document: Any, pointer: str, part: JsonValue) -> None:
    *outer, last = pointer.split("/")[1:]
    container = document
    for key in outer:
        container = container[int(key)] if is_array(container) else container[key]
    container[int(last) if is_array(container) else last] = part


@pytest.mark.parametrize("number", list_json_pages())
def test_the_example_of_a_page_gives_its_code_and_the_fix_none(number: str) -> None:
    page = read_page(number)
    bad, good = page.get_block("Example")[1].encode(), page.get_block("Fix")[1].encode()
    if REGISTRY[number].category == "reader":
        with pytest.raises(DiagnosticError) as caught:
            read_json(bad)
        assert {each.code.number for each in caught.value.diagnostics} == {number}
        read_json(good)
        return
    place = _PLACE.search(page.sections["Example"])
    assert place is not None
    entry = ROOT / "corpus" / "invalid-ir" / number / "document.json"
    document: Any = json.loads(entry.read_bytes())
    replace_part(document, place[1], read_json(bad))
    assert document == json.loads(entry.read_bytes()), "the example is not a part of the corpus entry"
    assert [each.code.number for each in validate_document(document)] == [number]
    replace_part(document, place[1], read_json(good))
    assert validate_document(document) == []


# --- diagnostics --------------------------------------------------------------------------------


def test_a_diagnostic_takes_exactly_the_fields_of_its_code() -> None:
    code = Code("E9999", "E_X", "internal", "{a} and {b}", "mend {a}")
    assert code.fields == ("a", "b")
    found = code.at(JsonPointer("/x"), a="A", b=2)
    assert (found.message, found.fix) == ("A and 2", "mend A")
    with pytest.raises(ValueError, match="takes the fields"):
        code.at(a="A")
    with pytest.raises(ValueError, match="takes the fields"):
        code.at(a="A", b="B", c="C")


def test_a_field_that_looks_like_a_template_stays_as_it_is() -> None:
    code = Code("E9999", "E_X", "internal", "{a} and {b}", "mend {a}")
    assert code.at(a="{b}", b="{a}").message == "{b} and {a}"
