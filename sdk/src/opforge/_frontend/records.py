"""Record classes: fields with types and defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from opforge._frontend.annotations import resolve_type
from opforge._frontend.coercion import has_unknown, show
from opforge._frontend.constants import compute_constant
from opforge._frontend.context import Context
from opforge._frontend.decorators import decorator_name
from opforge._frontend.sizes import check_size, find_size
from opforge._frontend.source import Located, shorten_place
from opforge._frontend.symbols import FieldDecl, RecordDecl
from opforge._frontend.tree import DictNew, Expr, ListNew, SetNew, TupleNew
from opforge_ir.codes.source import (
    E_ANNOTATION_MISSING,
    E_DUPLICATE_DEFINITION,
    E_MUTABLE_DEFAULT,
    E_RECORD_FORM,
)

__all__ = ["is_mutable", "is_record_decorator", "read_record", "refuse_recursive_records"]


def is_record_decorator(full: str | None) -> bool:
    """Whether a decorator of this name makes a record of a class."""
    return full in ("opforge.record", "dataclasses.dataclass")


def read_record(ctx: Context, record: RecordDecl) -> None:
    """Fill in the fields; `ctx` is the top of the record's file, at the record."""
    syntax = record.syntax
    _check_head(ctx, record)
    lines: dict[str, int] = {}
    for statement in syntax.body:
        match statement:
            case ast.AnnAssign(target=ast.Name() as target, simple=1):
                name = target.id
                if name in lines:
                    ctx.report(E_DUPLICATE_DEFINITION, target, name=name, line=lines[name])
                    continue
                lines[name] = statement.lineno
                _read_field(ctx, record, name, statement)
            case ast.Assign(targets=[ast.Name() as target]):
                ctx.report(E_ANNOTATION_MISSING, target, what=f"the field {target.id}")
                record.is_complete = False
            case ast.Pass():
                pass
            case ast.Expr(value=ast.Constant(value=text)) if isinstance(text, str) or text is ...:
                pass
            case _:
                is_method = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
                reason = "a method; write a function that takes the record" if is_method else "this statement"
                _refuse(ctx, record, shorten_place(statement), reason)


def _refuse(ctx: Context, record: RecordDecl, node: Located, reason: str) -> None:
    ctx.report(E_RECORD_FORM, node, reason=reason)
    record.is_complete = False


def _check_head(ctx: Context, record: RecordDecl) -> None:
    syntax = record.syntax
    for base in syntax.bases:
        _refuse(ctx, record, base, "a base class")
    for keyword in syntax.keywords:
        _refuse(ctx, record, keyword.value, "an argument of the class")
    for decorator in syntax.decorator_list:
        is_dataclass = decorator_name(ctx.module, decorator) == "dataclasses.dataclass"
        flags = decorator.keywords if isinstance(decorator, ast.Call) else []
        positional = decorator.args if isinstance(decorator, ast.Call) else []
        for argument in positional:
            _refuse(ctx, record, argument, "an argument of its decorator")
        if not is_dataclass and flags:
            _refuse(ctx, record, flags[0].value, "an argument of its decorator")
        if not is_dataclass:
            continue
        is_frozen = False
        for flag in flags:
            is_true = isinstance(flag.value, ast.Constant) and flag.value.value is True
            is_frozen |= flag.arg == "frozen" and is_true
            if flag.arg not in ("frozen", "slots") or not is_true:
                _refuse(ctx, record, flag.value, f"the argument {flag.arg} of its decorator")
        if not is_frozen:
            _refuse(ctx, record, decorator, "fields that can be changed; write `@record`")


def _read_field(ctx: Context, record: RecordDecl, name: str, statement: ast.AnnAssign) -> None:
    kind = resolve_type(ctx.module, statement.annotation, eager_line=statement.lineno)
    if has_unknown(kind):
        record.is_complete = False
    default: Expr | None = None
    if statement.value is not None:
        default = None if has_unknown(kind) else compute_constant(ctx, statement.value, kind)
        if default is None:
            record.is_complete = False
        else:
            check_size(ctx, statement.value, default, find_size(ctx.module, statement.annotation))
        if default is not None and is_mutable(default):
            ctx.report(E_MUTABLE_DEFAULT, statement.value, name=name)
            record.is_complete = False
    elif record.fields and record.fields[-1].default is not None:
        _refuse(ctx, record, statement, f"the field {name} without a default after one with a default")
    record.fields.append(FieldDecl(name, kind, default))


def is_mutable(value: Expr) -> bool:
    """Whether a computed constant is or holds a list or dict."""
    match value:
        case ListNew() | DictNew():
            return True
        case SetNew():
            return value.type.is_set
        case TupleNew():
            return any(is_mutable(item) for item in value.items)
        case _:
            return False


def refuse_recursive_records(records: list[RecordDecl]) -> None:
    """Report records that contain themselves, directly or in a list: the IR has no such types."""
    by_key = {record.key: record for record in records}
    done: set[str] = set()
    for first in records:
        if first.key in done:
            continue
        path = [first]
        pending = [_find_held(first, by_key)]
        done.add(first.key)
        while pending:
            held = next(pending[-1], None)
            if held is None:
                pending.pop()
                path.pop()
            elif held in path:
                cycle = " -> ".join(show(each.type) for each in [*path[path.index(held) :], held])
                held.module.report(E_RECORD_FORM, held.syntax.body[0], reason=f"itself as a part: {cycle}")
                held.is_complete = False
            elif held.key not in done:
                done.add(held.key)
                path.append(held)
                pending.append(_find_held(held, by_key))


def _find_held(record: RecordDecl, by_key: Mapping[str, RecordDecl]) -> Iterator[RecordDecl]:
    """The records in the types of a record's fields."""
    for field in record.fields:
        kinds = [field.type]
        while kinds:
            kind = kinds.pop()
            if kind.head in by_key:
                yield by_key[kind.head]
            kinds.extend(kind.args)
