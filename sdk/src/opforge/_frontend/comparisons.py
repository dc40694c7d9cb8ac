"""Comparisons, single and chained."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.chains import MAX_COMPARISONS
from opforge._frontend.coercion import (
    apply,
    as_number,
    as_plain,
    convert,
    has_unknown,
    holds_error,
    refuse_errors,
    show,
    to_decimal,
)
from opforge._frontend.context import Context
from opforge._frontend.iterables import check_searched
from opforge._frontend.repairs import repair_none_test
from opforge._frontend.scope import get_declared
from opforge._frontend.set_operations import compare_sets
from opforge._frontend.symbols import is_set, split_contract
from opforge._frontend.tree import (
    Apply,
    BooleanChain,
    ConstantRef,
    Expr,
    ListNew,
    Literal,
    Local,
    Temporary,
    With,
)
from opforge._frontend.tuples import list_tuple_items
from opforge._ir import OperatorName
from opforge_ir.codes.limits import E_CHAIN_TOO_LONG
from opforge_ir.codes.source import E_MAYBE_NONE, E_OPERAND_TYPES
from opforge_ir.operators.resolution import is_orderable
from opforge_ir.types import BOOL, BYTES, DECIMAL, INT, NONE, STR, Type, list_of

__all__ = ["build_equality", "check_comparison"]

_ORDERINGS: Final[dict[type[ast.cmpop], tuple[str, str]]] = {
    ast.Lt: ("<", "lt"),
    ast.LtE: ("<=", "le"),
    ast.Gt: (">", "gt"),
    ast.GtE: (">=", "ge"),
}
_ORDERED: Final = {INT: "int", DECIMAL: "decimal", STR: "str"}
_OPERATORS: Final[dict[str, OperatorName]] = {
    "int.lt": "int.lt",
    "int.le": "int.le",
    "int.gt": "int.gt",
    "int.ge": "int.ge",
    "decimal.lt": "decimal.lt",
    "decimal.le": "decimal.le",
    "decimal.gt": "decimal.gt",
    "decimal.ge": "decimal.ge",
    "str.lt": "str.lt",
    "str.le": "str.le",
    "str.gt": "str.gt",
    "str.ge": "str.ge",
    "value.lt": "value.lt",
    "value.le": "value.le",
    "value.gt": "value.gt",
    "value.ge": "value.ge",
}


_IN_BYTES: Final[dict[Type, OperatorName]] = {BYTES: "bytes.contains", INT: "bytes.contains_byte"}


def check_comparison(ctx: Context, node: ast.Compare, _expected: Type | None) -> Expr:
    """`a < b`, `a < b <= c`: the operands from left to right, each once, up to the first False."""
    nodes = [node.left, *node.comparators]
    if len(node.ops) == 1:
        return _compare(ctx, node, node.ops[0], ctx.check(nodes[0]), None, nodes[0], nodes[1])
    if len(node.ops) > MAX_COMPARISONS:
        instead = "join comparisons with `and`"
        return ctx.refuse(E_CHAIN_TOO_LONG, node, limit=MAX_COMPARISONS, what="comparisons", instead=instead)
    return _chain(ctx, node, nodes, node.ops, ctx.check(nodes[0]))


def _chain(ctx: Context, node: ast.Compare, nodes: list[ast.expr], ops: list[ast.cmpop], left: Expr) -> Expr:
    if len(ops) == 1:
        return _compare(ctx, node, ops[0], left, None, nodes[0], nodes[1])
    # The left operand is computed before the right one, which must be computed only once.
    outer = None if _is_stable(left) else With(BOOL, ctx.span(node), left)
    first = left if outer is None else Temporary(left.type, left.span, outer)
    right = ctx.check(nodes[1])
    inner = None if _is_stable(right) else With(BOOL, ctx.span(node), right)
    second = right if inner is None else Temporary(right.type, right.span, inner)
    test = _compare(ctx, node, ops[0], first, second, nodes[0], nodes[1])
    again = right if inner is None else Temporary(right.type, right.span, inner)
    with ctx.skippable():
        rest = _chain(ctx, node, nodes[1:], ops[1:], again)
    if has_unknown(test.type) or has_unknown(rest.type):
        return ctx.unknown(node)
    tests = [test, *(rest.args if isinstance(rest, BooleanChain) and rest.is_and else [rest])]
    result: Expr = BooleanChain(BOOL, ctx.span(node), True, tests)
    for once in (inner, outer):
        if once is not None:
            once.body = result
            result = once
    return result


def _is_stable(value: Expr) -> bool:
    return isinstance(value, Literal | Local | ConstantRef | Temporary)


def _compare(
    ctx: Context,
    node: ast.Compare,
    operator: ast.cmpop,
    left: Expr,
    right: Expr | None,
    left_node: ast.expr,
    right_node: ast.expr,
) -> Expr:
    if isinstance(operator, ast.In | ast.NotIn):
        return _membership(ctx, node, operator, left, right, right_node)
    right = ctx.check(right_node) if right is None else right
    if isinstance(operator, ast.Is | ast.IsNot):
        return _identity(ctx, node, operator, left, right)
    if has_unknown(left.type) or has_unknown(right.type):
        return ctx.unknown(node)
    if isinstance(operator, ast.Eq | ast.NotEq):
        return build_equality(ctx, node, left, right, is_equal=isinstance(operator, ast.Eq))
    sign, word = _ORDERINGS[type(operator)]
    if (made := compare_sets(sign, left, right)) is not None:
        return _placed(ctx, node, made)
    for value, place in ((left, left_node), (right, right_node)):
        if value.type.is_optional:
            return ctx.refuse(E_MAYBE_NONE, place)
    first, second = _aligned(left, right)
    if first.type is not second.type:
        fitted = convert(first, second.type)
        other = convert(second, first.type)
        first, second = (fitted, second) if fitted is not None else (first, other or second)
    if first.type is second.type and is_orderable(first.type):
        family = _ORDERED.get(first.type, "value")
        return _placed(ctx, node, apply(_OPERATORS[f"{family}.{word}"], BOOL, first, second))
    types = f"{show(left.type)} and {show(right.type)}"
    instead = "compare two numbers, or two values of one type: str, bytes, a list or a tuple of such"
    return ctx.refuse(E_OPERAND_TYPES, node, operation=sign, types=types, instead=instead)


def _placed(ctx: Context, node: ast.expr, value: Expr) -> Expr:
    value.span = ctx.span(node)
    return value


def _aligned(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Numbers of two types as numbers of one; Python compares them exactly."""
    if left.type is right.type:
        return as_number(left), as_number(right)
    first, second = as_number(left), as_number(right)
    if {first.type, second.type} == {INT, DECIMAL}:
        return to_decimal(first), to_decimal(second)
    return first, second


