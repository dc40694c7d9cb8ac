"""Child runs: their ids and inputs, which follow from the parent alone."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any, Final, cast

from opforge_ir.canonical import JsonValue
from opforge_ir.ids import RunId
from opforge_ir.types import Type
from opforge_ir.values import Value
from opforge_runtime.interpreter import EffectRequest, Program
from opforge_runtime.waits import ChildStart

__all__ = ["CHILD_VERB", "build_child", "build_child_id"]

CHILD_VERB: Final = "run.child"
_MAX_NAME_LENGTH: Final = 32


def build_child(parent: RunId, request: EffectRequest, program: Program) -> ChildStart:
    """The run that a `run.child` asks for. Raises DiagnosticError when an argument has no stored form."""
    site = request.site
    op = site.static["op"]
    kinds = cast("tuple[Type, ...]", site.argument_types["arguments"])
    values = cast("tuple[Value, ...]", request.arguments["arguments"])
    names = [parameter.name for parameter in program.ops[op].op.parameters]
    inputs: dict[str, JsonValue] = {
        name: program.codec.encode(kind, value)
        for name, kind, value in zip(names, kinds, values, strict=True)
    }
    return ChildStart(build_child_id(parent, op, site.state, request.instance), op, inputs)


def build_child_id(parent: RunId, op: str, state: str, instance: str) -> RunId:
    """The id of a child: the op's name, and 80 bits of a digest of where it is started.

    Starting it twice is attaching to it, whoever does it and when.
    """
    name = re.sub(r"[^a-z0-9]+", "-", op.lower()).strip("-")[:_MAX_NAME_LENGTH].rstrip("-") or "run"
    digest: Any = hashlib.sha256(f"{parent}\n{state}\n{instance}".encode()).digest()
    return RunId(f"{name}-{base64.b32encode(digest[:10]).decode().lower()}")
