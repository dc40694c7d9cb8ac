"""`dataclasses.replace(record, field=value)`: a new record with some fields changed."""

from __future__ import annotations

import ast

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import fit, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.names import hint_for
from opforge._frontend.symbols import RecordDecl
from opforge._frontend.tree import Expr, FieldOf, RecordNew, Temporary, With
from opforge_ir.codes.source import E_MAYBE_NONE, E_TYPE_MISMATCH

__all__ = ["check_replace"]


def check_replace(ctx: Context, node: ast.Call, name: str) -> Expr:
    """The record is evaluated first, then the new values as they are written."""
    is_plain = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
    if not is_plain or any(keyword.arg is None for keyword in node.keywords):
        check_all(ctx, node)
        reason = "it takes a record, and the fields to change by their names"
        return refuse_arguments(ctx, node, name, reason, f"{name}(record, field=value)")
    original = ctx.check(node.args[0])
    record = ctx.program.records.get(original.type.head)
    if record is None or not record.is_complete:
        for keyword in node.keywords:
            ctx.check(keyword.value)
        if has_unknown(original.type) or record is not None:
            return ctx.unknown(node)
        if original.type.is_optional:
            return ctx.refuse(E_MAYBE_NONE, node.args[0])
        return ctx.refuse(
            E_TYPE_MISMATCH, node.args[0], actual=show(original.type), expected="a record", hint=""
        )
    changed = _check_fields(ctx, node, name, record)
    if changed is None:
        return ctx.unknown(node)
    once = With(record.type, ctx.span(node), original)
    kept = [
        (
            field.name,
            FieldOf(field.type, ctx.span(node), Temporary(record.type, original.span, once), field.name),
        )
        for field in record.fields
        if field.name not in changed
    ]
    once.body = RecordNew(record.type, ctx.span(node), record, [*changed.items(), *kept])
    return once


def _check_fields(ctx: Context, node: ast.Call, name: str, record: RecordDecl) -> dict[str, Expr] | None:
    types = {field.name: field.type for field in record.fields}
    changed: dict[str, Expr] = {}
    is_right = True
    for keyword in node.keywords:
        assert keyword.arg is not None  # as the caller has seen
        if keyword.arg not in types:
            ctx.check(keyword.value)
            reason = f"{record.name} has no field {keyword.arg}{hint_for(keyword.arg, types)}"
            refuse_arguments(ctx, keyword, name, reason, f"{name}(record, field=value)")
            is_right = False
            continue
        wanted = types[keyword.arg]
        changed[keyword.arg] = fit(ctx, keyword.value, ctx.check(keyword.value, wanted), wanted)
    return changed if is_right else None
