"""Comprehensions and generator expressions, and what can be iterated."""

from __future__ import annotations

import ast
from collections.abc import Callable

from opforge._frontend.coercion import apply, fit, has_unknown, is_key_type, show
from opforge._frontend.context import Context
from opforge._frontend.enum_values import find_enum, list_members
from opforge._frontend.operations import check_test
from opforge._frontend.scope import narrowings
from opforge._frontend.symbols import UNKNOWN, VocabularySymbol
from opforge._frontend.tree import Clause, Comprehension, Expr, ListNew, Literal, Pattern, TupleNew
from opforge._frontend.unsupported import refuse_syntax
from opforge_ir.codes.source import (
    E_ARGUMENTS,
    E_KEY_TYPE,
    E_MAYBE_NONE,
    E_NOT_ITERABLE,
    E_TYPE_MISMATCH,
    E_UNSUPPORTED_SYNTAX,
)
from opforge_ir.types import INT, Type, dict_of, list_of, tuple_of

__all__ = [
    "check_clauses",
    "check_dict_comprehension",
    "check_items",
    "check_iterable",
    "check_list_comprehension",
    "check_pattern",
    "check_source",
    "define_pattern",
]

_DICT_VIEWS = {"items", "keys", "values"}


def check_list_comprehension(ctx: Context, node: ast.ListComp, expected: Type | None) -> Expr:
    """`[element for … in … if …]`."""
    wanted = expected.args[0] if expected is not None and expected.is_list else None
    clauses, element = check_clauses(ctx, node.generators, lambda: ctx.check(node.elt, wanted))
    if clauses is None or has_unknown(element.type):
        return ctx.unknown(node)
    if wanted is not None:
        element = fit(ctx, node.elt, element, wanted)
    return Comprehension(list_of(element.type), ctx.span(node), clauses, element)


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
    made = apply("dict.from_pairs", dict_of(element.type.args[0], element.type.args[1]), pairs)
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
        items = check_items(ctx, generator.iter)
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
        clauses.append(Clause(pattern, items, conditions))
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


def check_source(ctx: Context, node: ast.expr, expected: Type | None = None) -> Expr:
    """What is iterated, as it is written: `range` and the like, and the views of a dict, are lists here."""
    if isinstance(node, ast.Call):
        made = _iterator(ctx, node)
        if made is not None:
            return made
    if (enum := find_enum(ctx, node)) is not None:
        return list_members(ctx, node, enum)
    if isinstance(node, ast.Tuple) and node.elts:
        node = ast.copy_location(ast.List(node.elts, ast.Load()), node)
    if isinstance(node, ast.GeneratorExp):
        node = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
    if isinstance(node, ast.Starred):
        return refuse_syntax(ctx, node)
    return ctx.check(node, expected)


def check_items(ctx: Context, node: ast.expr, expected: Type | None = None) -> Expr:
    """What is iterated, as a list: a list, a range, zip, enumerate, reversed, a dict or one of its views.

    `expected` guides displays and comprehensions; it is not enforced.
    """
    if isinstance(node, ast.GeneratorExp):
        return refuse_syntax(ctx, node)
    return _as_list(ctx, node, check_source(ctx, node, expected))


def _as_list(ctx: Context, node: ast.expr, value: Expr) -> Expr:
    if has_unknown(value.type) or value.type.is_list:
        return value
    if value.type.is_dict:
        return apply("dict.keys", list_of(value.type.args[0]), value)
    if value.type.is_tuple and len(set(value.type.args)) == 1 and isinstance(value, TupleNew):
        return ListNew(list_of(value.type.args[0]), value.span, value.items)
    if value.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, node)
    return ctx.refuse(E_NOT_ITERABLE, node, type=show(value.type))


def check_iterable(ctx: Context, node: ast.expr, expected: Type | None = None) -> Expr:
    """The argument of a builtin that goes through it once: as `check_items`, or a generator expression."""
    return _as_list(ctx, node, check_source(ctx, node, expected))


