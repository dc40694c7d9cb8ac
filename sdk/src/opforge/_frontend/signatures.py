"""The head of a function: parameters, defaults and result."""

from __future__ import annotations

import ast
from dataclasses import replace

from opforge._frontend.annotations import resolve_type
from opforge._frontend.coercion import has_unknown
from opforge._frontend.constants import compute_constant
from opforge._frontend.context import Context
from opforge._frontend.decorators import (
    check_decorators,
    find_cache,
    find_op,
    find_triggers,
    read_compensation,
    read_policy,
)
from opforge._frontend.records import is_mutable
from opforge._frontend.sizes import check_size, find_size
from opforge._frontend.source import Located, head_of
from opforge._frontend.symbols import UNKNOWN, FunctionDecl, ParameterDecl, Policy
from opforge._frontend.tree import Expr
from opforge._frontend.triggers import read_trigger
from opforge_ir.codes.source import (
    E_ANNOTATION_MISSING,
    E_MUTABLE_DEFAULT,
    E_PARAMETER_FORM,
    E_SYNTAX,
)
from opforge_ir.types import Type

__all__ = ["declare_function", "read_signature"]


def declare_function(ctx: Context, node: ast.FunctionDef) -> FunctionDecl:
    """The function with nothing but its name, and whether it is an op."""
    check_decorators(ctx.module, node)
    is_op = find_op(ctx.module, node) is not None
    return FunctionDecl(
        ctx.module, node.name, node, node, Policy() if is_op else None, doc=ast.get_docstring(node)
    )


def read_signature(ctx: Context, function: FunctionDecl) -> None:
    """Fill in policy, parameters and result; `ctx` is the top of the function's file, at the function."""
    node = function.syntax
    op = find_op(ctx.module, node)
    if op is not None:
        function.policy = read_policy(ctx, op)
        found = [read_trigger(ctx, kind, decorator) for kind, decorator in find_triggers(ctx.module, node)]
        function.triggers = [trigger for trigger in found if trigger is not None]
    args = node.args
    for form, refused in (("*", args.vararg), ("**", args.kwarg)):
        if refused is not None:
            ctx.report(E_PARAMETER_FORM, refused, form=f"{form}{refused.arg}")
            function.is_complete = False
    positional = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
    pairs = [
        *(
            (arg, default, False)
            for arg, default in zip(positional, [*defaults, *args.defaults], strict=True)
        ),
        *((arg, default, True) for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)),
    ]
    seen: set[str] = set()
    for arg, default, is_keyword_only in pairs:
        if arg.arg in seen:
            ctx.report(E_SYNTAX, arg, reason=f"duplicate argument '{arg.arg}' in function definition")
            function.is_complete = False
            continue
        seen.add(arg.arg)
        _add_parameter(ctx, function, arg, default, is_keyword_only)
        function.parameters[-1].is_positional_only = arg in args.posonlyargs
    function.result = _result(ctx, function)
    if op is not None and (undoing := read_compensation(ctx, op, function)) is not None:
        assert function.policy is not None
        function.policy = replace(function.policy, compensation=undoing)
    function.cache = find_cache(ctx.module, node)


def _add_parameter(
    ctx: Context, function: FunctionDecl, arg: ast.arg, default: ast.expr | None, is_keyword_only: bool
) -> None:
    kind = _annotated(ctx, arg.annotation, arg, f"the parameter {arg.arg}", ctx.line)
    value: Expr | None = None
    if default is not None:
        value = None if has_unknown(kind) else compute_constant(ctx, default, kind)
        if value is None:
            function.is_complete = False
        else:
            check_size(ctx, default, value, find_size(ctx.module, arg.annotation))
        if value is not None and is_mutable(value):
            ctx.report(E_MUTABLE_DEFAULT, default, name=arg.arg)
    function.parameters.append(ParameterDecl(arg.arg, kind, arg, is_keyword_only, value))


def _annotated(ctx: Context, annotation: ast.expr | None, node: Located, what: str, line: int) -> Type:
    if annotation is None:
        ctx.report(E_ANNOTATION_MISSING, node, what=what)
        return UNKNOWN
    return resolve_type(ctx.module, annotation, eager_line=line)


def _result(ctx: Context, function: FunctionDecl) -> Type:
    node = function.syntax
    return _annotated(ctx, node.returns, head_of(node), f"the result of {node.name}", ctx.line)
