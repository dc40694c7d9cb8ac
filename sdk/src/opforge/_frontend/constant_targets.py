"""Assignments at the top of a file that define several constants: `A, B = 1, 2` and `A = B = 1`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from opforge._frontend.context import Context
from opforge._frontend.source import Located
from opforge_ir.codes.source import E_CONSTANT_EXPRESSION, E_CONSTANT_FAILS
from opforge_ir.types import Type, list_of

__all__ = ["bind_constants", "list_names"]


def list_names(targets: Sequence[ast.expr]) -> list[ast.Name] | None:
    """The names that the targets define, in order; None where a target is something else."""
    names: list[ast.Name] = []
    for target in targets:
        match target:
            case ast.Name():
                names.append(target)
            case ast.Starred():
                inner = list_names([target.value])
                if inner is None:
                    return None
                names += inner
            case ast.Tuple() | ast.List():
                inner = list_names(target.elts)
                if inner is None:
                    return None
                names += inner
            case _:
                return None
    return names


def bind_constants(
    ctx: Context, target: ast.expr, kind: Type, value: Any, define: Callable[[ast.Name, Type, Any], None]
) -> None:
    """Give each name of a target its part of the value; what does not fit is reported at the target."""
    if isinstance(target, ast.Name):
        define(target, kind, value)
        return
    assert isinstance(target, ast.Tuple | ast.List)
    if not kind.is_tuple and not kind.is_list:
        ctx.report(E_CONSTANT_EXPRESSION, target, reason="only tuples and lists are taken apart here")
        return
    kinds = list(kind.args) if kind.is_tuple else [kind.args[0]] * len(value)
    stars = [index for index, each in enumerate(target.elts) if isinstance(each, ast.Starred)]
    wanted = len(target.elts) - len(stars)
    if len(value) < wanted or (len(value) > wanted and not stars):
        _refuse_count(ctx, target, len(value), wanted, has_star=bool(stars))
        return
    parts: list[tuple[ast.expr, Type, Any]] = []
    index = 0
    for each in target.elts:
        if not isinstance(each, ast.Starred):
            parts.append((each, kinds[index], value[index]))
            index += 1
            continue
        end = index + len(value) - wanted
        taken = set(kinds[index:end]) if kind.is_tuple else {kind.args[0]}
        if len(taken) != 1:
            ctx.report(E_CONSTANT_EXPRESSION, each, reason="what the star takes has no one type")
            return
        parts.append((each.value, list_of(*taken), list(value[index:end])))
        index = end
    for part, part_kind, part_value in parts:
        bind_constants(ctx, part, part_kind, part_value, define)


def _refuse_count(ctx: Context, node: Located, found: int, wanted: int, *, has_star: bool) -> None:
    least = "at least " if has_star else ""
    error = f"not enough values to unpack (expected {least}{wanted}, got {found})"
    if found > wanted:
        error = f"too many values to unpack (expected {wanted})"
    ctx.report(E_CONSTANT_FAILS, node, error=f"ValueError: {error}")
