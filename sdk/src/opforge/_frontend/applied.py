"""Functions that a builtin applies to items: lambdas, helpers, builtins and methods of a type."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

from opforge._frontend.arguments import refuse_arguments
from opforge._frontend.coercion import has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.symbols import VocabularySymbol
from opforge._frontend.tree import Expr, Pattern
from opforge._frontend.vocabulary import BUILTIN_TYPES, TYPE_NAMES
from opforge_ir.codes.source import E_TYPE_MISMATCH, E_UNSUPPORTED_SYNTAX
from opforge_ir.types import Type

__all__ = ["apply_to_items", "call_on_items"]

_CONTAINERS: Final = frozenset({"list", "dict"})
_Check = Callable[[Context, ast.expr], Expr]


def call_on_items(
    ctx: Context, function: ast.expr, kinds: Sequence[Type]
) -> tuple[list[Pattern], Expr] | None:
    """`apply_to_items` with the value of the call."""
    return apply_to_items(ctx, function, kinds, lambda inner, node: inner.check(node))


def apply_to_items(
    ctx: Context, function: ast.expr, kinds: Sequence[Type], check: _Check
) -> tuple[list[Pattern], Expr] | None:
    """The parameters of a function, and what `check` makes of its result for arguments of these types.

    None after a problem was reported.
    """
    if any(isinstance(part, ast.NamedExpr) for part in ast.walk(function)):
        construct, instead = "an assignment in such a function", "write a helper function"
        ctx.report(E_UNSUPPORTED_SYNTAX, function, construct=construct, instead=instead)
        return None
    called = _call(ctx, function, kinds)
    if called is None:
        return None
    names, body = called
    outer_state, outer_names, outer_hidden = ctx.state, ctx.local_names, ctx.hidden
    ctx.state = outer_state.copy()
    ctx.local_names |= set(names)
    ctx.hidden |= set(names)
    patterns = [Pattern(kind, ctx.span(function), name) for name, kind in zip(names, kinds, strict=True)]
    for pattern in patterns:
        assert pattern.name is not None
        ctx.state.define(pattern.name, pattern.type)
    value = check(ctx, body)
    ctx.state, ctx.local_names, ctx.hidden = outer_state, outer_names, outer_hidden
    return None if has_unknown(value.type) else (patterns, value)


def _call(ctx: Context, function: ast.expr, kinds: Sequence[Type]) -> tuple[list[str], ast.expr] | None:
    """The names of the parameters, and the call as an expression."""
    if isinstance(function, ast.Lambda):
        return _call_lambda(ctx, function, kinds)
    root = function
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name):
        return _call_named(ctx, function, kinds)
    refuse_arguments(ctx, function, "this function", "it is computed for each item", "lambda item: ...")
    return None


def _call_lambda(
    ctx: Context, function: ast.Lambda, kinds: Sequence[Type]
) -> tuple[list[str], ast.expr] | None:
    given = function.args
    parameters = [*given.posonlyargs, *given.args]
    if given.vararg or given.kwarg or given.kwonlyargs or given.defaults or len(parameters) != len(kinds):
        count = "one parameter" if len(kinds) == 1 else f"{len(kinds)} parameters"
        names = ", ".join("abcdefgh"[: len(kinds)])
        refuse_arguments(ctx, function, "a lambda", f"it takes {count} here", f"lambda {names}: ...")
        return None
    return [parameter.arg for parameter in parameters], function.body


def _call_named(ctx: Context, function: ast.expr, kinds: Sequence[Type]) -> tuple[list[str], ast.expr] | None:
    """The call of a function that has a name, on names that do not occur in it."""
    used = {part.id for part in ast.walk(function) if isinstance(part, ast.Name)}
    nested = ctx.find_nested(function)
    used |= set(nested.captures) if nested is not None else set()
    suffix = "-each" if "item" in used else ""
    numbers = [""] if len(kinds) == 1 else [f"-{number}" for number in range(1, len(kinds) + 1)]
    names = [f"item{number}{suffix}" for number in numbers]
    items: list[ast.expr] = [ast.copy_location(ast.Name(name, ast.Load()), function) for name in names]
    owner = _find_owner(ctx, function)
    if owner is None:
        return names, ast.copy_location(ast.Call(function, items, []), function)
    assert isinstance(function, ast.Attribute)
    if kinds[0].head != owner:
        ctx.report(E_TYPE_MISMATCH, function, actual=show(kinds[0]), expected=owner, hint="")
        return None
    method = ast.copy_location(ast.Attribute(items[0], function.attr, ast.Load()), function)
    return names, ast.copy_location(ast.Call(method, items[1:], []), function)


def _find_owner(ctx: Context, function: ast.expr) -> str | None:
    """The type whose method this is, as `str.lower`; None for anything else."""
    if not isinstance(function, ast.Attribute):
        return None
    owner = function.value
    symbol = ctx.resolve(owner)
    if isinstance(symbol, VocabularySymbol) and symbol.full in TYPE_NAMES:
        return TYPE_NAMES[symbol.full].head
    is_builtin = isinstance(owner, ast.Name) and symbol is None and not ctx.is_variable(owner.id)
    if is_builtin and isinstance(owner, ast.Name) and owner.id in _CONTAINERS | BUILTIN_TYPES.keys():
        return owner.id
    return None