def _iterator(ctx: Context, node: ast.Call) -> Expr | None:
    """A call that gives an iterator; None for any other call."""
    callee = node.func
    if isinstance(callee, ast.Attribute) and callee.attr in _DICT_VIEWS:
        if isinstance(ctx.resolve(callee.value), VocabularySymbol):
            return None
        mark = ctx.module.problems.mark()
        owner = ctx.check(callee.value)
        if not owner.type.is_dict:
            if not has_unknown(owner.type):
                ctx.module.problems.forget_since(mark)
            return ctx.unknown(node) if has_unknown(owner.type) else None
        if node.args or node.keywords:
            return _wrong(ctx, node, callee.attr, "it takes no arguments", f".{callee.attr}()")
        return _view(ctx, node, callee.attr, owner)
    if not isinstance(callee, ast.Name) or ctx.is_variable(callee.id) or ctx.symbol(callee.id) is not None:
        return None
    match callee.id:
        case "range":
            return _range(ctx, node)
        case "zip":
            return _zip(ctx, node)
        case "enumerate":
            return _enumerate(ctx, node)
        case "reversed":
            return _reversed(ctx, node)
        case _:
            return None


def _view(ctx: Context, node: ast.Call, view: str, owner: Expr) -> Expr:
    key, value = owner.type.args
    span = ctx.span(node)
    match view:
        case "items":
            made = apply("dict.items", list_of(tuple_of(key, value)), owner)
        case "keys":
            made = apply("dict.keys", list_of(key), owner)
        case _:
            made = apply("dict.values", list_of(value), owner)
    made.span = span
    return made


def _wrong(ctx: Context, node: ast.Call, name: str, reason: str, signature: str) -> Expr:
    return ctx.refuse(E_ARGUMENTS, node, callee=name, reason=reason, signature=f"write `{signature}`")


def _int(ctx: Context, node: ast.expr) -> Expr:
    value = ctx.check(node)
    return fit(ctx, node, value, INT)


def _range(ctx: Context, node: ast.Call) -> Expr:
    if node.keywords or not 1 <= len(node.args) <= 3:
        return _wrong(ctx, node, "range", "it takes one to three numbers", "range(start, stop, step)")
    numbers = [_int(ctx, arg) for arg in node.args]
    span = ctx.span(node)
    zero, one = Literal(INT, span, "0"), Literal(INT, span, "1")
    if len(numbers) == 1:
        numbers = [zero, *numbers]
    start, stop, step = numbers if len(numbers) == 3 else [*numbers, one]
    made = apply("int.range", list_of(INT), start, stop, step)
    made.span = span
    return made if not any(has_unknown(n.type) for n in numbers) else ctx.unknown(node)


def _zip(ctx: Context, node: ast.Call) -> Expr:
    strict = [k for k in node.keywords if k.arg == "strict"]
    is_lenient = all(isinstance(k.value, ast.Constant) and k.value.value is False for k in strict)
    if len(strict) != len(node.keywords) or not is_lenient:
        return ctx.refuse(
            E_UNSUPPORTED_SYNTAX,
            node,
            construct="zip with strict=True",
            instead="compare the lengths with assert, then zip",
        )
    if not 2 <= len(node.args) <= 3:
        return _wrong(ctx, node, "zip", "it takes two or three lists here", "zip(a, b)")
    lists = [check_items(ctx, arg) for arg in node.args]
    if any(has_unknown(each.type) for each in lists):
        return ctx.unknown(node)
    kind = list_of(tuple_of(*(each.type.args[0] for each in lists)))
    made = apply("list.zip" if len(lists) == 2 else "list.zip3", kind, *lists)
    made.span = ctx.span(node)
    return made


def _enumerate(ctx: Context, node: ast.Call) -> Expr:
    named = {k.arg: k.value for k in node.keywords}
    starts = [*node.args[1:], *([named["start"]] if "start" in named else [])]
    if not node.args or len(starts) > 1 or set(named) - {"start"}:
        return _wrong(
            ctx, node, "enumerate", "it takes a list and perhaps a start", "enumerate(items, start=1)"
        )
    items = check_items(ctx, node.args[0])
    start = _int(ctx, starts[0]) if starts else Literal(INT, ctx.span(node), "0")
    if has_unknown(items.type) or has_unknown(start.type):
        return ctx.unknown(node)
    made = apply("list.enumerate", list_of(tuple_of(INT, items.type.args[0])), items, start)
    made.span = ctx.span(node)
    return made


def _reversed(ctx: Context, node: ast.Call) -> Expr:
    if node.keywords or len(node.args) != 1:
        return _wrong(ctx, node, "reversed", "it takes one list", "reversed(items)")
    inner = node.args[0]
    is_iterator = (
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id in ("zip", "enumerate", "reversed")
    )
    items = check_items(ctx, inner)
    if has_unknown(items.type):
        return items
    if is_iterator:
        return ctx.refuse(E_NOT_ITERABLE, inner, type="the reverse of an iterator")
    made = apply("list.reversed", items.type, items)
    made.span = ctx.span(node)
    return made


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
