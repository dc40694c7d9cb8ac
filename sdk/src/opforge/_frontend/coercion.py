"""What Python does implicitly where a value meets an expected type, a test or another operand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opforge._frontend.context import Context
from opforge._frontend.scope import get_alternatives, get_declared
from opforge._frontend.source import Located
from opforge._frontend.symbols import CAUGHT, UNKNOWN, split_contract, split_enum
from opforge._frontend.tree import (
    Apply,
    BooleanChain,
    Comprehension,
    Conditional,
    ConstantRef,
    EnumPart,
    Expr,
    FieldOf,
    IsInstance,
    ListNew,
    Literal,
    Local,
    Narrow,
    Temporary,
    Widen,
    With,
)
from opforge._ir import OperatorName
from opforge_ir.address import is_address
from opforge_ir.codes.source import E_ALWAYS_TRUE, E_MAYBE_NONE, E_OPERAND_TYPES, E_TYPE_MISMATCH
from opforge_ir.codes.types import E_MAYBE_OTHER
from opforge_ir.types import ADDRESS, BOOL, DECIMAL, INT, KEY_TYPES, NONE, STR, Type, list_of, union_of

__all__ = [
    "apply",
    "as_number",
    "as_plain",
    "build_test",
    "convert",
    "fit",
    "fold",
    "has_unknown",
    "holds_error",
    "is_key_type",
    "is_stable",
    "refuse_errors",
    "show",
    "to_decimal",
    "truth",
]

_TRUTH: dict[str, OperatorName] = {
    "int": "int.bool",
    "Decimal": "decimal.bool",
    "str": "str.bool",
    "bytes": "bytes.bool",
    "list": "list.bool",
    "dict": "dict.bool",
    "set": "set.bool",
    "frozenset": "set.bool",
}
_PLAIN: Final = {"IntEnum": INT, "StrEnum": STR}
"""Enums whose values are values of another type as well."""

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
    if kind.is_union:
        return " | ".join(map(show, kind.args))
    name = kind.head.rpartition(".")[2]
    return f"{name}[{', '.join(show(arg) for arg in kind.args)}]" if kind.args else name


def has_unknown(kind: Type) -> bool:
    """Whether a part of the type has been refused already."""
    return kind is UNKNOWN or any(has_unknown(arg) for arg in kind.args)


def is_key_type(kind: Type) -> bool:
    """Whether a dict may be keyed by values of this type, and a set hold them."""
    return kind in KEY_TYPES or split_enum(kind) is not None


def holds_error(kind: Type) -> bool:
    """Whether values of the type are or hold errors that were caught."""
    return kind is CAUGHT or any(map(holds_error, kind.args))


def refuse_errors(ctx: Context, node: Located) -> Expr:
    """Report an error that is kept in a list or compared: in Python it is equal to itself only."""
    instead = "keep and compare their texts: `str(error)`"
    return ctx.refuse(E_OPERAND_TYPES, node, operation="this", types="errors", instead=instead)


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
        if actual.is_optional:
            return _convert_optional(value, expected)
        inner = convert(value, expected.args[0])
        return None if inner is None else apply("optional.some", expected, inner)
    if expected.is_union:
        is_part = all(each in expected.args for each in get_alternatives(actual))
        return Widen(expected, value.span, value) if is_part else None
    if expected.is_list and isinstance(value, ListNew | Comprehension):
        return _convert_items(value, expected.args[0])
    plain = as_plain(value)
    return plain if plain is not value and plain.type is expected else None


def _convert_optional(value: Expr, expected: Type) -> Expr | None:
    """An Optional as one of a wider type: None stays None."""
    span = value.span
    once = With(expected, span, value)
    known = apply("optional.value", value.type.args[0], Temporary(value.type, span, once))
    inner = convert(known, expected.args[0])
    if inner is None:
        return None
    is_none = apply("optional.is_none", BOOL, Temporary(value.type, span, once))
    some = apply("optional.some", expected, inner)
    once.body = Conditional(expected, span, is_none, Literal(expected, span, "None"), some)
    return once


def _convert_items(value: ListNew | Comprehension, wanted: Type) -> Expr | None:
    """A list that is just being made, with its items converted."""
    if isinstance(value, Comprehension):
        element = convert(value.element, wanted)
        if element is None:
            return None
        return Comprehension(list_of(wanted), value.span, value.clauses, element)
    items = [item for item in (convert(each, wanted) for each in value.items) if item is not None]
    return ListNew(list_of(wanted), value.span, items) if len(items) == len(value.items) else None


def fit(ctx: Context, node: Located, value: Expr, expected: Type) -> Expr:
    """The value as one of the expected type; a problem where it is not."""
    converted = convert(value, expected)
    if converted is not None:
        return fold(ctx, converted)
    actual = value.type
    if actual.is_optional and actual.args[0] is expected:
        return ctx.refuse(E_MAYBE_NONE, node)
    if actual.is_union and expected in actual.args:
        other = next(each for each in actual.args if each is not expected)
        return ctx.refuse(E_MAYBE_OTHER, node, record=show(other), reason="", example=show(expected))
    hint = _CONVERSIONS.get((actual.head, expected.head), "")
    if actual is STR and expected is ADDRESS and isinstance(value, Literal):
        hint = f': `Address("{value.value}")`' if is_address(value.value) else ': `Address("0x...")`'
    elif actual.is_list and expected.is_list and (expected.args[0].is_union or expected.args[0].is_optional):
        hint = ": `[item for item in items]` makes one"
    elif (enum := ctx.program.enum_of(actual)) is not None and enum.value_type is expected:
        hint = ": `.value` is the member's value"
    elif (enum := ctx.program.enum_of(expected)) is not None and enum.value_type is actual:
        hint = f": `{enum.name}(...)` gives the member that has a value"
    elif split_contract(actual) is not None and show(actual) == show(expected):
        hint = ": leave out `network=`, and pass `at=` where it is read"
    elif split_contract(actual) is not None and expected.head == "Address":
        hint = ": `.address` is the contract's address"
    return ctx.refuse(E_TYPE_MISMATCH, node, actual=show(actual), expected=show(expected), hint=hint)


def as_plain(value: Expr) -> Expr:
    """A value of an IntEnum as the int that it is, one of a StrEnum as the str; anything else as it is."""
    plain = _get_plain(value.type)
    return value if plain is None else EnumPart(plain, value.span, value.type, "value", value)


def _get_plain(kind: Type) -> Type | None:
    enum = split_enum(kind)
    return None if enum is None else _PLAIN.get(enum[0])


def as_number(value: Expr) -> Expr:
    """A bool as the int that Python computes with; anything else as `as_plain` gives it."""
    return apply("bool.int", INT, value) if value.type is BOOL else as_plain(value)


def fold(ctx: Context, value: Expr) -> Expr:
    """The literal that a part of an enum's member is; anything else as it is."""
    if not isinstance(value, EnumPart) or not isinstance(value.of, Literal):
        return value
    enum = ctx.program.enum_of(value.enum)
    text = value.of.value
    if enum is None or value.part.startswith("from_"):
        return value
    return Literal(value.type, value.span, text if value.part == "name" else str(enum.values[text]))


