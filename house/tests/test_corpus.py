"""Every accepted entry of the corpus: its exact bytes, their digest, and the same document in review form."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache

import pytest
import rfc8785

from house.golden import assert_golden
from house.pins import ROOT
from opforge_compiler.emit import Emission, emit_file
from opforge_ir.canonical import canonical_bytes, review_bytes
from opforge_ir.jsontext import read_json
from opforge_ir.validation import load_document, validate_document

CORPUS = ROOT / "corpus"
ENTRIES = {
    path.parent.relative_to(CORPUS).as_posix(): path
    for path in [*sorted(CORPUS.glob("*/app.py")), *sorted(CORPUS.glob("realistic/*/app.py"))]
}
WHITE_SPACE_OUTSIDE_STRINGS = re.compile(rb'("(?:[^"\\]|\\.)*")|[ \n]+')
entries = pytest.mark.parametrize("entry", ENTRIES)


@cache
def emit(entry: str) -> Emission:
    return emit_file(ENTRIES[entry])


@entries
def test_a_program_compiles_to_the_committed_bytes(entry: str, pytestconfig: pytest.Config) -> None:
    emission = emit(entry)
    assert emission.warnings == []
    assert_golden(pytestconfig, ENTRIES[entry].with_name("expected.canonical.json"), emission.canonical)


@entries
def test_the_document_is_valid(entry: str) -> None:
    emission = emit(entry)
    assert validate_document(emission.document) == []
    assert load_document(emission.canonical).ops


@entries
def test_the_canonical_bytes_are_those_of_rfc_8785(entry: str) -> None:
    emission = emit(entry)
    assert emission.canonical == rfc8785.dumps(json.loads(emission.canonical))
    assert emission.digest == hashlib.sha256(emission.canonical).hexdigest()


@entries
def test_the_review_form_is_the_same_document_with_white_space(entry: str) -> None:
    emission = emit(entry)
    review = emission.review
    assert review.endswith(b"}\n")
    assert WHITE_SPACE_OUTSIDE_STRINGS.sub(rb"\1", review) == emission.canonical
    assert canonical_bytes(read_json(review)) == emission.canonical
    assert review_bytes(read_json(review)) == review_bytes(read_json(emission.canonical)) == review
