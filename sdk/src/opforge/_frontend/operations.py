"""Arithmetic and boolean operators."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.chains import MAX_CHOICES, get_spine
from opforge._frontend.coercion import apply, as_number, as_plain, fit, has_unknown, show, to_decimal, truth
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.cuts import Cuts
from opforge._frontend.displays import is_empty_display
from opforge._frontend.scope import join_types, narrowings
from opforge._frontend.set_operations import combine_sets
from opforge._frontend.symbols import is_set, split_contract
from opforge._frontend.tree import (
    Apply,
    BooleanChain,
    Conditional,
    Expr,
    Literal,
    Temporary,
    With,
)
from opforge._frontend.tuples import MAX_TUPLE_ITEMS, concat_tuples, repeat_tuple
from opforge._frontend.unsupported import refuse_syntax
from opforge._ir import OperatorName
from opforge_ir.codes.limits import E_CHAIN_TOO_LONG
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES, E_TRUE_DIVISION
from opforge_ir.types import BOOL, BYTES, DECIMAL, INT, STR, Type

__all__ = ["check_boolean", "check_operation", "check_test", "check_unary", "combine"]

_INT: Final[dict[type[ast.operator], OperatorName]] = {
    ast.Add: "int.add",
    ast.Sub: "int.sub",
    ast.Mult: "int.mul",
    ast.FloorDiv: "int.floordiv",
    ast.Mod: "int.mod",
    ast.Pow: "int.pow",
    ast.BitAnd: "int.and",
    ast.BitOr: "int.or",
    ast.BitXor: "int.xor",
    ast.LShift: "int.lshift",
    ast.RShift: "int.rshift",
}
_BOOL: Final[dict[type[ast.operator], OperatorName]] = {
    ast.BitAnd: "bool.and",
    ast.BitOr: "bool.or",
    ast.BitXor: "bool.xor",
}
_DECIMAL: Final[dict[type[ast.operator], OperatorName]] = {
    ast.Add: "decimal.add",
    ast.Sub: "decimal.sub",
    ast.Mult: "decimal.mul",
    ast.Div: "decimal.div",
    ast.FloorDiv: "decimal.floordiv",
    ast.Mod: "decimal.mod",
    ast.Pow: "decimal.pow",
}
_REPEATED: Final[dict[str, OperatorName]] = {
    "bytes": "bytes.repeat",
    "list": "list.repeat",
    "str": "str.repeat",
}
_SIGNS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}


_UNARY: Final[dict[tuple[type[ast.unaryop], Type], OperatorName]] = {
    (ast.USub, INT): "int.neg",
    (ast.USub, DECIMAL): "decimal.neg",
    (ast.UAdd, DECIMAL): "decimal.pos",
    (ast.Invert, INT): "int.invert",
}
_UNARY_SIGNS: Final[dict[type[ast.unaryop], tuple[str, str]]] = {
    ast.USub: ("-", "use an int or a Decimal"),
    ast.UAdd: ("+", "leave the sign out"),
    ast.Invert: ("~", "use an int"),
}


def check_operation(ctx: Context, node: ast.BinOp, expected: Type | None) -> Expr:
    """`left operator right`; the operations that its left operand consists of are computed before."""
    wanted = expected if expected is not None and expected.is_container else None
    spine, cuts = get_spine(node), Cuts()
    value = ctx.check(spine[-1].left, wanted)
    for operation in reversed(spine[1:]):
        value = cuts.shorten(_operate(ctx, operation, value, wanted))
    return cuts.finish(_operate(ctx, node, value, wanted))


def _operate(ctx: Context, node: ast.BinOp, left: Expr, wanted: Type | None) -> Expr:
    is_container = left.type.is_container or is_set(left.type)
    if type(node.op) not in _SIGNS:
        return refuse_syntax(ctx, node)
    right = ctx.check(node.right, left.type if is_container else wanted)
    return combine(ctx, node, node.op, left, right, node.left, node.right)


def combine(
    ctx: Context,
    node: ast.expr | ast.stmt,
    operator: ast.operator,
    left: Expr,
    right: Expr,
    left_node: ast.expr,
    right_node: ast.expr,
) -> Expr:
    """The operation on two typed operands."""
    if has_unknown(left.type) or has_unknown(right.type):
        return ctx.unknown(node)
    for value, place in ((left, left_node), (right, right_node)):
        if value.type.is_optional:
            return ctx.refuse(E_MAYBE_NONE, place)
    left, right = as_plain(left), as_plain(right)
    if left.type is right.type is BOOL and type(operator) in _BOOL:
        return _at(ctx, node, apply(_BOOL[type(operator)], BOOL, left, right))
    first, second = as_number(left), as_number(right)
    kinds = {first.type, second.type}
    if kinds == {INT}:
        return _combine_ints(ctx, node, operator, first, second)
    if kinds <= {INT, DECIMAL} and type(operator) in _DECIMAL:
        op = _DECIMAL[type(operator)]
        return _at(ctx, node, apply(op, DECIMAL, to_decimal(first), to_decimal(second)))
    if isinstance(operator, ast.Add) and left.type is right.type:
        if left.type is STR:
            parts = [*_parts(left), *_parts(right)]
            return _at(ctx, node, apply("str.concat", STR, *parts))
        if left.type is BYTES:
            return _at(ctx, node, apply("bytes.concat", BYTES, left, right))
    made = _combine_sequences(ctx, node, operator, left, right)
    if made is not None:
        return made
    sign = _SIGNS[type(operator)]
    instead = "convert one of them to the type of the other"
    if isinstance(operator, ast.Mod) and left.type is STR:
        instead = "write an f-string"
    elif STR in kinds and isinstance(operator, ast.Add):
        instead = "write an f-string, or `str(...)`"
    types = f"{show(left.type)} and {show(right.type)}"
    return ctx.refuse(E_OPERAND_TYPES, node, operation=sign, types=types, instead=instead)


def _combine_ints(
    ctx: Context, node: ast.expr | ast.stmt, operator: ast.operator, first: Expr, second: Expr
) -> Expr:
    if isinstance(operator, ast.Div):
        return ctx.refuse(E_TRUE_DIVISION, node)
    if isinstance(operator, ast.Pow) and isinstance(second, Literal) and int(second.value) < 0:
        instead = "write a Decimal: `Decimal(2) ** -1`"
        types = "an int and a negative exponent, which give a float"
        return ctx.refuse(E_OPERAND_TYPES, node, operation="**", types=types, instead=instead)
    return _at(ctx, node, apply(_INT[type(operator)], INT, first, second))


def _combine_sequences(
    ctx: Context, node: ast.expr | ast.stmt, operator: ast.operator, left: Expr, right: Expr
) -> Expr | None:
    """`a + b` and `a * n` of sequences, `a | b` of dicts; None for anything else."""
    if isinstance(operator, ast.Add) and left.type.is_tuple and right.type.is_tuple:
        if len(left.type.args) + len(right.type.args) > MAX_TUPLE_ITEMS:
            return None
        return concat_tuples(left, right, ctx.span(node))
    if left.type is right.type:
        if isinstance(operator, ast.Add) and left.type.is_list and split_contract(left.type) is None:
            return _at(ctx, node, apply("list.concat", left.type, left, right))
        if isinstance(operator, ast.BitOr) and left.type.is_dict:
            return _at(ctx, node, apply("dict.merge", left.type, left, right))
    if (made := combine_sets(ctx, node, operator, left, right)) is not None:
        return made
    first, second = as_number(left), as_number(right)
    if not isinstance(operator, ast.Mult) or INT not in (first.type, second.type):
        return None
    is_left = second.type is INT
    sequence, times = (left, second) if is_left else (right, first)
    if sequence.type.is_tuple:
        return _repeat_tuple(ctx, node, sequence, times)
    op = _REPEATED.get(sequence.type.head)
    if op is None:
        return None
    return _at(ctx, node, apply(op, sequence.type, sequence, times, order=None if is_left else (1, 0)))


def _repeat_tuple(ctx: Context, node: ast.expr | ast.stmt, value: Expr, times: Expr) -> Expr | None:
    literal = literal_of(times)
    if literal is None or not 0 < int(literal.value) <= MAX_TUPLE_ITEMS // len(value.type.args):
        return None
    return repeat_tuple(value, int(literal.value), ctx.span(node))


def _at(ctx: Context, node: ast.expr | ast.stmt, value: Expr) -> Expr:
    value.span = ctx.span(node)
    return value


def _parts(value: Expr) -> list[Expr]:
    return value.args if isinstance(value, Apply) and value.op == "str.concat" else [value]


def check_unary(ctx: Context, node: ast.UnaryOp, _expected: Type | None) -> Expr:
    """`not x`, `-x`, `+x` and `~x`."""
    is_not = isinstance(node.op, ast.Not)
    operand = check_test(ctx, node.operand) if is_not else ctx.check(node.operand)
    if has_unknown(operand.type):
        return ctx.unknown(node)
    if is_not:
        return _at(ctx, node, apply("bool.not", BOOL, operand))
    if isinstance(node.op, ast.Invert) and operand.type is BOOL:
        # Python 3.12 warns of it, since the result is a number that is always true.
        return ctx.refuse(E_OPERAND_TYPES, node, operation="~", types="bool", instead="write `not`")
    number = as_number(operand)
    if isinstance(node.op, ast.UAdd) and number.type is INT:
        return number
    if isinstance(node.op, ast.USub) and isinstance(number, Literal) and number.type is INT:
        return Literal(INT, ctx.span(node), str(-int(number.value)))
    op = _UNARY.get((type(node.op), number.type))
    if op is not None:
        return _at(ctx, node, apply(op, number.type, number))
    if operand.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, node.operand)
    sign, instead = _UNARY_SIGNS[type(node.op)]
    return ctx.refuse(E_OPERAND_TYPES, node, operation=sign, types=show(operand.type), instead=instead)


def check_test(ctx: Context, node: ast.expr) -> Expr:
    """What `if node` tests. Only the truth of operands matters there, so their types may differ."""
    if not isinstance(node, ast.BoolOp):
        return truth(ctx, node, ctx.check(node))
    is_and = isinstance(node.op, ast.And)
    before = ctx.state.narrowed
    tests = [check_test(ctx, node.values[0])]
    with ctx.skippable():
        for operand in node.values[1:]:
            yes, no = narrowings(tests[-1])
            ctx.state.narrow(yes if is_and else no)
            tests.append(check_test(ctx, operand))
    ctx.state.narrowed = before
    if any(has_unknown(test.type) for test in tests):
        return ctx.unknown(node)
    return BooleanChain(BOOL, ctx.span(node), is_and, tests)


def check_boolean(ctx: Context, node: ast.BoolOp, expected: Type | None) -> Expr:
    """`a and b`, `a or b`: on bools a chain; on other types the operand that decides, as in Python."""
    is_and = isinstance(node.op, ast.And)
    before = ctx.state.narrowed
    values: list[Expr] = []
    # Where an Optional is wanted, the operands may still be values that are never None.
    wanted = expected.args[0] if expected is not None and expected.is_optional else expected
    for operand in node.values:
        if operand is node.values[0]:
            value = ctx.check(operand, wanted)
        else:
            with ctx.skippable():
                value = ctx.check(operand, wanted if wanted is not None else _guide(operand, values[0]))
        values.append(value)
        if operand is not node.values[-1]:
            test = value if value.type is BOOL else _quiet_truth(value)
            if test is not None:
                yes, no = narrowings(test)
                ctx.state.narrow(yes if is_and else no)
    ctx.state.narrowed = before
    if any(has_unknown(value.type) for value in values):
        return ctx.unknown(node)
    if all(value.type is BOOL for value in values):
        return BooleanChain(BOOL, ctx.span(node), is_and, values)
    return _selection(ctx, node, is_and, values)


def _guide(operand: ast.expr, first: Expr) -> Type | None:
    """For an empty display, the type of what stands before it: `names or []`."""
    return _known_type(first.type) if is_empty_display(operand) and not has_unknown(first.type) else None


def _quiet_truth(value: Expr) -> Expr | None:
    if not value.type.is_optional:
        return None
    return apply("bool.not", BOOL, apply("optional.is_none", BOOL, value))


def _selection(ctx: Context, node: ast.BoolOp, is_and: bool, values: list[Expr]) -> Expr:
    word = "and" if is_and else "or"
    if len(values) > MAX_CHOICES:
        return ctx.refuse(
            E_CHAIN_TOO_LONG,
            node,
            limit=MAX_CHOICES,
            what=f"operands of {word}",
            instead="go through a list of them",
        )
    *first, last = values
    # `or` gives an operand other than the last one only where it is true, so that it is not None.
    kinds = [_known_type(value.type) if not is_and else value.type for value in first]
    kind: Type | None = last.type
    for each in reversed(kinds):
        kind = join_types(each, kind) if kind is not None else None
    if kind is None:
        types = " and ".join(show(value.type) for value in values)
        instead = f"write it as tests (`x is None {word} ...`) or as `a if test else b`"
        return ctx.refuse(E_OPERAND_TYPES, node, operation=word, types=types, instead=instead)
    result = fit(ctx, node.values[-1], last, kind)
    for place, value in zip(node.values[-2::-1], reversed(first), strict=True):
        once = With(kind, ctx.span(node), value)
        chosen: Expr = Temporary(value.type, value.span, once)
        test = truth(ctx, place, Temporary(value.type, value.span, once))
        if value.type.is_optional and not is_and:
            chosen = apply("optional.value", value.type.args[0], chosen)
        chosen = fit(ctx, place, chosen, kind)
        then, otherwise = (result, chosen) if is_and else (chosen, result)
        once.body = Conditional(kind, ctx.span(node), test, then, otherwise)
        result = once
    return result


def _known_type(kind: Type) -> Type:
    return kind.args[0] if kind.is_optional else kind