def is_stable(value: Expr) -> bool:
    """Whether evaluating it later or twice is the same: a name, a literal, or a field of one."""
    match value:
        case Literal() | Local() | ConstantRef() | Temporary():
            return True
        case FieldOf():
            return is_stable(value.of)
        case Apply(op="optional.value"):
            return is_stable(value.args[0])
        case Narrow() | Widen():
            return is_stable(value.value)
        case _:
            return False


def build_test(value: Expr, records: Sequence[Type]) -> Expr | None:
    """Whether a value is one of these records, as `isinstance` says; None where its type holds none of them.

    The value has an Optional or Union type, or was taken out of one by what is known of it (`read`); it is
    tested as what it was before. `narrowings` tells what follows from the test.
    """
    value = get_declared(value)
    tested = [each for each in get_alternatives(value.type) if each in records]
    if not tested or not (value.type.is_optional or value.type.is_union):
        return None
    if not value.type.is_optional:
        return _test_union(value, tested)
    span = value.span
    once = None if is_stable(value) else With(BOOL, span, value)
    given = value if once is None else Temporary(value.type, span, once)
    is_set = apply("bool.not", BOOL, apply("optional.is_none", BOOL, given))
    known = apply("optional.value", value.type.args[0], given)
    is_all = len(tested) == len(get_alternatives(known.type))
    test = is_set if is_all else BooleanChain(BOOL, span, True, [is_set, _test_union(known, tested)])
    if once is None:
        return test
    once.body = test
    return once


def _test_union(value: Expr, tested: Sequence[Type]) -> Expr:
    if len(tested) == len(value.type.args):
        return With(BOOL, value.span, value, Literal(BOOL, value.span, "true"))
    return IsInstance(BOOL, value.span, union_of(*tested), value)


def to_decimal(value: Expr) -> Expr:
    """An int as the Decimal that Python converts it to beside a Decimal (exactly)."""
    if value.type is not INT:
        return value
    if isinstance(value, Literal):
        return Literal(DECIMAL, value.span, value.value)
    return apply("int.decimal", DECIMAL, value)


def _optional_truth(ctx: Context, node: Located, value: Expr) -> Expr:
    inner = value.type.args[0]
    if inner is not BOOL and inner.head not in _TRUTH and _get_plain(inner) is None:
        return apply("bool.not", BOOL, apply("optional.is_none", BOOL, value))
    once = None if is_stable(value) else With(BOOL, value.span, value)
    given = value if once is None else Temporary(value.type, value.span, once)
    is_set = apply("bool.not", BOOL, apply("optional.is_none", BOOL, given))
    known = apply("optional.value", inner, given)
    test = BooleanChain(BOOL, value.span, True, [is_set, truth(ctx, node, known)])
    if once is None:
        return test
    once.body = test
    return once


def truth(ctx: Context, node: Located, value: Expr) -> Expr:
    """What `if value` tests."""
    value = as_plain(value)
    kind = value.type
    if kind is BOOL or has_unknown(kind):
        return value
    if kind.head in _TRUTH:
        return apply(_TRUTH[kind.head], BOOL, value)
    if kind.is_optional:
        return _optional_truth(ctx, node, value)
    if kind is NONE:
        return Literal(BOOL, value.span, "false")
    return ctx.refuse(E_ALWAYS_TRUE, node, type=show(kind))