def _identity(ctx: Context, node: ast.Compare, operator: ast.cmpop, left: Expr, right: Expr) -> Expr:
    value, other = (right, left) if left.type is NONE else (left, right)
    if has_unknown(left.type) or has_unknown(right.type):
        return ctx.unknown(node)
    kind = _known_type(other.type)
    if ctx.program.enum_of(kind) is not None and _known_type(value.type) is kind:
        # A member is one object, so that the same and equal are one thing.
        return build_equality(ctx, node, left, right, is_equal=isinstance(operator, ast.Is))
    value = get_declared(value)
    if other.type is not NONE:
        types = f"{show(left.type)} and {show(right.type)}"
        return ctx.refuse(E_OPERAND_TYPES, node, operation="is", types=types, instead="write `==`")
    if value.type is NONE and isinstance(value, Local | ConstantRef | Literal):
        return Literal(BOOL, ctx.span(node), "true" if isinstance(operator, ast.Is) else "false")
    if not value.type.is_optional:
        instead = "leave the test out: the value is never None"
        return ctx.refuse(E_OPERAND_TYPES, node, operation="is None", types=show(value.type), instead=instead)
    test = apply("optional.is_none", BOOL, value)
    return _placed(ctx, node, test if isinstance(operator, ast.Is) else apply("bool.not", BOOL, test))


