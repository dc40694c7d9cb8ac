"""IR documents built by hand, for tests of what reads them. Each function returns the JSON of one part."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from opforge_ir.document import IR_VERSION
from opforge_ir.grants import infer_grants

__all__ = [
    "Json",
    "apply",
    "break_node",
    "build_document",
    "build_op",
    "build_policy",
    "call_node",
    "continue_node",
    "effect",
    "fail_node",
    "field_of",
    "for_node",
    "handler",
    "if_node",
    "invoke_node",
    "keep_node",
    "let",
    "list_value",
    "lit",
    "map_node",
    "no_headers",
    "no_key",
    "record_value",
    "ref",
    "rethrow_node",
    "return_node",
    "return_none",
    "try_node",
    "while_node",
    "yield_node",
]

Json: TypeAlias = dict[str, Any]


def ref(name: str) -> Json:
    return {"kind": "ref", "name": name}


def lit(type_: str, value: str) -> Json:
    return {"kind": "lit", "type": type_, "value": value}


def apply(op: str, *args: Json) -> Json:
    return {"kind": "apply", "op": op, "args": list(args)}


def list_value(type_: str, *items: Json) -> Json:
    return {"kind": "list", "type": type_, "items": list(items)}


def field_of(of: Json, name: str) -> Json:
    return {"kind": "field", "of": of, "name": name}


def record_value(record: str, **fields: Json) -> Json:
    members = [{"name": name, "value": value} for name, value in fields.items()]
    return {"kind": "record", "record": record, "fields": members}


def let(id_: str, type_: str, value: Json) -> Json:
    return {"kind": "let", "id": id_, "type": type_, "value": value}


def effect(id_: str, verb: str, type_: str, *, static: Mapping[str, str] | None = None, **args: Json) -> Json:
    return {
        "kind": "effect",
        "id": id_,
        "verb": verb,
        "type": type_,
        "static": dict(static or {}),
        "args": args,
    }


def call_node(id_: str, type_: str, function: str, *args: Json) -> Json:
    return {"kind": "call", "id": id_, "type": type_, "function": function, "args": list(args)}


def if_node(
    id_: str,
    test: Json,
    then: Sequence[Json],
    otherwise: Sequence[Json] = (),
    results: Sequence[tuple[str, str, Json, Json]] = (),
) -> Json:
    """`results` are id, type, the value of `then`, the value of `otherwise`."""
    return {
        "kind": "if",
        "id": id_,
        "test": test,
        "then": list(then),
        "otherwise": list(otherwise),
        "results": [{"id": i, "type": t, "then": [a], "otherwise": [b]} for i, t, a, b in results],
    }


def for_node(
    id_: str,
    items: Json,
    targets: Mapping[str, str],
    body: Sequence[Json],
    carried: Sequence[tuple[str, str, Json, Json, str]] = (),
) -> Json:
    """`targets` are types by id; `carried` are id, type, first value, next value, result."""
    return {
        "kind": "for",
        "id": id_,
        "items": items,
        "targets": [{"id": i, "type": t} for i, t in targets.items()],
        "carried": [
            {"id": i, "type": t, "init": first, "next": following, "result": result}
            for i, t, first, following, result in carried
        ],
        "body": list(body),
    }


def while_node(
    id_: str,
    limit: Json,
    test: Json,
    body: Sequence[Json],
    carried: Sequence[tuple[str, str, Json, Json, str]] = (),
    *,
    head: Sequence[Json] = (),
) -> Json:
    """`carried` are id, type, first value, next value, result."""
    return {
        "kind": "while",
        "id": id_,
        "limit": limit,
        "carried": [
            {"id": i, "type": t, "init": first, "next": following, "result": result}
            for i, t, first, following, result in carried
        ],
        "head": list(head),
        "test": test,
        "body": list(body),
    }


def break_node(*values: Json) -> Json:
    return {"kind": "break", "values": list(values)}


def continue_node(*values: Json) -> Json:
    return {"kind": "continue", "values": list(values)}


def try_node(
    id_: str,
    body: Sequence[Json],
    *handlers: Json,
    kept: Sequence[tuple[str, str, Json, str]] = (),
    otherwise: Sequence[Json] = (),
    always: Sequence[Json] = (),
) -> Json:
    """`kept` are id, type, first value, result."""
    return {
        "kind": "try",
        "id": id_,
        "kept": [{"id": i, "type": t, "init": first, "result": result} for i, t, first, result in kept],
        "body": list(body),
        "handlers": list(handlers),
        "otherwise": list(otherwise),
        "always": list(always),
    }


def handler(errors: str, id_: str, *body: Json) -> Json:
    """One handler; `errors` are names with spaces between."""
    return {"errors": errors.split(), "id": id_, "body": list(body)}


def keep_node(name: str, value: Json) -> Json:
    return {"kind": "keep", "name": name, "value": value}


def rethrow_node(error: str) -> Json:
    return {"kind": "rethrow", "error": error}


def fail_node(message: str) -> Json:
    return {"kind": "fail", "message": lit("str", message)}


def invoke_node(id_: str, type_: str, op: str, *args: Json) -> Json:
    return {"kind": "invoke", "id": id_, "type": type_, "op": op, "args": list(args)}


def map_node(id_: str, type_: str, items: Json, targets: Mapping[str, str], body: Sequence[Json]) -> Json:
    return {
        "kind": "map",
        "id": id_,
        "type": type_,
        "items": items,
        "targets": [{"id": i, "type": t} for i, t in targets.items()],
        "body": list(body),
    }


def no_headers() -> Json:
    """The headers of a request that gives none."""
    return {"kind": "dict", "type": "dict[str,str]", "entries": []}


def no_key() -> Json:
    """The idempotency key of a request that gives none."""
    return lit("Optional[str]", "None")


def return_node(value: Json) -> Json:
    return {"kind": "return", "value": value}


def return_none() -> Json:
    """The end of a body whose result is None."""
    return return_node(lit("None", "None"))


def yield_node(value: Json) -> Json:
    return {"kind": "yield", "value": value}


def build_op(
    result: str,
    body: Sequence[Json],
    parameters: Mapping[str, str] | None = None,
    *,
    retries: int = 0,
    timeout_ms: int = 0,
    concurrency: int = 0,
    triggers: Sequence[Json] = (),
    compensation: Sequence[str] = (),
) -> Json:
    """An op whose parameters (types by name) have no defaults."""
    return {
        "parameters": [{"name": n, "type": t, "default": []} for n, t in (parameters or {}).items()],
        "result": result,
        "policy": build_policy(retries=retries, timeout_ms=timeout_ms, concurrency=concurrency),
        "tags": [],
        "triggers": [copy.deepcopy(dict(each)) for each in triggers],
        "compensation": list(compensation),
        "body": list(body),
    }


def build_policy(
    *, retries: int = 0, timeout_ms: int = 0, concurrency: int = 0, attempt_timeout_ms: int = 0
) -> Json:
    """A policy with the wait between attempts that an op has without a word about it."""
    return {
        "retries": retries,
        "backoff": {"kind": "exponential", "first_ms": 500, "cap_ms": 30_000, "jitter": "full"},
        "attempt_timeout_ms": attempt_timeout_ms,
        "timeout_ms": timeout_ms,
        "concurrency": concurrency,
    }


def build_document(
    ops: Mapping[str, Json],
    *,
    functions: Mapping[str, Json] | None = None,
    enums: Mapping[str, Json] | None = None,
    records: Mapping[str, Mapping[str, str]] | None = None,
    constants: Mapping[str, Json] | None = None,
    contracts: Mapping[str, Json] | None = None,
    networks: Mapping[str, int] | None = None,
    decimal_precision: int = 28,
) -> Json:
    """A whole document with the grants that it needs; `records` are field types by name."""
    document: Json = {
        "artifact": "workload",
        "ir_version": IR_VERSION,
        "workload": {"id": "sample", "version": "1.0.0"},
        "settings": {"decimal_precision": decimal_precision},
        "networks": dict(networks or {}),
        "enums": dict(enums or {}),
        "records": {
            name: {"fields": [{"name": n, "type": t} for n, t in fields.items()]}
            for name, fields in (records or {}).items()
        },
        "contracts": dict(contracts or {}),
        "constants": dict(constants or {}),
        "functions": dict(functions or {}),
        "ops": dict(ops),
    }
    return {**document, "grants": infer_grants(document).grants}
