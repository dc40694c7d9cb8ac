"""Members of enums in expressions: by their names and values, what they have, and all of them."""

from __future__ import annotations

import ast
from typing import Final
from typing import Literal as OneOf

from opforge._frontend.arguments import Formal, bind_arguments
from opforge._frontend.coercion import fit, fold, has_unknown
from opforge._frontend.context import Context
from opforge._frontend.names import hint_for
from opforge._frontend.symbols import AliasDecl, EnumDecl
from opforge._frontend.tree import EnumPart, Expr, ListNew, Literal
from opforge_ir.codes.source import E_UNKNOWN_ATTRIBUTE, E_USED_BEFORE_DEFINITION
from opforge_ir.types import STR, list_of

__all__ = [
    "ENUM_PARTS",
    "check_by_name",
    "check_by_value",
    "check_member",
    "check_part",
    "find_enum",
    "list_members",
]

ENUM_PARTS: Final = frozenset({"name", "value"})
"""What each member of an enum has."""


def find_enum(ctx: Context, node: ast.expr) -> EnumDecl | None:
    """The enum whose class an expression is, by its name or another name for it."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return None
    symbol = ctx.resolve(node)
    seen: set[AliasDecl] = set()
    while isinstance(symbol, AliasDecl) and symbol not in seen:
        seen.add(symbol)
        symbol = Context(ctx.program, symbol.module, None, ctx.dispatch).resolve(symbol.value)
    return symbol if isinstance(symbol, EnumDecl) else None


def _is_usable(ctx: Context, node: ast.expr, enum: EnumDecl) -> bool:
    """Whether the class exists already where it is used at the top of its file; if not, that is reported."""
    if ctx.function is None and enum.module is ctx.module and enum.node.lineno >= ctx.line:
        ctx.report(E_USED_BEFORE_DEFINITION, node, name=enum.name, line=enum.node.lineno)
        return False
    return True


def check_member(ctx: Context, node: ast.Attribute, enum: EnumDecl) -> Expr:
    """`Side.BUY`."""
    if not _is_usable(ctx, node.value, enum):
        return ctx.unknown(node)
    value = enum.values.get(node.attr)
    if value is not None:
        return Literal(enum.type, ctx.span(node), enum.names[value])
    if not enum.is_complete:
        return ctx.unknown(node)
    known = list(enum.values)
    hint = hint_for(node.attr, known)
    instead = f"it has {', '.join(known)}" if len(known) <= 12 else "use a member that it has"
    return ctx.refuse(E_UNKNOWN_ATTRIBUTE, node, type=enum.name, name=node.attr, hint=hint, instead=instead)


def check_part(ctx: Context, node: ast.Attribute, member: Expr) -> Expr:
    """`member.value` or `member.name`."""
    enum = ctx.program.enum_of(member.type)
    assert enum is not None
    if not enum.is_complete:
        return ctx.unknown(node)
    part: OneOf["name", "value"] = "name" if node.attr == "name" else "value"
    kind = STR if part == "name" else enum.value_type
    return fold(ctx, EnumPart(kind, ctx.span(node), member.type, part, member))


def check_by_value(ctx: Context, node: ast.Call, enum: EnumDecl, name: str) -> Expr:
    """`Side("buy")`: the member that has the value; of a member, that member."""
    args = bind_arguments(ctx, node, name, [Formal("value", None)])
    if args is None or not enum.is_complete or has_unknown(args["value"].type):
        return ctx.unknown(node)
    given = args["value"]
    if given.type is enum.type:
        return given
    place = node.args[0] if node.args else node.keywords[0].value
    value = fit(ctx, place, given, enum.value_type)
    if has_unknown(value.type):
        return ctx.unknown(node)
    if isinstance(value, Literal):
        found = enum.names.get(value.value if enum.value_type is STR else int(value.value))
        if found is not None:
            return Literal(enum.type, ctx.span(node), found)
    return EnumPart(enum.type, ctx.span(node), enum.type, "from_value", value)


def check_by_name(ctx: Context, node: ast.Subscript, enum: EnumDecl) -> Expr:
    """`Side["BUY"]`: the member that has the name."""
    is_usable = _is_usable(ctx, node.value, enum)
    name = fit(ctx, node.slice, ctx.check(node.slice, STR), STR)
    if not is_usable or not enum.is_complete or has_unknown(name.type):
        return ctx.unknown(node)
    if isinstance(name, Literal) and name.value in enum.values:
        return Literal(enum.type, ctx.span(node), enum.names[enum.values[name.value]])
    return EnumPart(enum.type, ctx.span(node), enum.type, "from_name", name)


def list_members(ctx: Context, node: ast.expr, enum: EnumDecl) -> Expr:
    """What a loop over the class goes through: its members in the order of their definition."""
    if not _is_usable(ctx, node, enum) or not enum.is_complete:
        return ctx.unknown(node)
    span = ctx.span(node)
    return ListNew(list_of(enum.type), span, [Literal(enum.type, span, name) for name in enum.names.values()])
