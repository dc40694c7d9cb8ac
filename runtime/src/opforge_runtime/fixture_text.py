"""Requests, endings and values as they are written in a fixture."""

from __future__ import annotations

import json
from typing import Final, cast

from opforge_ir.canonical import JsonValue
from opforge_ir.capabilities import VERBS
from opforge_ir.codes import execution, transport
from opforge_ir.diagnostics import Code, Diagnostic, DiagnosticError
from opforge_ir.errors import find_error
from opforge_ir.events import Output
from opforge_ir.fixture import Expectation, FixturePattern
from opforge_ir.fixture_matching import AskedEffect
from opforge_ir.types import Type
from opforge_ir.values import ValueCodec

__all__ = [
    "describe_pattern",
    "is_side_effect",
    "render_answer_to_add",
    "write_ending",
    "write_expectation",
    "write_pattern",
    "write_stated",
    "write_stated_pattern",
]

_SPEAKING_FIELDS: Final[dict[Code, str]] = {
    execution.E_PROGRAM_FAIL: "message",
    execution.E_ASSERTION_FAILED: "message",
    transport.E_CALL_REVERTED: "reason",
}
"""The field of a code that an author wrote or reads."""


def write_pattern(asked: AskedEffect, *, has_block: bool = True) -> dict[str, JsonValue]:
    """The pattern that means a request: a block by its number, or not at all; and nothing that is empty."""
    arguments = {
        name: value
        for name, value in asked.arguments.items()
        if value != [] and value is not None and (name != "at" or has_block)
    }
    block = arguments.get("at")
    if isinstance(block, dict):
        arguments["at"] = {"number": block["number"]}
    pattern: dict[str, JsonValue] = {"verb": asked.verb}
    if asked.static:
        pattern["static"] = dict(asked.static)
    if arguments:
        pattern["arguments"] = arguments
    return pattern


def render_answer_to_add(asked: AskedEffect) -> str:
    """The answer that a fixture lacks, with `…` for its value."""
    return json.dumps({**write_pattern(asked, has_block=False), "value": "…"}, ensure_ascii=False)


def describe_pattern(pattern: FixturePattern) -> str:
    """A pattern in one line, without the answer that may belong to it."""
    return json.dumps(write_stated_pattern(pattern), ensure_ascii=False)


def write_stated_pattern(pattern: FixturePattern) -> JsonValue:
    """What a person wrote of a request, without the answer that may belong to it."""
    return pattern.model_dump(exclude_unset=True, include=set(FixturePattern.model_fields))


def is_side_effect(asked: AskedEffect) -> bool:
    """Whether a request changes something outside."""
    return VERBS[asked.verb].effect == "side_effect"


def write_ending(output: Output | None, error: Diagnostic | None) -> JsonValue:
    """How a run ended, as a fixture expects it."""
    if error is None:
        assert output is not None, "a run without an error has an output"
        return {"output": output.value}
    field = _SPEAKING_FIELDS.get(error.code)
    kind = find_error(error.code, error.values)
    if field is not None and kind is not None:
        return {"error": kind, "fields": {field: error.values[field]}}
    if error.code is execution.E_PROGRAM_EXCEPTION and kind is not None:
        return {"error": kind}
    return {"error": error.code.name}


def write_expectation(expect: Expectation) -> JsonValue:
    """What a case expects, as it stands there."""
    return cast("JsonValue", expect.model_dump(exclude_unset=True))


def write_stated(codec: ValueCodec, kind: Type, written: JsonValue) -> JsonValue:
    """What a person wrote of a type, in stored form; as it is when it is of another type."""
    try:
        return codec.encode(kind, codec.decode(kind, written, is_input=True))
    except DiagnosticError:
        return written
