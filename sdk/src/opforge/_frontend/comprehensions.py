"""Comprehensions and generator expressions, and what their `for` and other assignments define."""

from __future__ import annotations

import ast
from collections.abc import Callable

from opforge._frontend.coercion import apply, fit, has_unknown, holds_error, is_key_type, refuse_errors, show
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_iterable
from opforge._frontend.lazy import compare_lengths_after, fuse, hides_strict, is_strict, refuse_lazy
from opforge._frontend.operations import check_test
from opforge._frontend.scope import narrowings
from opforge._frontend.symbols import UNKNOWN
from opforge._frontend.tree import Clause, Comprehension, Expr, Pattern, TupleNew
from opforge._frontend.unsupported import refuse_syntax
from opforge_ir.codes.source import (
    E_KEY_TYPE,
    E_TYPE_MISMATCH,
    E_UNSUPPORTED_SYNTAX,
)
from opforge_ir.types import Type, dict_of, list_of, tuple_of

__all__ = [
    "check_clauses",
    "check_dict_comprehension",
    "check_list_comprehension",
    "check_pattern",
    "define_pattern",
]


def check_list_comprehension(ctx: Context, node: ast.ListComp, expected: Type | None) -> Expr:
    """`[element for … in … if …]`."""
    wanted = expected.args[0] if expected is not None and expected.is_list else None
    clauses, element = check_clauses(ctx, node.generators, lambda: ctx.check(node.elt, wanted))
    if clauses is None or has_unknown(element.type):
        return ctx.unknown(node)
    if holds_error(element.type):
        return refuse_errors(ctx, node.elt)
    if wanted is not None:
        element = fit(ctx, node.elt, element, wanted)
    return compare_lengths_after(Comprehension(list_of(element.type), ctx.span(node), clauses, element))


def check_dict_comprehension(ctx: Context, node: ast.DictComp, expected: Type | None) -> Expr:
    """`{key: value for …}`: the pairs in order, a later equal key replacing the value of an earlier one."""
    wanted = expected if expected is not None and expected.is_dict else None

    def pair() -> Expr:
        key = ctx.check(node.key, wanted.args[0] if wanted else None)
        value = ctx.check(node.value, wanted.args[1] if wanted else None)
        if wanted is not None:
            key = fit(ctx, node.key, key, wanted.args[0])
            value = fit(ctx, node.value, value, wanted.args[1])
        if has_unknown(key.type) or has_unknown(value.type):
            return ctx.unknown(node)
        if not is_key_type(key.type):
            return ctx.refuse(E_KEY_TYPE, node.key, type=show(key.type))
        return TupleNew(tuple_of(key.type, value.type), key.span, [key, value])

    clauses, element = check_clauses(ctx, node.generators, pair)
    if clauses is None or has_unknown(element.type):
        return ctx.unknown(node)
    pairs = Comprehension(list_of(element.type), ctx.span(node), clauses, element)
    kind = dict_of(element.type.args[0], element.type.args[1])
    made = compare_lengths_after(pairs, lambda whole: apply("dict.from_pairs", kind, whole))
    made.span = ctx.span(node)
    return made


def check_clauses(
    ctx: Context, generators: list[ast.comprehension], element: Callable[[], Expr]
) -> tuple[list[Clause] | None, Expr]:
    """The clauses, and the element within them; None where one of them was refused.

    The variables of a comprehension are its own: they are not seen outside of it.
    """
    outer_state, outer_names, outer_skipped = ctx.state, ctx.local_names, ctx.may_be_skipped
    outer_hidden = ctx.hidden
    ctx.state, ctx.may_be_skipped = outer_state.copy(), True
    clauses: list[Clause] = []
    is_known = True
    for generator in generators:
        if generator.is_async:
            refuse_syntax(ctx, ast.copy_location(ast.Await(generator.iter), generator.iter))
            is_known = False
        items = check_iterable(ctx, generator.iter)
        if hides_strict(items) or (is_strict(items) and generator is not generators[0]):
            items = refuse_lazy(ctx, generator.iter, "a comprehension")
        if generator is generators[0]:
            _hide_names(ctx, generators)
        pattern = check_pattern(ctx, generator.target, items.type.args[0] if items.type.is_list else UNKNOWN)
        define_pattern(ctx, pattern)
        conditions: list[Expr] = []
        for condition in generator.ifs:
            test = check_test(ctx, condition)
            ctx.state.narrow(narrowings(test)[0])
            conditions.append(test)
            is_known &= not has_unknown(test.type)
        is_known &= not has_unknown(items.type) and not has_unknown(pattern.type)
        clauses += fuse(pattern, items, conditions)
    value = element()
    ctx.state, ctx.local_names, ctx.may_be_skipped = outer_state, outer_names, outer_skipped
    ctx.hidden = outer_hidden
    return (clauses if is_known else None), value


def _hide_names(ctx: Context, generators: list[ast.comprehension]) -> None:
    """From its first `for` on, a comprehension has its own variables only, also before they have a value."""
    own = {
        node.id
        for generator in generators
        for node in ast.walk(generator.target)
        if isinstance(node, ast.Name)
    }
    ctx.local_names |= own
    ctx.hidden |= own
    for name in own:
        ctx.state.variables.pop(name, None)


def check_pattern(ctx: Context, node: ast.expr, kind: Type) -> Pattern:
    """What an assignment or iteration defines, for a value of this type."""
    span = ctx.span(node)
    match node:
        case ast.Name():
            return Pattern(kind, span, node.id)
        case ast.Tuple() | ast.List():
            if any(isinstance(item, ast.Starred) for item in node.elts) or not node.elts:
                refuse_syntax(ctx, ast.copy_location(ast.Starred(node), node))
                return Pattern(UNKNOWN, span, None, [])
            parts = [UNKNOWN] * len(node.elts)
            if kind.is_tuple and len(kind.args) == len(node.elts):
                parts = list(kind.args)
            elif not has_unknown(kind):
                wanted = f"a tuple of {len(node.elts)}"
                ctx.report(E_TYPE_MISMATCH, node, actual=show(kind), expected=wanted, hint="")
            items = [check_pattern(ctx, item, part) for item, part in zip(node.elts, parts, strict=True)]
            return Pattern(kind if UNKNOWN not in parts else UNKNOWN, span, None, items)
        case _:
            ctx.report(
                E_UNSUPPORTED_SYNTAX, node, construct="this target", instead="use names, or a tuple of names"
            )
            return Pattern(UNKNOWN, span, None, [])


def define_pattern(ctx: Context, pattern: Pattern) -> None:
    """Give the variables of a pattern their types."""
    if pattern.name is not None:
        ctx.state.define(pattern.name, pattern.type)
    for item in pattern.items:
        define_pattern(ctx, item)
