"""The head of a document: whether it is a workload at all, and of a version that is read here."""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.document import (
    E_IR_VERSION_MAJOR,
    E_IR_VERSION_MALFORMED,
    E_IR_VERSION_NEWER,
    E_NOT_A_WORKLOAD,
)
from opforge_ir.diagnostics import Diagnostic, JsonPointer
from opforge_ir.document import IR_VERSION
from opforge_ir.excerpt import excerpt

__all__ = ["check_head", "describe"]

_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\Z")
_MAJOR, _MINOR = map(int, IR_VERSION.split("."))


def describe(value: JsonValue) -> str:
    """A JSON value in a few words, for a message."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return f"the number {value}" if value.bit_length() <= 64 else "a number of more than 64 bits"
        case str():
            return f'"{excerpt(value)}"'
        case dict():
            return "an object"
        case _:
            return "an array"


def check_head(document: JsonValue) -> Diagnostic | None:
    """What makes it pointless to look further: another kind of document, or another version."""
    if not isinstance(document, dict):
        return E_NOT_A_WORKLOAD.at(JsonPointer(""), found=describe(document))
    if document.get("artifact") != "workload":
        if "artifact" not in document:
            return E_NOT_A_WORKLOAD.at(JsonPointer(""), found="an object without the member artifact")
        found = document["artifact"]
        shown = f"a document of the kind {describe(found)}" if isinstance(found, str) else describe(found)
        return E_NOT_A_WORKLOAD.at(JsonPointer("/artifact"), found=shown)
    pointer = JsonPointer("/ir_version")
    version = document.get("ir_version")
    if version is None and "ir_version" not in document:
        return E_IR_VERSION_MALFORMED.at(JsonPointer(""), found="missing", supported=IR_VERSION)
    parts = _VERSION.match(version) if isinstance(version, str) else None
    if parts is None:
        return E_IR_VERSION_MALFORMED.at(pointer, found=describe(version), supported=IR_VERSION)
    if int(parts[1]) != _MAJOR:
        return E_IR_VERSION_MAJOR.at(pointer, found=parts[0], supported=IR_VERSION)
    if int(parts[2]) > _MINOR:
        return E_IR_VERSION_NEWER.at(pointer, found=parts[0], supported=IR_VERSION)
    return None
