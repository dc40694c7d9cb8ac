"""The arguments of a call: which parameter each one is for, in the order in which Python evaluates them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opforge._frontend.coercion import fit, is_stable
from opforge._frontend.context import Context
from opforge._frontend.names import hint_for
from opforge._frontend.source import Located
from opforge._frontend.symbols import UNKNOWN, EnumDecl, FunctionDecl, RecordDecl
from opforge._frontend.tree import Expr, Temporary, With
from opforge._frontend.unsupported import refuse_syntax
from opforge_ir.codes.source import E_ARGUMENTS
from opforge_ir.types import Type

__all__ = ["Formal", "bind_arguments", "check_all", "evaluate_first", "is_stable", "refuse_arguments"]


@dataclass(frozen=True, slots=True)
class Formal:
    """A parameter, as calls see it."""

    name: str
    type: Type | None
    """None where the callee decides what to do with any type."""
    is_required: bool = True
    is_keyword_only: bool = False
    is_positional_only: bool = False


def bind_arguments(
    ctx: Context, node: ast.Call, callee: str, formals: Sequence[Formal]
) -> dict[str, Expr] | None:
    """The arguments by parameter, in the order of their evaluation; None where they do not fit.

    Python evaluates the positional ones first, then the keyword ones as they are written (Python
    reference, 6.3.4). Parameters that may be left out, and are, are absent.
    """
    given: dict[str, ast.expr] = {}
    problem = _assign(node, formals, given)
    if problem is not None:
        place, reason = problem
        check_all(ctx, node)
        if reason:
            refuse_arguments(ctx, place, callee, reason, _signature(callee, formals))
        return None
    types = {formal.name: formal.type for formal in formals}
    bound: dict[str, Expr] = {}
    for name, argument in given.items():
        wanted = types[name]
        value = ctx.check(argument, wanted)
        bound[name] = value if wanted is None else fit(ctx, argument, value, wanted)
    return bound


def check_all(ctx: Context, node: ast.Call) -> None:
    """Find the problems within the arguments of a call that is refused itself."""
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            refuse_syntax(ctx, argument)
        elif not _is_function(ctx, argument):
            ctx.check(argument)
    for keyword in node.keywords:
        if keyword.arg is None:
            refuse_syntax(ctx, ast.copy_location(ast.Starred(keyword.value), keyword.value))
        elif not _is_function(ctx, keyword.value):
            ctx.check(keyword.value)


def _is_function(ctx: Context, node: ast.expr) -> bool:
    """Whether an argument is something to be called, which the refused call might have taken."""
    match node:
        case ast.Lambda():
            return True
        case ast.Name(id=name) if ctx.is_variable(name):
            return False
        case ast.Name(id=("int" | "bool" | "str" | "bytes" | "list" | "dict" | "set" | "tuple")):
            return True
        case ast.Name() | ast.Attribute():
            return isinstance(ctx.resolve(node), FunctionDecl | RecordDecl | EnumDecl)
        case _:
            return False


def refuse_arguments(ctx: Context, node: Located, callee: str, reason: str, signature: str) -> Expr:
    """Report that a call does not fit, with a call that would."""
    return ctx.refuse(E_ARGUMENTS, node, callee=callee, reason=reason, signature=f"write `{signature}`")


def _assign(
    node: ast.Call, formals: Sequence[Formal], given: dict[str, ast.expr]
) -> tuple[Located, str] | None:
    """Fill in `given`; what does not fit and where, with no reason where a star is refused anyway."""
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        return node, ""
    positional = [formal.name for formal in formals if not formal.is_keyword_only]
    if len(node.args) > len(positional):
        extra = node.args[len(positional)]
        return extra, f"it takes {_count(len(positional))} without a name, not {len(node.args)}"
    given.update(zip(positional, node.args, strict=False))
    names = [formal.name for formal in formals if not formal.is_positional_only]
    for keyword in node.keywords:
        assert keyword.arg is not None
        if keyword.arg not in names:
            return keyword, f"it has no parameter {keyword.arg}{hint_for(keyword.arg, names)}"
        if keyword.arg in given:
            return keyword, f"{keyword.arg} is given twice"
        given[keyword.arg] = keyword.value
    missing = [formal.name for formal in formals if formal.is_required and formal.name not in given]
    if missing:
        return node, f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return None


def _count(number: int) -> str:
    return "no argument" if number == 0 else "one argument" if number == 1 else f"{number} arguments"


def _signature(callee: str, formals: Sequence[Formal]) -> str:
    shown = [
        f"{formal.name}=..." if formal.is_keyword_only or not formal.is_required else formal.name
        for formal in formals
    ]
    return f"{callee}({', '.join(shown)})"


def evaluate_first(values: dict[str, Expr], build: Callable[[dict[str, Expr]], Expr]) -> Expr:
    """What `build` makes of the values, each evaluated once and in this order."""
    pending: list[With] = []
    ready: dict[str, Expr] = {}
    for name, value in values.items():
        if is_stable(value):
            ready[name] = value
        else:
            once = With(UNKNOWN, value.span, value)
            pending.append(once)
            ready[name] = Temporary(value.type, value.span, once)
    body = build(ready)
    for once in reversed(pending):
        once.body, once.type, once.span = body, body.type, body.span
        body = once
    return body
