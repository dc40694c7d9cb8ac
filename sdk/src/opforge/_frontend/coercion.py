"""What Python does implicitly where a value meets an expected type, a test or another operand."""

from __future__ import annotations

from opforge._frontend.context import Context
from opforge._frontend.source import Located
from opforge._frontend.symbols import UNKNOWN, split_contract
from opforge._frontend.tree import Apply, BooleanChain, Expr, Literal
from opforge._ir import OperatorName
from opforge_ir.address import is_address
from opforge_ir.codes.source import E_ALWAYS_TRUE, E_MAYBE_NONE, E_TYPE_MISMATCH
from opforge_ir.types import ADDRESS, BOOL, DECIMAL, INT, NONE, STR, Type

__all__ = ["apply", "as_number", "convert", "fit", "has_unknown", "show", "to_decimal", "truth"]

_TRUTH: dict[str, OperatorName] = {
    "int": "int.bool",
    "Decimal": "decimal.bool",
    "str": "str.bool",
    "bytes": "bytes.bool",
    "list": "list.bool",
    "dict": "dict.bool",
}

_CONVERSIONS: dict[tuple[str, str], str] = {
    ("int", "Decimal"): ": `Decimal(...)` converts it",
    ("bool", "int"): ": `int(...)` converts it",
    ("str", "int"): ": `int(...)` reads it",
    ("str", "Decimal"): ": `Decimal(...)` reads it",
    ("str", "Address"): ": `Address(...)` reads it",
    ("int", "str"): ": `str(...)` or an f-string shows it",
    ("Decimal", "str"): ": `str(...)` or an f-string shows it",
    ("Address", "str"): ": `str(...)` or an f-string shows it",
    ("Decimal", "int"): ": `int(...)` cuts off what is behind the point",
}
"""How a value of one type is made one of another."""


def show(kind: Type) -> str:
    """A type as its author writes it."""
    contract = split_contract(kind)
    if contract is not None:
        return contract[0].rpartition(".")[2]
    if kind.is_optional:
        return f"{show(kind.args[0])} | None"
    name = kind.head.rpartition(".")[2]
    return f"{name}[{', '.join(show(arg) for arg in kind.args)}]" if kind.args else name


def has_unknown(kind: Type) -> bool:
    """Whether a part of the type has been refused already."""
    return kind is UNKNOWN or any(has_unknown(arg) for arg in kind.args)


def apply(op: OperatorName, result: Type, *args: Expr, order: tuple[int, ...] | None = None) -> Expr:
    """An operator applied where its operands stand."""
    first, last = args[0].span, args[-1].span
    span = first
    if (first.line, first.column) <= (last.line, last.column) and first.path == last.path:
        span = type(first)(first.path, first.line, first.column, last.end_line, last.end_column)
    return Apply(result, span, op, list(args), order)


def convert(value: Expr, expected: Type) -> Expr | None:
    """The value as one of the expected type, or None where it is not."""
    actual = value.type
    if actual is expected or has_unknown(actual) or has_unknown(expected):
        return value
    if expected.is_optional:
        if actual is NONE:
            return Literal(expected, value.span, "None") if isinstance(value, Literal) else None
        inner = convert(value, expected.args[0])
        return None if inner is None else apply("optional.some", expected, inner)
    return None


def fit(ctx: Context, node: Located, value: Expr, expected: Type) -> Expr:
    """The value as one of the expected type; a problem where it is not."""
    converted = convert(value, expected)
    if converted is not None:
        return converted
    actual = value.type
    if actual.is_optional and actual.args[0] is expected:
        return ctx.refuse(E_MAYBE_NONE, node)
    hint = _CONVERSIONS.get((actual.head, expected.head), "")
    if actual is STR and expected is ADDRESS and isinstance(value, Literal):
        hint = f': `Address("{value.value}")`' if is_address(value.value) else ': `Address("0x...")`'
    elif split_contract(actual) is not None and show(actual) == show(expected):
        hint = ": leave out `network=`, and pass `at=` where it is read"
    elif split_contract(actual) is not None and expected.head == "Address":
        hint = ": `.address` is the contract's address"
    return ctx.refuse(E_TYPE_MISMATCH, node, actual=show(actual), expected=show(expected), hint=hint)


def as_number(value: Expr) -> Expr:
    """A bool as the int that Python computes with; anything else as it is."""
    return apply("bool.int", INT, value) if value.type is BOOL else value


def to_decimal(value: Expr) -> Expr:
    """An int as the Decimal that Python converts it to beside a Decimal (exactly)."""
    if value.type is not INT:
        return value
    if isinstance(value, Literal):
        return Literal(DECIMAL, value.span, value.value)
    return apply("int.decimal", DECIMAL, value)


def truth(ctx: Context, node: Located, value: Expr) -> Expr:
    """What `if value` tests."""
    kind = value.type
    if kind is BOOL or has_unknown(kind):
        return value
    if kind.head in _TRUTH:
        return apply(_TRUTH[kind.head], BOOL, value)
    if kind.is_optional:
        inner = kind.args[0]
        is_set = apply("bool.not", BOOL, apply("optional.is_none", BOOL, value))
        if inner is BOOL or inner.head in _TRUTH:
            known = apply("optional.value", inner, value)
            return BooleanChain(BOOL, value.span, True, [is_set, truth(ctx, node, known)])
        return is_set
    if kind is NONE:
        return Literal(BOOL, value.span, "false")
    return ctx.refuse(E_ALWAYS_TRUE, node, type=show(kind))
