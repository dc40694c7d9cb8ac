"""`workload(...)`: what a program is called, and what holds for all of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any, Final

from opforge._frontend.constants import compute_value
from opforge._frontend.context import Context
from opforge._frontend.names import hint_for
from opforge._frontend.source import Located
from opforge_ir.codes.source import E_WORKLOAD_ARGUMENT
from opforge_ir.document import MAX_CHAIN_ID
from opforge_ir.excerpt import excerpt
from opforge_ir.ids import is_segment
from opforge_ir.networks import WELL_KNOWN_NETWORKS
from opforge_ir.types import INT, STR, dict_of

__all__ = ["WorkloadHead", "read_workload"]

_VERSION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}(-[0-9A-Za-z.-]{1,40})?\Z")
_MAX_PRECISION: Final = 10_000
_PARAMETERS: Final = ("id", "version", "networks", "decimal_precision")


@dataclass(slots=True)
class WorkloadHead:
    """What `workload(...)` says; what was refused is empty."""

    id: str = ""
    version: str = ""
    networks: dict[str, int] | None = None
    """Chain ids by name, as they are declared."""
    decimal_precision: int = 28


def read_workload(ctx: Context, node: ast.Call) -> WorkloadHead:
    """Read the arguments; `ctx` is the top of the entry file."""
    head = WorkloadHead()
    given: dict[str, ast.expr] = {}
    if node.args:
        given["id"] = node.args[0]
    for argument in node.args[1:]:
        _refuse(ctx, argument, "an argument", "only the first one goes without a name")
    for keyword in node.keywords:
        name = keyword.arg or "an argument"
        if name not in _PARAMETERS:
            _refuse(ctx, keyword, name, f"there is none of this name{hint_for(name, _PARAMETERS)}")
        elif name in given:
            _refuse(ctx, keyword, name, "it is given twice")
        else:
            given[name] = keyword.value
    for name in ("id", "version"):
        if name not in given:
            _refuse(ctx, node, name, "it is missing")
    if "id" in given:
        head.id = _text(ctx, given["id"], "id")
        if head.id and not is_segment(head.id):
            _refuse(
                ctx, given["id"], "id", f"{excerpt(head.id, 40)} is not a name of letters, digits, - and _"
            )
    if "version" in given:
        head.version = _text(ctx, given["version"], "version")
        if head.version and not _VERSION.match(head.version):
            reason = f"{excerpt(head.version, 40)} is not a version such as 1.2.0"
            _refuse(ctx, given["version"], "version", reason)
    if "networks" in given:
        head.networks = _networks(ctx, given["networks"])
    if "decimal_precision" in given:
        head.decimal_precision = _precision(ctx, given["decimal_precision"])
    return head


def _refuse(ctx: Context, node: Located, argument: str, reason: str) -> None:
    ctx.report(E_WORKLOAD_ARGUMENT, node, argument=argument, reason=reason)


def _text(ctx: Context, node: ast.expr, name: str) -> str:
    found = compute_value(ctx, node, None)
    if found is None:
        return ""
    if found[0] is not STR or not found[1]:
        _refuse(ctx, node, name, "it is a str that is not empty")
        return ""
    return str(found[1])


def _networks(ctx: Context, node: ast.expr) -> dict[str, int]:
    if isinstance(node, ast.Dict) and not node.keys:
        return {}
    found = compute_value(ctx, node, None)
    if found is None:
        return {}
    kind, value = found
    if kind is not dict_of(STR, INT):
        _refuse(ctx, node, "networks", "it is a dict from names to chain ids")
        return {}
    declared: dict[str, Any] = value
    for name, chain_id in declared.items():
        expected = WELL_KNOWN_NETWORKS.get(name, chain_id)
        if not is_segment(name):
            _refuse(ctx, node, "networks", f"{excerpt(name, 40)} is not a name of letters, digits, - and _")
        elif not 1 <= chain_id <= MAX_CHAIN_ID:
            _refuse(ctx, node, "networks", f"a chain id is a number from 1 to {MAX_CHAIN_ID}")
        elif chain_id != expected:
            _refuse(ctx, node, "networks", f"{name} has the chain id {expected}")
    return {str(name): int(chain_id) for name, chain_id in declared.items()}


def _precision(ctx: Context, node: ast.expr) -> int:
    found = compute_value(ctx, node, None)
    if found is None:
        return 28
    kind, value = found
    if kind is not INT or not 1 <= value <= _MAX_PRECISION:
        _refuse(ctx, node, "decimal_precision", f"it is a number from 1 to {_MAX_PRECISION}")
        return 28
    return int(value)
