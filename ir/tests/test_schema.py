"""The published schemas say what the models say."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from house.json_places import find_places, is_object
from opforge_ir.capabilities import CAPABILITIES
from opforge_ir.codes import load_registry
from opforge_ir.codes.document import E_UNKNOWN_FIELD
from opforge_ir.diagnostics import JsonPointer, Span
from opforge_ir.document import Document
from opforge_ir.events import Envelope, Fact, Manifest, Output, Snapshot
from opforge_ir.fixture import Fixture
from opforge_ir.operators import OPERATORS
from opforge_ir.report import build_report
from opforge_ir.report_model import CommandReport, DiagnosticModel
from opforge_ir.schema import DIALECT, build_schemas

EARLIER = "0.1"
SCHEMAS: Mapping[str, Any] = build_schemas()
_DOCUMENTS = (Path(__file__).parents[2] / "corpus" / "invalid-ir").glob("*/document.json")
# The schema is that of this version; documents of an earlier one are read as documents of this one.
ENTRIES = sorted(each for each in _DOCUMENTS if f'"{EARLIER}"' not in each.read_text(encoding="utf-8"))
DIGEST = "ab" * 32
REPLACEMENTS: list[Any] = [
    None,
    True,
    0,
    -1,
    10**17,
    "",
    "x",
    "a" * 64,
    "0x00",
    "int.add",
    [],
    {},
    ["x"],
    [{}],
]
DIAGNOSTIC = E_UNKNOWN_FIELD.at(JsonPointer("/ops/x"), field="x", allowed="y").with_span(
    Span("app.py", 1, 2, 3, 4), "x = 1"
)
INSTANCES: list[tuple[str, type[BaseModel], Any]] = [
    *(("workload-ir.schema.json", Document, json.loads(entry.read_bytes())) for entry in ENTRIES),
    (
        "events.schema.json",
        Envelope,
        {
            "artifact": "event",
            "run": "portfolio-1",
            "seq": 1,
            "previous": DIGEST,
            "event": {"type": "RunStarted", "op": "main", "manifest": DIGEST, "snapshot": DIGEST},
        },
    ),
    (
        "artifacts.schema.json",
        Manifest,
        {
            "artifact": "manifest",
            "ir": DIGEST,
            "op": "main",
            "inputs": {"floor": "5"},
            "configuration": {"batch_size": 100},
            "provenance": {"opforge_version": "0.1.0", "git_commit": ""},
        },
    ),
    (
        "artifacts.schema.json",
        Snapshot,
        {
            "artifact": "snapshot",
            "parent": DIGEST,
            "state": "w.main.x",
            "instance": "",
            "fact": [DIGEST],
            "output": [],
        },
    ),
    (
        "artifacts.schema.json",
        Fact,
        {
            "artifact": "fact",
            "state": "w.main.x",
            "instance": "a[0]",
            "request": DIGEST,
            "value": [None, "5"],
        },
    ),
    ("artifacts.schema.json", Output, {"artifact": "output", "type": "int", "value": "5"}),
    (
        "forge-test.schema.json",
        Fixture,
        {
            "artifact": "forge-test",
            "program": "app.py",
            "cases": [
                {
                    "name": "one",
                    "answers": [
                        {"verb": "time.now", "static": {}, "arguments": {"at": {"number": 1}}, "value": None},
                        {"state": "w.main.x", "error": "Timeout", "fields": {"timeout_ms": 5}},
                        {"verb": "http.get", "in_turn": [{"value": "5"}, {"error": "HttpError"}]},
                    ],
                    "expect": {"output": []},
                    "effects": None,
                }
            ],
        },
    ),
    ("diagnostic.schema.json", DiagnosticModel, DIAGNOSTIC.to_json()),
    (
        "command-report.schema.json",
        CommandReport,
        build_report("validate", 1, {"digest": DIGEST}, [DIAGNOSTIC.to_json()]),
    ),
]


def accepts(schema: str, instance: Any) -> bool:
    validator: Any = jsonschema.Draft202012Validator(SCHEMAS[schema])
    return bool(validator.is_valid(instance))


def fits(model: type[BaseModel], instance: Any) -> bool:
    try:
        model.model_validate(instance)
    except ValidationError:
        return False
    return True


def test_names_and_heads() -> None:
    assert list(SCHEMAS) == sorted(SCHEMAS)
    schemas = {name: schema for name, schema in SCHEMAS.items() if name.endswith(".schema.json")}
    assert all(schema["$schema"] == DIALECT for schema in schemas.values())
    assert len({schema["$id"] for schema in schemas.values()}) == len(schemas)
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_only_keywords_of_the_dialect_are_used() -> None:
    known = set(jsonschema.Draft202012Validator.VALIDATORS)
    annotations = {"$schema", "$id", "$defs", "title", "description", "default"}

    def visit(schema: Any) -> None:
        if not is_object(schema):
            return
        assert set(schema) <= known | annotations, schema.keys() - known - annotations
        for table in ("properties", "$defs"):
            for each in schema.get(table, {}).values():
                visit(each)
        for keyword in ("items", "additionalProperties", "propertyNames"):
            visit(schema.get(keyword))
        for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            visit(each)

    for name, schema in SCHEMAS.items():
        if name.endswith(".schema.json"):
            visit(schema)


def test_building_twice_gives_the_same() -> None:
    assert json.dumps(build_schemas()) == json.dumps(SCHEMAS)


@pytest.mark.parametrize(("schema", "model", "instance"), INSTANCES)
def test_schema_and_model_agree_on_what_is_written(
    schema: str, model: type[BaseModel], instance: Any
) -> None:
    assert accepts(schema, instance) is fits(model, instance)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_schema_and_model_agree_on_what_is_nearly_right(data: st.DataObject) -> None:
    schema, model, source = data.draw(st.sampled_from(INSTANCES))
    instance = copy.deepcopy(source)
    places = find_places(instance)
    container, key = places[data.draw(st.integers(0, len(places) - 1))]
    match data.draw(st.sampled_from(["replace", "remove", "add", "rename"])):
        case "remove":
            del container[key]
        case "add" if is_object(container):
            container[data.draw(st.sampled_from(["x", "a b", "kind", "0x00"]))] = "x"
        case "rename" if is_object(container):
            container[data.draw(st.sampled_from(["x", "a b", "", "a" * 64]))] = container.pop(key)
        case _:
            container[key] = copy.deepcopy(data.draw(st.sampled_from(REPLACEMENTS)))
    assert accepts(schema, instance) is fits(model, instance)


def test_the_registries_hold_every_entry() -> None:
    codes = SCHEMAS["error-codes.json"]["codes"]
    assert [each["code"] for each in codes] == list(load_registry())
    assert [each["name"] for each in SCHEMAS["operators.json"]["operators"]] == list(OPERATORS)
    assert [each["name"] for each in SCHEMAS["capabilities.json"]["capabilities"]] == list(CAPABILITIES)


def test_a_code_is_published_with_all_that_it_is_made_of() -> None:
    entry = next(each for each in SCHEMAS["error-codes.json"]["codes"] if each["name"] == "E_UNKNOWN_FIELD")
    assert entry == {
        "code": "E0211",
        "name": "E_UNKNOWN_FIELD",
        "severity": "error",
        "category": "document",
        "message": E_UNKNOWN_FIELD.template,
        "fix": E_UNKNOWN_FIELD.fix,
        "fields": ["field", "allowed"],
    }
