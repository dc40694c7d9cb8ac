"""`isinstance`: which record of a Union a value is, or that an Optional is not None."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import check_all, refuse_arguments
from opforge._frontend.coercion import build_test, has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.enum_values import find_enum
from opforge._frontend.scope import get_alternatives, get_declared
from opforge._frontend.symbols import AliasDecl, Broken, RecordDecl, VocabularySymbol
from opforge._frontend.tree import Expr
from opforge._frontend.vocabulary import BUILTIN_TYPES, TYPE_NAMES
from opforge_ir.codes.types import E_ISINSTANCE
from opforge_ir.types import Type

__all__ = ["check_isinstance"]

_GENERIC: Final = {"list", "dict", "set", "tuple"}


def check_isinstance(ctx: Context, node: ast.Call, _expected: Type | None) -> Expr:
    """`isinstance(value, Record)`, also with several in a tuple or joined by `|`."""
    if len(node.args) != 2 or node.keywords:
        check_all(ctx, node)
        reason = "it takes a value and a class"
        return refuse_arguments(ctx, node, "isinstance", reason, "isinstance(value, Record)")
    value = ctx.check(node.args[0])
    if has_unknown(value.type):
        return ctx.unknown(node)
    value = get_declared(value)
    alternatives = get_alternatives(value.type)
    tested: list[Type] = []
    for each in _classes(node.args[1]):
        found = _find_alternatives(ctx, each, alternatives)
        if found is None:
            return ctx.unknown(node)
        if not found:
            reason = f"{show(value.type)} is never a {ast.unparse(each)}"
            return ctx.refuse(E_ISINSTANCE, each, reason=reason, instead=_instead(value.type))
        tested += found
    test = build_test(value, tested)
    if test is None:
        reason = f"the value is always of the type {show(value.type)}"
        return ctx.refuse(E_ISINSTANCE, node, reason=reason, instead="leave the test out")
    test.span = ctx.span(node)
    return test


def _classes(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.Tuple():
            return [inner for each in node.elts for inner in _classes(each)]
        case ast.BinOp(op=ast.BitOr()):
            return [*_classes(node.left), *_classes(node.right)]
        case _:
            return [node]


def _find_alternatives(ctx: Context, node: ast.expr, alternatives: tuple[Type, ...]) -> list[Type] | None:
    """Which alternatives of a value are instances of a class; None where the class was refused."""
    if not isinstance(node, ast.Name | ast.Attribute):
        reason = "the class must be named"
        ctx.report(
            E_ISINSTANCE, node, reason=reason, instead="write the name of a record, or a tuple of them"
        )
        return None
    if (enum := find_enum(ctx, node)) is not None:
        return [each for each in alternatives if each is enum.type]
    symbol = ctx.resolve(node)
    match symbol:
        case AliasDecl():
            inner = Context(ctx.program, symbol.module, None, ctx.dispatch)
            found = [_find_alternatives(inner, each, alternatives) for each in _classes(symbol.value)]
            return None if None in found else [kind for kinds in found for kind in kinds or ()]
        case RecordDecl():
            return [each for each in alternatives if each is symbol.type]
        case VocabularySymbol() if symbol.full in TYPE_NAMES and not symbol.full.startswith("opforge.abi."):
            return [each for each in alternatives if each is TYPE_NAMES[symbol.full]]
        case Broken():
            return None
        case None if isinstance(node, ast.Name) and not ctx.is_variable(node.id):
            name = node.id
            if name in BUILTIN_TYPES:
                return [each for each in alternatives if each is BUILTIN_TYPES[name]]
            if name in _GENERIC:
                return [each for each in alternatives if each.head == name]
        case _:
            pass
    mark = ctx.module.problems.mark()
    if ctx.resolve(node) is None:
        ctx.check(node)
    if ctx.module.problems.mark() == mark:
        reason = f"{ast.unparse(node)} is not a class of the language"
        ctx.report(
            E_ISINSTANCE, node, reason=reason, instead="write the name of a record, or a tuple of them"
        )
    return None


def _instead(kind: Type) -> str:
    names = [show(each) for each in get_alternatives(kind)]
    return f"it may be {', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "leave the test out"
