"""The published schemas and registries, built from the models and tables of this package.

`schema/` holds what `build_schemas` returns, written by `house.generate` and compared in every test run.
Schemas are JSON Schema 2020-12 and use no keyword of another specification. They state the shape of a
document; what a shape cannot say is in `opforge_ir.validation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, Field, TypeAdapter

from opforge_ir.canonical import JsonValue
from opforge_ir.capabilities import CAPABILITIES
from opforge_ir.codes import load_registry
from opforge_ir.document import IR_VERSION, Document
from opforge_ir.events import Envelope, Fact, Manifest, Output, Snapshot
from opforge_ir.fixture import Fixture
from opforge_ir.operators import OPERATORS
from opforge_ir.report_model import CommandReport, DiagnosticModel
from opforge_ir.result_models import RESULTS

__all__ = ["DIALECT", "build_schemas"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_Artifact = Annotated[Manifest | Snapshot | Fact | Output, Field(discriminator="artifact")]


def build_schemas() -> dict[str, JsonValue]:
    """Every published file of `schema/` by its name, in order of name. Deterministic."""
    return {
        "artifacts.schema.json": _schema("artifacts", TypeAdapter(_Artifact).json_schema()),
        "capabilities.json": _build_capabilities(),
        "command-report.schema.json": _model_schema("command-report", CommandReport),
        "command-results.schema.json": _build_result_schema(),
        "diagnostic.schema.json": _model_schema("diagnostic", DiagnosticModel),
        "error-codes.json": _build_error_codes(),
        "events.schema.json": _model_schema("events", Envelope),
        "forge-test.schema.json": _model_schema("forge-test", Fixture),
        "operators.json": _build_operators(),
        "workload-ir.schema.json": _model_schema(f"workload-ir:{IR_VERSION}", Document),
    }


def _build_result_schema() -> JsonValue:
    """What `result` of a command report holds: a property for each command, by its name."""
    shapes = {shape.__name__: shape for each in RESULTS.values() for shape in each}
    adapters: Any = [(name, "validation", TypeAdapter(shape)) for name, shape in shapes.items()]
    placed, definitions = TypeAdapter.json_schemas(adapters)
    commands: dict[str, Any] = {}
    for command, each in RESULTS.items():
        references = [placed[shape.__name__, "validation"] for shape in each]
        commands[command] = references[0] if len(references) == 1 else {"anyOf": references}
    return _schema("command-results", {"type": "object", "properties": commands, **definitions})


def _model_schema(name: str, model: type[BaseModel]) -> JsonValue:
    return _schema(name, model.model_json_schema())


def _schema(name: str, generated: dict[str, Any]) -> JsonValue:
    return {"$schema": DIALECT, "$id": f"urn:opforge:schema:{name}", **_mend(generated)}


def _mend(schema: Any) -> Any:
    """A generated schema, made to accept exactly what the models accept.

    Pydantic writes the pattern of a key as `patternProperties`, which lets keys of any other spelling pass.
    It adds `discriminator`, a keyword of OpenAPI, and to each property a title that repeats its name.
    """
    if isinstance(schema, list):
        return [_mend(each) for each in cast("Iterable[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    source = cast("Mapping[str, Any]", schema)
    mended: dict[str, Any] = {}
    for key, value in source.items():
        match key:
            case "discriminator":
                continue
            case "$defs":
                mended[key] = {name: _mend(each) for name, each in value.items()}
            case "properties":
                mended[key] = {name: _without_title(_mend(each)) for name, each in value.items()}
            case "patternProperties":
                ((pattern, entry),) = value.items()
                mended["additionalProperties"] = _mend(entry)
                mended["propertyNames"] = {**source.get("propertyNames", {}), "pattern": pattern}
            case "propertyNames" if "patternProperties" in source:
                continue
            case _:
                mended[key] = _mend(value)
    return mended


def _without_title(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}


def _build_error_codes() -> JsonValue:
    return {
        "artifact": "error-codes",
        "codes": [
            {
                "code": code.number,
                "name": code.name,
                "severity": code.severity,
                "category": code.category,
                "message": code.template,
                "fix": code.fix,
                "fields": list(code.fields),
            }
            for code in load_registry().values()
        ],
    }


def _build_capabilities() -> JsonValue:
    return {
        "artifact": "capabilities",
        "capabilities": [_to_json(asdict(each)) for each in CAPABILITIES.values()],
    }


def _build_operators() -> JsonValue:
    return {
        "artifact": "operators",
        "operators": [_to_json({**asdict(each), "compute": None}) for each in OPERATORS.values()],
    }


def _to_json(entry: dict[str, Any]) -> JsonValue:
    """The entry of a table with its tuples as arrays, and without what it does not state."""
    return {name: _to_json_part(value) for name, value in entry.items() if value is not None}


def _to_json_part(value: Any) -> JsonValue:
    if isinstance(value, tuple | list):
        return [_to_json_part(each) for each in cast("list[Any]", value)]
    return _to_json(cast("dict[str, Any]", value)) if isinstance(value, dict) else cast("JsonValue", value)
