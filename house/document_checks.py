"""What the tests of validation build and look at."""

from __future__ import annotations

from typing import Any

from house.documents import (
    Json,
    build_document,
    build_op,
    lit,
)
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.grants import infer_grants

ONE = lit("int", "1")
NONE = lit("None", "None")


def one_op(*body: Json, result: str = "int", parameters: dict[str, str] | None = None, **tables: Any) -> Json:
    """A document with one op, and the grants that it needs."""
    document = build_document({"main": build_op(result, body, parameters)}, **tables)
    document["grants"] = infer_grants(document).grants
    return document


def names(diagnostics: list[Diagnostic]) -> list[str]:
    return [diagnostic.code.name for diagnostic in diagnostics]


def places(diagnostics: list[Diagnostic]) -> list[tuple[str, str]]:
    return [(diagnostic.code.name, str(diagnostic.pointer)) for diagnostic in diagnostics]


def append(target: Json, value: Json, id_: str = "do-append") -> Json:
    return {"kind": "do", "id": id_, "op": "list.append", "args": [target, value]}


def call(function: str, *args: Json) -> Json:
    return {"kind": "call", "function": function, "args": list(args)}


def function(result: str, parameters: dict[str, str], *body: Json) -> Json:
    return {
        "parameters": [{"name": n, "type": t} for n, t in parameters.items()],
        "result": result,
        "body": list(body),
    }
