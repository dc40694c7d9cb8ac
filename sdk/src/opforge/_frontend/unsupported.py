"""What the language does not have: the code for each form, and what to write instead."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.context import Context
from opforge._frontend.source import beginning_of, shorten_place
from opforge._frontend.symbols import UNKNOWN, Module
from opforge._frontend.tree import Expr
from opforge_ir.codes.source import (
    E_ASYNC,
    E_GLOBAL,
    E_IMPORT_FORM,
    E_LAMBDA,
    E_NESTED_DEFINITION,
    E_TRY,
    E_UNSUPPORTED_SYNTAX,
)

__all__ = ["describe_statement", "refuse_statement", "refuse_syntax"]

_EXPRESSIONS: Final[dict[str, tuple[str, str]]] = {
    "BinOp": ("the operator @", "use the other operators"),
    "NamedExpr": (
        "an assignment inside an expression that may not be evaluated, or more than once",
        "assign the variable in a statement before",
    ),
    "GeneratorExp": ("a generator on its own", "use a list comprehension: `[...]`"),
    "Starred": ("this star", "write what it stands for one by one; the length of a list is not known here"),
    "Slice": ("a slice in this place", "slice a list, a str, bytes or a tuple: `items[1:3]`"),
    "Yield": ("a generator function", "build a list and return it"),
    "YieldFrom": ("a generator function", "build a list and return it"),
    "TemplateStr": ("a template string", "use an f-string"),
    "Constant": ("this literal", "use int, Decimal, str or bytes"),
}
_STATEMENTS: Final[dict[str, tuple[str, str]]] = {
    "With": ("with", "capabilities need no closing; call them plainly"),
    "Delete": ("del of a name", "leave it out; `del items[i]` deletes an item"),
    "TypeAlias": ("a type statement", "write `Name = type`"),
    "Expr": ("an expression that stands alone", "delete it, or assign it"),
}


def refuse_syntax(ctx: Context, node: ast.expr) -> Expr:
    """Report an expression that the language does not have."""
    name = type(node).__name__
    if isinstance(node, ast.Lambda):
        return ctx.refuse(E_LAMBDA, node)
    if isinstance(node, ast.Await):
        return ctx.refuse(E_ASYNC, node)
    if isinstance(node, ast.NamedExpr):
        ctx.state.define(node.target.id, UNKNOWN)  # so that its uses are not reported as well
    construct, instead = _EXPRESSIONS.get(name, ("this expression", "write it in another way"))
    return ctx.refuse(E_UNSUPPORTED_SYNTAX, node, construct=construct, instead=instead)


def refuse_statement(module: Module, node: ast.stmt) -> None:
    """Report a statement that functions do not have."""
    match node:
        case ast.Global() | ast.Nonlocal():
            module.report(E_GLOBAL, node)
        case ast.ClassDef():
            module.report(E_NESTED_DEFINITION, shorten_place(node), kind="a class")
        case ast.AsyncFunctionDef() | ast.AsyncFor() | ast.AsyncWith():
            module.report(E_ASYNC, shorten_place(node))
        case ast.Import() | ast.ImportFrom():
            module.report(E_IMPORT_FORM, node, reason="it stands inside a function")
        case _:
            if type(node).__name__ == "TryStar":
                module.report(E_TRY, beginning_of(node, "try"), form="except*")
                return
            construct, instead = describe_statement(node)
            module.report(E_UNSUPPORTED_SYNTAX, shorten_place(node), construct=construct, instead=instead)


def describe_statement(node: ast.stmt) -> tuple[str, str]:
    """The name of a statement that is not supported, and what to write instead."""
    return _STATEMENTS.get(type(node).__name__, ("this statement", "write it in another way"))
