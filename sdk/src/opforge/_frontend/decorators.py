"""Decorators: what makes a function an op, and with which policy."""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from opforge._frontend.constants import compute_value
from opforge._frontend.context import Context
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.names import hint_for
from opforge._frontend.symbols import Broken, Module, Policy, VocabularySymbol
from opforge_ir.codes.source import E_DECORATOR, E_OP_ARGUMENT
from opforge_ir.ids import is_segment
from opforge_ir.types import INT, STR, list_of

__all__ = ["decorator_name", "find_op", "read_policy"]

_MAX_RETRIES: Final = 100
_MAX_TIMEOUT_MS: Final = 365 * 24 * 3600 * 1000
_TIMEOUT: Final = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)\Z")
_FACTORS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PARAMETERS: Final = ("retry", "timeout", "tags")


def decorator_name(module: Module, node: ast.expr) -> str | None:
    """The full name of a decorator of the vocabulary, called or not; None for any other."""
    symbol = resolve_dotted(module, node.func if isinstance(node, ast.Call) else node)
    return symbol.full if isinstance(symbol, VocabularySymbol) else None


def find_op(module: Module, node: ast.FunctionDef) -> ast.expr | None:
    """The `@op` of a function; any other decorator is reported."""
    found: ast.expr | None = None
    for decorator in node.decorator_list:
        if decorator_name(module, decorator) == "opforge.op" and found is None:
            found = decorator
        elif not isinstance(resolve_dotted(module, decorator), Broken):
            module.report(E_DECORATOR, decorator)
    return found


def read_policy(ctx: Context, decorator: ast.expr) -> Policy:
    """What `@op` or `@op(retry=…, timeout="2m", tags=[…])` says."""
    if not isinstance(decorator, ast.Call):
        return Policy()
    for argument in decorator.args:
        _refuse(ctx, argument, "an argument", "it has no name")
    values: dict[str, Any] = {}
    for keyword in decorator.keywords:
        name = keyword.arg or "an argument"
        if name not in _PARAMETERS:
            _refuse(ctx, keyword, name, f"there is none of this name{hint_for(name, _PARAMETERS)}")
        elif name in values:
            _refuse(ctx, keyword, name, "it is given twice")
        else:
            values[name] = _READERS[name](ctx, keyword.value)
    return Policy(values.get("retry") or 0, values.get("timeout") or 0, values.get("tags") or ())


def _refuse(ctx: Context, node: ast.expr | ast.keyword, argument: str, reason: str) -> None:
    ctx.report(E_OP_ARGUMENT, node, argument=argument, reason=reason)


def _read_retry(ctx: Context, node: ast.expr) -> int | None:
    found = compute_value(ctx, node, None)
    if found is None:
        return None
    kind, value = found
    if kind is not INT or not 0 <= value <= _MAX_RETRIES:
        _refuse(ctx, node, "retry", f"it is a number from 0 to {_MAX_RETRIES}")
        return None
    return int(value)


def _read_timeout(ctx: Context, node: ast.expr) -> int | None:
    found = compute_value(ctx, node, None)
    if found is None:
        return None
    kind, value = found
    match = _TIMEOUT.match(value) if kind is STR else None
    milliseconds = int(match[1]) * _FACTORS[match[2]] if match else 0
    if not 0 < milliseconds <= _MAX_TIMEOUT_MS:
        _refuse(ctx, node, "timeout", 'it is a number and ms, s, m, h or d, such as "2m", and at most a year')
        return None
    return milliseconds


def _read_tags(ctx: Context, node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.Tuple):
        node = ast.copy_location(ast.List(node.elts, ast.Load()), node)
    found = compute_value(ctx, node, list_of(STR))
    if found is None:
        return None
    tags = tuple(found[1])
    if len(set(tags)) != len(tags) or not all(is_segment(tag) for tag in tags):
        _refuse(ctx, node, "tags", "they are different names of letters, digits, - and _")
        return None
    return tags


_READERS: Final = {"retry": _read_retry, "timeout": _read_timeout, "tags": _read_tags}