def _known_type(kind: Type) -> Type:
    return kind.args[0] if kind.is_optional else kind


def build_equality(ctx: Context, node: ast.expr, left: Expr, right: Expr, *, is_equal: bool = True) -> Expr:
    """`left == right`, or `!=`, of two typed values; the place is that of `node`."""
    if holds_error(left.type) or holds_error(right.type):
        return refuse_errors(ctx, node)
    name: OperatorName = "value.eq" if is_equal else "value.ne"
    if (made := compare_sets("==" if is_equal else "!=", left, right)) is not None:
        return _placed(ctx, node, made)
    instead = "compare values of one type"
    if left.type is NONE or right.type is NONE:
        instead = "write `is None`"
    elif split_contract(left.type) is None:
        for first, second in ((left, right), _aligned(left, right)):
            as_second, as_first = convert(first, second.type), convert(second, first.type)
            if as_second is not None:
                return _placed(ctx, node, apply(name, BOOL, as_second, second))
            if as_first is not None:
                return _placed(ctx, node, apply(name, BOOL, first, as_first))
    types = f"{show(left.type)} and {show(right.type)}"
    sign = "==" if is_equal else "!="
    edits = repair_none_test(ctx.module, node) if isinstance(node, ast.Compare) else []
    return ctx.refuse(E_OPERAND_TYPES, node, operation=sign, types=types, instead=instead, edits=edits)


def _is_plain(display: ast.Tuple | ast.List | ast.Set) -> bool:
    """Whether a display holds values, and no star."""
    return bool(display.elts) and not any(isinstance(each, ast.Starred) for each in display.elts)


def _membership(
    ctx: Context, node: ast.Compare, operator: ast.cmpop, left: Expr, right: Expr | None, right_node: ast.expr
) -> Expr:
    if right is None and isinstance(right_node, ast.Tuple | ast.List | ast.Set) and _is_plain(right_node):
        items = [ctx.check(item, left.type) for item in right_node.elts]
        if any(convert(item, left.type) is None for item in items):
            left = as_plain(left)
        fitted = [convert(item, left.type) for item in items]
        if all(item is not None for item in fitted):
            right = ListNew(list_of(left.type), ctx.span(right_node), [i for i in fitted if i is not None])
        else:
            right = items[0]
    elif right is None:
        right = check_searched(ctx, right_node)
    if has_unknown(left.type) or has_unknown(right.type):
        return ctx.unknown(node)
    if holds_error(left.type):
        return refuse_errors(ctx, node)
    if right.type.is_tuple:
        right = list_tuple_items(right) or right
    test = _find_test(left, right)
    if test is None:
        types = f"{show(left.type)} and {show(right.type)}"
        instead = "look for a value of the right type in a list, a dict, a str or bytes"
        return ctx.refuse(E_OPERAND_TYPES, node, operation="in", types=types, instead=instead)
    return _placed(ctx, node, test if isinstance(operator, ast.In) else apply("bool.not", BOOL, test))


def _find_test(left: Expr, right: Expr) -> Expr | None:
    """Whether a value is in this; None where that has no meaning."""
    kind = right.type
    if isinstance(right, Apply) and right.op == "int.range" and (item := convert(left, INT)) is not None:
        return apply("int.in_range", BOOL, item, *right.args)
    owners: list[tuple[bool, OperatorName]] = [
        (kind.is_list, "list.contains"),
        (is_set(kind), "set.contains"),
        (kind.is_dict, "dict.contains"),
    ]
    for is_owner, op in owners:
        if is_owner and (item := convert(left, kind.args[0])) is not None:
            return apply(op, BOOL, right, item, order=(1, 0))
    if as_plain(right).type is STR and as_plain(left).type is STR:
        return apply("str.contains", BOOL, as_plain(right), as_plain(left), order=(1, 0))
    if kind is BYTES and as_number(left).type in _IN_BYTES:
        item = as_number(left)
        return apply(_IN_BYTES[item.type], BOOL, right, item, order=(1, 0))
    return None
