"""Enum classes: members with values that are all str or all int."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.constant_values import literal_of, read_literal
from opforge._frontend.constants import compute_constant
from opforge._frontend.context import Context
from opforge._frontend.decorators import decorator_name
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.source import Located, shorten_place
from opforge._frontend.symbols import EnumDecl, Module, VocabularySymbol
from opforge_ir.codes.source import E_DECORATOR, E_DUPLICATE_DEFINITION
from opforge_ir.codes.types import E_ENUM_FORM
from opforge_ir.types import INT, STR

__all__ = ["find_enum_base", "read_enum"]

_BASES: Final = ("StrEnum", "IntEnum", "Enum")
_TAKEN: Final = {"Enum": object, "IntEnum": int, "StrEnum": str}
_RESERVED: Final = frozenset({"mro", "name", "value"})


def find_enum_base(module: Module, node: ast.ClassDef) -> str | None:
    """Which of StrEnum, IntEnum and Enum a class has as a base; None for any other class."""
    for base in node.bases:
        symbol = resolve_dotted(module, base)
        if isinstance(symbol, VocabularySymbol) and symbol.full.removeprefix("enum.") in _BASES:
            return symbol.full.removeprefix("enum.")
    return None


def read_enum(ctx: Context, enum: EnumDecl) -> None:
    """Fill in the members; `ctx` is the top of the enum's file, at the enum."""
    syntax = enum.syntax
    if len(syntax.bases) > 1 or syntax.keywords:
        place = syntax.keywords[0].value if syntax.keywords else syntax.bases[0]
        hint = ", such as str; write `StrEnum` or `IntEnum`" if not syntax.keywords else ""
        _refuse(ctx, enum, place, f"more than one base{hint}")
    is_unique = False
    for decorator in syntax.decorator_list:
        if decorator_name(ctx.module, decorator) == "enum.unique" and not isinstance(decorator, ast.Call):
            is_unique = True
        else:
            ctx.report(E_DECORATOR, decorator)
    lines: dict[str, int] = {}
    for statement in syntax.body:
        match statement:
            case ast.Assign(targets=[ast.Name() as target]):
                if target.id in lines:
                    ctx.report(E_DUPLICATE_DEFINITION, target, name=target.id, line=lines[target.id])
                    continue
                lines[target.id] = target.lineno
                _read_member(ctx, enum, target, statement.value, is_unique=is_unique)
            case ast.Pass():
                pass
            case ast.Expr(value=ast.Constant(value=text)) if isinstance(text, str) or text is ...:
                pass
            case ast.AnnAssign():
                _refuse(ctx, enum, statement, "an annotation; the members of an enum have none")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                _refuse(
                    ctx,
                    enum,
                    shorten_place(statement, "def"),
                    "a method; write a function that takes the member",
                )
            case _:
                _refuse(ctx, enum, shorten_place(statement, "def"), "this statement")
    if not enum.values and enum.is_complete:
        _refuse(ctx, enum, shorten_place(syntax, f"class {syntax.name}"), "no members at all")


def _refuse(ctx: Context, enum: EnumDecl, node: Located, reason: str) -> None:
    ctx.report(E_ENUM_FORM, node, reason=reason)
    enum.is_complete = False


def _read_member(ctx: Context, enum: EnumDecl, target: ast.Name, node: ast.expr, *, is_unique: bool) -> None:
    name = target.id
    if name.startswith("_") or name in _RESERVED or hasattr(_TAKEN[enum.base], name):
        _refuse(ctx, enum, target, f"a member called {name}, which Python uses itself")
        return
    mark = ctx.module.problems.mark()
    value = _read_value(ctx, enum, name, node)
    if value is None:
        enum.is_complete = False
        if ctx.module.problems.mark() == mark:
            _refuse(ctx, enum, node, _describe_values(enum))
        return
    if is_unique and value in enum.names:
        _refuse(ctx, enum, node, f"the value of {enum.names[value]} again, since it is unique")
    enum.values[name] = value
    enum.names.setdefault(value, name)


def _describe_values(enum: EnumDecl) -> str:
    match enum.base:
        case "StrEnum":
            return "a value that is not a str"
        case "IntEnum":
            return "a value that is not an int"
        case _:
            return "a value that is neither a str nor an int, or values of both types"


def _read_value(ctx: Context, enum: EnumDecl, name: str, node: ast.expr) -> str | int | None:
    """The value of a member; None where it was refused, or is of a type that the enum cannot have."""
    if isinstance(node, ast.Name) and node.id in enum.values:
        return enum.values[node.id]
    if isinstance(node, ast.Call) and resolve_dotted(ctx.module, node.func) == VocabularySymbol("enum.auto"):
        return _next_value(ctx, enum, name, node)
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in enum.values:
            _refuse(ctx, enum, part, "a value that is computed from another member")
            return None
    constant = compute_constant(ctx, node, None)
    literal = None if constant is None else literal_of(constant)
    if literal is None or literal.type not in (STR, INT):
        return None
    allowed = {"StrEnum": STR, "IntEnum": INT}.get(
        enum.base, enum.value_type if enum.values else literal.type
    )
    value = read_literal(literal)
    assert isinstance(value, str | int)
    return value if literal.type is allowed else None


def _next_value(ctx: Context, enum: EnumDecl, name: str, node: ast.Call) -> str | int | None:
    """What `auto()` gives: the name in lower case in a StrEnum, else one more than the value before."""
    if node.args or node.keywords:
        _refuse(ctx, enum, node, "an argument of auto()")
        return None
    if enum.base == "StrEnum":
        return name.lower()
    values = list(enum.values.values())
    if not values:
        return 1
    last = values[-1]
    if not isinstance(last, int) or any(isinstance(each, int) and each > last for each in values):
        # Versions of Python disagree about these.
        _refuse(
            ctx, enum, node, "auto() after a value that is not the largest number so far; write the number"
        )
        return None
    return last + 1
