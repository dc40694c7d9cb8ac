"""Assignments: to names, to tuples of names and to items of dicts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Final

from opforge._frontend.arguments import is_stable
from opforge._frontend.coercion import apply, fit, has_unknown, show
from opforge._frontend.comprehensions import check_pattern, define_pattern
from opforge._frontend.context import Context
from opforge._frontend.operations import combine
from opforge._frontend.symbols import UNKNOWN
from opforge._frontend.syntax_walk import get_inner
from opforge._frontend.tree import Assign, Expr, Mutate, Pattern, Statement, TupleNew
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES, E_TYPE_MISMATCH, E_UNSUPPORTED_SYNTAX
from opforge_ir.types import Type, tuple_of

__all__ = ["check_annotated", "check_assignment", "check_augmented", "forget_names", "stored_names"]


_NAMELESS: Final = frozenset(
    [
        *(ast.Assign, ast.Attribute, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.Expr),
        *(ast.FormattedValue, ast.If, ast.JoinedStr, ast.Return, ast.Subscript, ast.Tuple, ast.keyword),
    ]
)
"""The nodes that most of a function consists of, and that give no value to a name themselves."""


def stored_names(statements: Iterable[ast.stmt]) -> set[str]:
    """Every name that the statements give a value; the variables of comprehensions are their own."""
    names: set[str] = set()
    pending: list[ast.AST] = list(statements)
    while pending:
        node = pending.pop()
        if type(node) in _NAMELESS:
            pending += get_inner(node)
            continue
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                names |= {each.target.id for each in ast.walk(node) if _is_walrus(each)}  # type: ignore[attr-defined]
                continue
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                names.add(node.name)
            case ast.MatchMapping() if node.rest:
                names.add(node.rest)
            case ast.alias():
                names.add(node.asname or node.name.partition(".")[0])
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


def check_assignment(ctx: Context, node: ast.Assign) -> list[Statement]:
    """`target = value`, also with several targets."""
    first, *others = node.targets
    if others and not all(isinstance(target, ast.Name) for target in node.targets):
        ctx.report(
            E_UNSUPPORTED_SYNTAX,
            node,
            construct="this assignment to several targets",
            instead="assign one after another",
        )
        forget_names(ctx, stored_names([node]))
        return []
    made = _assign(ctx, node, first, node.value)
    for target in others:
        assert isinstance(first, ast.Name)
        made += _assign(ctx, node, target, ast.copy_location(ast.Name(first.id, ast.Load()), node.value))
    return made


def _assign(ctx: Context, node: ast.Assign, target: ast.expr, value_node: ast.expr) -> list[Statement]:
    match target:
        case ast.Name():
            wanted = ctx.declared.get(target.id)
            value = ctx.check(
                value_node, wanted if wanted is not None else _guide(ctx, target.id, value_node)
            )
            return [_define(ctx, node, target, value_node, value, wanted)]
        case ast.Tuple() | ast.List():
            value = _fit_items(ctx, target.elts, value_node, ctx.check(value_node))
            pattern = check_pattern(ctx, target, value.type)
            _check_declared(ctx, target.elts, pattern)
            define_pattern(ctx, pattern)
            return [Assign(ctx.span(node), pattern, value)]
        case ast.Subscript():
            return _assign_item(ctx, node, target, value_node)
        case _:
            return _refuse_target(ctx, node, target)


def _guide(ctx: Context, name: str, node: ast.expr) -> Type | None:
    """For an empty display, the type that the variable has already."""
    current = ctx.state.variables.get(name)
    is_empty = (isinstance(node, ast.List) and not node.elts) or (
        isinstance(node, ast.Dict) and not node.keys
    )
    return current if is_empty and isinstance(current, Type) and not has_unknown(current) else None


def _define(
    ctx: Context, node: ast.stmt, target: ast.Name, value_node: ast.expr, value: Expr, wanted: Type | None
) -> Assign:
    is_narrowed = False
    if wanted is not None:
        is_narrowed = wanted.is_optional and value.type is wanted.args[0]
        value = fit(ctx, value_node, value, wanted)
    kind = value.type if wanted is None else wanted
    ctx.state.define(target.id, kind, is_narrowed=is_narrowed)
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


def _refuse_target(ctx: Context, node: ast.stmt, target: ast.expr) -> list[Statement]:
    construct, instead = "this target", "assign to a name"
    if isinstance(target, ast.Attribute):
        construct, instead = "an assignment to a field", "make a new record: records do not change"
    ctx.report(E_UNSUPPORTED_SYNTAX, target, construct=construct, instead=instead)
    forget_names(ctx, stored_names([node]))
    return []


def _assign_item(
    ctx: Context, node: ast.Assign | ast.AnnAssign, target: ast.Subscript, value_node: ast.expr
) -> list[Statement]:
    # Python evaluates the value first, then the dict, then the key; for checking, the dict says the types.
    owner = ctx.check(target.value)
    if not _is_dict(ctx, target, owner):
        ctx.check(value_node)
        return []
    key_type, value_type = owner.type.args
    value = fit(ctx, value_node, ctx.check(value_node, value_type), value_type)
    key = fit(ctx, target.slice, ctx.check(target.slice, key_type), key_type)
    return [Mutate(ctx.span(node), "dict.set", [owner, key, value], (2, 0, 1))]


def _is_dict(ctx: Context, target: ast.Subscript, owner: Expr) -> bool:
    """Whether an item of this can be assigned."""
    if has_unknown(owner.type):
        return False
    if owner.type.is_dict:
        return True
    if owner.type.is_list:
        construct, instead = "an assignment to an item of a list", "build a new list with a comprehension"
        ctx.report(E_UNSUPPORTED_SYNTAX, target, construct=construct, instead=instead)
    elif owner.type.is_optional:
        ctx.report(E_MAYBE_NONE, target.value)
    else:
        instead = "only items of a dict can be assigned"
        ctx.report(E_OPERAND_TYPES, target, operation="[] =", types=show(owner.type), instead=instead)
    return False


def check_annotated(ctx: Context, node: ast.AnnAssign, kind: Type) -> list[Statement]:
    """`target: type = value`, or only a declaration."""
    target = node.target
    if not isinstance(target, ast.Name):
        return _refuse_target(ctx, node, target)
    if not has_unknown(kind):
        ctx.declared[target.id] = kind
    if node.value is None:
        return []
    value = ctx.check(node.value, None if has_unknown(kind) else kind)
    return [_define(ctx, node, target, node.value, value, kind)]


def check_augmented(ctx: Context, node: ast.AugAssign) -> list[Statement]:
    """`target += value`."""
    target = node.target
    match target:
        case ast.Name():
            place = ast.copy_location(ast.Name(target.id, ast.Load()), target)
            left = ctx.check(place)
            right = ctx.check(node.value)
            if left.type.is_list:
                # In Python it changes the list itself, for all who hold it.
                ctx.report(
                    E_UNSUPPORTED_SYNTAX,
                    node,
                    construct="+= on a list",
                    instead="write `a = a + b`, or append in a loop",
                )
                return []
            value = combine(ctx, node, node.op, left, right, target, node.value)
            return [_define(ctx, node, target, node.value, value, ctx.declared.get(target.id))]
        case ast.Subscript():
            return _augment_item(ctx, node, target)
        case _:
            return _refuse_target(ctx, node, target)


def _augment_item(ctx: Context, node: ast.AugAssign, target: ast.Subscript) -> list[Statement]:
    owner = ctx.check(target.value)
    if not _is_dict(ctx, target, owner):
        ctx.check(node.value)
        return []
    key_type, value_type = owner.type.args
    key = fit(ctx, target.slice, ctx.check(target.slice, key_type), key_type)
    if has_unknown(key.type):
        ctx.check(node.value)
        return []
    if not is_stable(owner) or not is_stable(key):
        construct = "this augmented assignment, whose dict and key are used twice"
        ctx.report(
            E_UNSUPPORTED_SYNTAX,
            target,
            construct=construct,
            instead="assign the dict and the key to variables before",
        )
        return []
    current = apply("dict.item", value_type, owner, key)
    current.span = ctx.span(target)
    right = ctx.check(node.value)
    if value_type.is_list:
        ctx.report(
            E_UNSUPPORTED_SYNTAX,
            node,
            construct="+= on a list",
            instead="append to it: `d[key].append(item)`",
        )
        return []
    value = fit(ctx, node.value, combine(ctx, node, node.op, current, right, target, node.value), value_type)
    # The operation is evaluated last, after the dict and the key, which are names or literals.
    return [Mutate(ctx.span(node), "dict.set", [owner, key, value])]
