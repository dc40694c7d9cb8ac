"""The validator takes any JSON value, and agrees with the models on every shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from house.json_places import find_places, is_array, is_object
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.document import Document
from opforge_ir.problems import Problems
from opforge_ir.validation import MAX_PROBLEMS, load_document, validate_document
from opforge_ir.validation.head import check_head
from opforge_ir.validation.meaning import check_meaning
from opforge_ir.validation.shape import check_shape

CORPUS = Path(__file__).parents[2] / "corpus"
SOURCES = sorted(
    path.read_bytes()
    for path in (*CORPUS.glob("invalid-ir/E03*/document.json"), *CORPUS.glob("*/*.canonical.json"))
)
"""Documents of the right shape; what is wrong with their meaning makes the ways of a mutation wider."""

WORDS = "0 -1 0x00 any args chain.call int int.add kind let list.append list[int] main main.x map None ref x"
words = st.sampled_from([*WORDS.split(), "", "mainnet", "Wallet", "two words", "a" * 64, "\n"])
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words | st.text(max_size=3)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def mutated_documents(draw: st.DrawFn) -> Any:
    """A document of the corpus with one to three parts replaced, removed, repeated, moved or added."""
    document = json.loads(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(1, 3))):
        places = find_places(document)
        container, key = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["replace", "remove", "repeat", "add", "copy"])):
            case "remove":
                del container[key]
            case "repeat" if is_array(container):
                container.insert(key, json.loads(json.dumps(container[key])))
            case "add" if is_object(container):
                container[draw(words)] = draw(json_values)
            case "copy":
                other, at = places[draw(st.integers(0, len(places) - 1))]
                container[key] = json.loads(json.dumps(other[at]))
            case _:
                container[key] = draw(json_values)
    return document


def is_accepted_by_the_models(document: Any) -> bool:
    try:
        Document.model_validate(document)
    except ValidationError:
        return False
    return True


@given(json_values)
def test_any_json_value_gives_diagnostics(value: JsonValue) -> None:
    assert validate_document(value)


@settings(max_examples=400, deadline=None)
@given(mutated_documents())
def test_the_walk_the_shape_and_the_models_agree(document: Any) -> None:
    found = validate_document(document)
    assert len(found) <= MAX_PROBLEMS + 1
    assert all(each.code.category in ("document", "reader") for each in found)
    if check_head(document) is not None:
        return
    shape = Problems()
    check_shape(document, shape)
    is_accepted = is_accepted_by_the_models(document)
    assert (len(shape) == 0) is is_accepted
    if is_accepted:
        assert not check_meaning(document, Problems())
    else:
        assert found


@settings(max_examples=100, deadline=None)
@given(mutated_documents())
def test_every_pointer_leads_to_something(document: Any) -> None:
    for each in validate_document(document):
        part: Any = document
        for key in str(each.pointer).split("/")[1:]:
            name = key.replace("~1", "/").replace("~0", "~")
            part = part[int(name)] if is_array(part) else part[name]


@settings(max_examples=100, deadline=None)
@given(mutated_documents())
def test_loading_gives_a_document_or_the_same_diagnostics(document: Any) -> None:
    found = validate_document(document)
    if not found:
        assert load_document(canonical_bytes(document)) == Document.model_validate(document)
        return
    with pytest.raises(DiagnosticError) as caught:
        load_document(canonical_bytes(document))
    assert caught.value.diagnostics == found
