"""Functions that are defined inside of functions; they are compiled as functions of their own.

Python looks up what such a function takes from around it when it is called, not when it is defined. So
each variable that it takes is one more parameter, and each call hands on the value that the variable has
then. Nothing can change the variable while the function runs (`nonlocal` is refused), so both are the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from opforge._frontend.assignments import list_stored, stored_names
from opforge._frontend.coercion import fit
from opforge._frontend.context import Context
from opforge._frontend.decorators import check_decorators, find_op
from opforge._frontend.scope import Unset, read
from opforge._frontend.signatures import read_signature
from opforge._frontend.source import MAX_IDENTIFIER, head_of
from opforge._frontend.symbols import (
    UNKNOWN,
    FunctionDecl,
    ParameterDecl,
    function_type,
)
from opforge._frontend.syntax_walk import get_inner
from opforge._frontend.tree import Expr, Local
from opforge_ir.codes.functions import E_CAPTURE, E_FUNCTION_NAME
from opforge_ir.codes.source import E_IDENTIFIER, E_NESTED_DEFINITION
from opforge_ir.types import Type

__all__ = ["declare_nested", "hand_on_captures"]


def declare_nested(ctx: Context, node: ast.FunctionDef) -> FunctionDecl | None:
    """Define the function where its `def` stands; None where it was refused. Its body is not checked yet."""
    outer = ctx.function
    assert outer is not None
    ctx.state.define(node.name, UNKNOWN)
    if find_op(ctx.module, node) is not None:
        ctx.report(E_NESTED_DEFINITION, head_of(node), kind="an op")
        return None
    check_decorators(ctx.module, node)
    if _count_bindings(outer.syntax, node.name) > 1:
        ctx.report(E_FUNCTION_NAME, head_of(node), name=node.name)
        return None
    name = f"{outer.name}-{node.name}"
    if len(name) > MAX_IDENTIFIER:
        ctx.report(E_IDENTIFIER, head_of(node), name=name, limit=MAX_IDENTIFIER)
        return None
    known = ctx.program.nested.get(node)
    if known is None:
        doc = ast.get_docstring(node)
        known = ctx.program.nested[node] = FunctionDecl(ctx.module, name, node, node, None, doc=doc)
        ctx.program.nested_by_key[known.key] = known
    known.parameters, known.captures, known.visible = [], (), {}
    if not _read_head(ctx, known) or not _take_captures(ctx, known):
        return None
    ctx.state.define(node.name, function_type(known))
    return known


def _read_head(ctx: Context, function: FunctionDecl) -> bool:
    """Read parameters and result: in terms of the file, since they are fixed when it is compiled."""
    args = function.syntax.args
    for part in (*args.defaults, *args.kw_defaults):
        names = (each.id for each in ast.walk(part) if isinstance(each, ast.Name)) if part else ()
        if part is not None and (name := next((n for n in names if ctx.is_variable(n)), None)):
            reason = "a default is computed when the program is compiled"
            ctx.report(E_CAPTURE, part, function=function.syntax.name, name=name, reason=reason)
            return False
    top = Context(ctx.program, ctx.module, None, ctx.dispatch, line=len(ctx.module.source.lines) + 1)
    read_signature(top, function)
    return True


def _take_captures(ctx: Context, function: FunctionDecl) -> bool:
    """Make parameters of the variables around the function that it uses."""
    own = {parameter.name for parameter in function.parameters}
    captures: dict[str, Type] = {}
    wanted = [name for name in _free_names(function.syntax) if ctx.is_variable(name)]
    for name in wanted:
        found = ctx.state.variables.get(name)
        if name == function.syntax.name:
            function.visible[name] = function_type(function)  # so that the recursion is what is refused
        elif isinstance(found, Type) and (inner := ctx.program.nested_function(found)) is not None:
            function.visible[name] = found
            captures |= {each.name: each.type for each in inner.parameters if each.name in inner.captures}
        elif isinstance(found, Type):
            captures[name] = _narrowed(ctx, name, found)
        else:
            reason = found.reason if isinstance(found, Unset) else "it has no value yet"
            ctx.report(
                E_CAPTURE, head_of(function.syntax), function=function.syntax.name, name=name, reason=reason
            )
            return False
    for name, kind in captures.items():
        if name in own:  # a function that it calls takes a variable that it hides
            reason = "it has a parameter of this name"
            ctx.report(
                E_CAPTURE, head_of(function.syntax), function=function.syntax.name, name=name, reason=reason
            )
            return False
        place = ast.copy_location(ast.arg(name), function.syntax)
        function.parameters.append(ParameterDecl(name, kind, place, is_keyword_only=False))
    function.captures = tuple(captures)
    return True


def _narrowed(ctx: Context, name: str, kind: Type) -> Type:
    """The type of a variable that is taken: narrowed, where it has one value only."""
    assert ctx.function is not None
    if _count_bindings(ctx.function.syntax, name) > 1:
        return kind
    return read(ctx.state, Local(kind, ctx.span(ctx.function.syntax), name)).type


def hand_on_captures(ctx: Context, node: ast.expr, function: FunctionDecl) -> dict[str, Expr]:
    """The values of what a function takes from around it, where it is called by this name."""
    values: dict[str, Expr] = {}
    for parameter in function.parameters:
        name = parameter.name
        if name not in function.captures:
            continue
        if name in ctx.hidden:
            reason = "a comprehension or lambda around the call has a variable of this name"
            values[name] = ctx.refuse(
                E_CAPTURE, node, function=function.syntax.name, name=name, reason=reason
            )
            continue
        read = ast.copy_location(ast.Name(name, ast.Load()), node)
        values[name] = fit(ctx, node, ctx.check(read, parameter.type), parameter.type)
    return values


# --- names in the syntax --------------------------------------------------------------------------


def _free_names(node: ast.FunctionDef) -> list[str]:
    """The names that a function reads and does not define itself, in order of their first use."""
    args = node.args
    own = {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)} | stored_names(node.body)
    return [name for name in dict.fromkeys(_read_names(node.body)) if name not in own]


def _read_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(ctx=ast.Load()):
                yield node.id
            case ast.FunctionDef():
                yield from _free_names(node)
            case ast.Lambda():
                own = {arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
                yield from (name for name in _read_names([node.body]) if name not in own)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from _read_names([node.generators[0].iter])
                own = stored_names(ast.Expr(each.target) for each in node.generators)
                yield from (name for name in _read_names(get_inner(node)) if name not in own)
            case ast.AnnAssign():  # the annotation of a variable of a function is not evaluated
                yield from _read_names([node.target, *([node.value] if node.value else [])])
            case _:
                yield from _read_names(get_inner(node))


def _count_bindings(function: ast.FunctionDef, name: str) -> int:
    """How often a function gives a name a value, its parameters included."""
    args = function.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    return [*names, *list_stored(function.body)].count(name)
