"""Assignments: to names, to items, and to several targets."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Final

from opforge._frontend.coercion import fit, has_unknown, show
from opforge._frontend.comprehensions import check_pattern, define_pattern
from opforge._frontend.context import Context
from opforge._frontend.displays import is_empty_display
from opforge._frontend.hidden_names import hide
from opforge._frontend.item_changes import augment_item, change_in_place, store_item
from opforge._frontend.operations import combine
from opforge._frontend.sizes import check_size, find_size
from opforge._frontend.symbols import UNKNOWN
from opforge._frontend.syntax_walk import get_inner
from opforge._frontend.tree import Assign, Expr, Pattern, Statement, TupleNew
from opforge._frontend.unpacking import check_unpacked, is_plain_target, unpack
from opforge_ir.codes.source import E_TYPE_MISMATCH, E_UNSUPPORTED_SYNTAX
from opforge_ir.types import NONE, Type, tuple_of

__all__ = [
    "check_annotated",
    "check_assignment",
    "check_augmented",
    "forget_names",
    "list_stored",
    "stored_names",
]


_NAMELESS: Final = frozenset(
    [
        *(ast.Assign, ast.Attribute, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.Expr),
        *(ast.FormattedValue, ast.If, ast.JoinedStr, ast.Return, ast.Subscript, ast.Tuple, ast.keyword),
    ]
)
"""The nodes that most of a function consists of, and that give no value to a name themselves."""

_TARGETS: Final = (ast.Name, ast.Tuple, ast.List, ast.Starred)
"""The expressions in which names are given a value, apart from assignment expressions."""


def stored_names(statements: Iterable[ast.stmt], *, may_assign_inside: bool = True) -> set[str]:
    """Every name that the statements give a value; the variables of comprehensions are their own."""
    return set(list_stored(statements, may_assign_inside=may_assign_inside))


def list_stored(statements: Iterable[ast.stmt], *, may_assign_inside: bool = True) -> list[str]:
    """The names as often as they are given a value, in no order.

    Where there are no assignment expressions (`may_assign_inside`), only targets are looked at.
    """
    names: list[str] = []
    pending: list[ast.AST] = list(statements)
    while pending:
        node = pending.pop()
        if not may_assign_inside and isinstance(node, ast.expr) and not isinstance(node, _TARGETS):
            continue
        if type(node) in _NAMELESS:
            pending += get_inner(node)
            continue
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.append(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.append(node.name)
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                names += [each.target.id for each in ast.walk(node) if _is_walrus(each)]  # type: ignore[attr-defined]
                continue
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                names.append(node.name)
            case ast.MatchMapping() if node.rest:
                names.append(node.rest)
            case ast.alias():
                names.append(node.asname or node.name.partition(".")[0])
            case _:
                pass
        pending += get_inner(node)
    return names


def _is_walrus(node: ast.AST) -> bool:
    return isinstance(node, ast.NamedExpr)


def forget_names(ctx: Context, names: Iterable[str]) -> None:
    """Go on after a refused statement: what it assigns has a value, of a type that is not known."""
    for name in names:
        ctx.state.define(name, UNKNOWN)


def check_assignment(ctx: Context, node: ast.Assign) -> Sequence[Statement]:
    """`target = value`, also with several targets."""
    first, *others = node.targets
    if not others:
        return _assign(ctx, node, first, node.value)
    if all(isinstance(target, ast.Name) for target in node.targets):
        made = list(_assign(ctx, node, first, node.value))
        for target in others:
            assert isinstance(first, ast.Name)
            made += _assign(ctx, node, target, ast.copy_location(ast.Name(first.id, ast.Load()), node.value))
        return made
    # The value is computed once, before what any of the targets is made of.
    value = ctx.check(node.value, _expected(ctx, node))
    if has_unknown(value.type):
        forget_names(ctx, stored_names([node]))
        return []
    made, value = hide(value, "value-part")
    for target in node.targets:
        made += _store(ctx, node, target, node.value, value)
    return made


def _expected(ctx: Context, node: ast.Assign) -> Type | None:
    """The type that a declared name among the targets, or an item of a variable, asks for."""
    for target in node.targets:
        match target:
            case ast.Name() if target.id in ctx.declared:
                return ctx.declared[target.id]
            case ast.Subscript(value=ast.Name(id=name)):
                kind = ctx.state.variables.get(name)
                if isinstance(kind, Type) and (kind.is_list or kind.is_dict):
                    return kind.args[-1]
            case _:
                pass
    return None


def _assign(ctx: Context, node: ast.Assign, target: ast.expr, value_node: ast.expr) -> Sequence[Statement]:
    match target:
        case ast.Name():
            wanted = ctx.declared.get(target.id)
            value = ctx.check(
                value_node, wanted if wanted is not None else _guide(ctx, target.id, value_node)
            )
            return [_define(ctx, node, target, value_node, value, wanted)]
        case ast.Tuple() | ast.List():
            value = check_unpacked(ctx, target, value_node)
            value = _fit_items(ctx, target.elts, value_node, value)
            return _store(ctx, node, target, value_node, value)
        case ast.Subscript():
            return store_item(ctx, node, target, value_node)
        case _:
            return _refuse_target(ctx, node, target)


def _store(
    ctx: Context, node: ast.Assign, target: ast.expr, value_node: ast.expr, value: Expr
) -> Sequence[Statement]:
    """Assign what has been checked, and is at hand if there are more targets than this."""
    match target:
        case ast.Name():
            return [_define(ctx, node, target, value_node, value, ctx.declared.get(target.id))]
        case ast.Subscript():
            return store_item(ctx, node, target, value_node, value)
        case ast.Tuple() | ast.List() if is_plain_target(target, value.type):
            pattern = check_pattern(ctx, target, value.type)
            _check_declared(ctx, target.elts, pattern)
            define_pattern(ctx, pattern)
            return [Assign(ctx.span(node), pattern, value)]
        case ast.Tuple() | ast.List():
            made = unpack(ctx, target, value, lambda each, part: _store(ctx, node, each, each, part))
            if made is None:
                forget_names(ctx, stored_names([ast.Expr(target)]))
            return made or []
        case _:
            return _refuse_target(ctx, node, target)


def _guide(ctx: Context, name: str, node: ast.expr) -> Type | None:
    """For an empty display, the type that the variable has already."""
    current = ctx.state.variables.get(name)
    if not is_empty_display(node) or not isinstance(current, Type) or has_unknown(current):
        return None
    return current


def _define(
    ctx: Context, node: ast.stmt, target: ast.Name, value_node: ast.expr, value: Expr, wanted: Type | None
) -> Assign:
    known: Type | None = None
    if wanted is not None:
        known = None if value.type.is_optional or value.type is NONE else value.type
        if wanted.is_optional and has_unknown(value.type):
            # A value that was refused is taken for one that is there: it has been reported.
            known = wanted.args[0]
        value = fit(ctx, value_node, value, wanted)
    kind = value.type if wanted is None else wanted
    ctx.state.define(target.id, kind, known=known)
    return Assign(ctx.span(node), Pattern(kind, ctx.span(target), target.id), value)


def _fit_items(ctx: Context, targets: Sequence[ast.expr], node: ast.expr, value: Expr) -> Expr:
    """The items of a tuple display as what the variables are declared to be."""
    if not isinstance(value, TupleNew) or not isinstance(node, ast.Tuple) or len(targets) != len(value.items):
        return value
    for index, target in enumerate(targets):
        wanted = ctx.declared.get(target.id) if isinstance(target, ast.Name) else None
        if wanted is not None:
            value.items[index] = fit(ctx, node.elts[index], value.items[index], wanted)
    value.type = tuple_of(*(item.type for item in value.items))
    return value


def _check_declared(ctx: Context, targets: Sequence[ast.expr], pattern: Pattern) -> None:
    for target, part in zip(targets, pattern.items, strict=False):
        wanted = ctx.declared.get(part.name) if part.name is not None else None
        if wanted is not None and part.type is not wanted and not has_unknown(part.type):
            ctx.report(E_TYPE_MISMATCH, target, actual=show(part.type), expected=show(wanted), hint="")
            part.type = UNKNOWN


def _refuse_target(ctx: Context, node: ast.stmt, target: ast.expr) -> Sequence[Statement]:
    construct, instead = "this target", "assign to a name"
    if isinstance(target, ast.Attribute):
        construct, instead = "an assignment to a field", "make a new record: records do not change"
    ctx.report(E_UNSUPPORTED_SYNTAX, target, construct=construct, instead=instead)
    forget_names(ctx, stored_names([node]))
    return []


def check_annotated(ctx: Context, node: ast.AnnAssign, kind: Type) -> Sequence[Statement]:
    """`target: type = value`, or only a declaration."""
    target = node.target
    if not isinstance(target, ast.Name):
        return _refuse_target(ctx, node, target)
    if not has_unknown(kind):
        ctx.declared[target.id] = kind
    if node.value is None:
        return []
    if has_unknown(kind) and is_empty_display(node.value):
        value = ctx.unknown(node.value)  # it has the type that was refused
    else:
        value = ctx.check(node.value, None if has_unknown(kind) else kind)
    check_size(ctx, node.value, value, find_size(ctx.module, node.annotation))
    return [_define(ctx, node, target, node.value, value, kind)]


def check_augmented(ctx: Context, node: ast.AugAssign) -> Sequence[Statement]:
    """`target += value`."""
    target = node.target
    match target:
        case ast.Name():
            place = ast.copy_location(ast.Name(target.id, ast.Load()), target)
            left = ctx.check(place)
            changed = change_in_place(ctx, node, left)
            if changed is not None:
                return changed
            right = ctx.check(node.value)
            value = combine(ctx, node, node.op, left, right, target, node.value)
            return [_define(ctx, node, target, node.value, value, ctx.declared.get(target.id))]
        case ast.Subscript():
            return augment_item(ctx, node, target)
        case _:
            return _refuse_target(ctx, node, target)
