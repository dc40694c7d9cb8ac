"""The closed set of pure operators, defined once.

Each operator has a signature over type patterns, the errors that CPython's own operation raises, and
one line of documentation. The front end chooses operators, the validator checks their arguments, the
runtime implements each one (a test holds the two sets equal), and the reference is generated from
here. In a pattern the names `A`, `B`, `C`, `K` and `V` stand for any type, the same one wherever
they occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from opforge_ir.types import Type, dict_of, list_of, optional_of, parse_type, tuple_of

__all__ = ["OPERATORS", "Operator", "resolve_operator"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One pure operator."""

    name: str
    params: tuple[str, ...]
    """Type patterns of the arguments."""
    result: str
    """Type pattern of the result."""
    doc: str
    raises: tuple[str, ...] = ()
    """Names of the Python exceptions that the operation may raise."""
    is_variadic: bool = False
    """Whether the last parameter may occur any number of times, at least once."""
    is_mutating: bool = False
    """Whether it changes its first argument; then it stands in a `do` node, never in an expression."""


def _table(*operators: Operator) -> dict[str, Operator]:
    table = {operator.name: operator for operator in operators}
    if len(table) != len(operators):
        raise ValueError("an operator is defined twice")
    return table


_BINARY_INT = ("int", "int")
_BINARY_DECIMAL = ("Decimal", "Decimal")
_DECIMAL_SIGNALS = ("InvalidOperation", "Overflow")

OPERATORS: Final[dict[str, Operator]] = _table(
    # comparison of any two values of one type
    Operator("value.eq", ("A", "A"), "bool", "`a == b`", ("InvalidOperation",)),
    Operator("value.ne", ("A", "A"), "bool", "`a != b`", ("InvalidOperation",)),
    # bool
    Operator("bool.not", ("bool",), "bool", "`not a`"),
    Operator("bool.str", ("bool",), "str", "`str(a)`: `True` or `False`"),
    Operator("bool.int", ("bool",), "int", "`int(a)`: 1 or 0"),
    # int: unbounded, exact
    Operator("int.add", _BINARY_INT, "int", "`a + b`"),
    Operator("int.sub", _BINARY_INT, "int", "`a - b`"),
    Operator("int.mul", _BINARY_INT, "int", "`a * b`"),
    Operator(
        "int.floordiv",
        _BINARY_INT,
        "int",
        "`a // b`, rounding towards minus infinity",
        ("ZeroDivisionError",),
    ),
    Operator("int.mod", _BINARY_INT, "int", "`a % b`, with the sign of `b`", ("ZeroDivisionError",)),
    Operator("int.pow", _BINARY_INT, "int", "`a ** b` for `b >= 0`", ("ValueError", "OverflowError")),
    Operator("int.neg", ("int",), "int", "`-a`"),
    Operator("int.abs", ("int",), "int", "`abs(a)`"),
    Operator("int.lt", _BINARY_INT, "bool", "`a < b`"),
    Operator("int.le", _BINARY_INT, "bool", "`a <= b`"),
    Operator("int.gt", _BINARY_INT, "bool", "`a > b`"),
    Operator("int.ge", _BINARY_INT, "bool", "`a >= b`"),
    Operator("int.min", ("int", "int"), "int", "`min(a, b, …)`", is_variadic=True),
    Operator("int.max", ("int", "int"), "int", "`max(a, b, …)`", is_variadic=True),
    Operator("int.str", ("int",), "str", "`str(a)`"),
    Operator("int.bool", ("int",), "bool", "`bool(a)`"),
    Operator("int.decimal", ("int",), "Decimal", "`Decimal(a)`, exact"),
    Operator(
        "int.format",
        ("int", "str"),
        "str",
        "`format(a, spec)`; not the locale's `n`",
        ("ValueError", "OverflowError"),
    ),
    Operator(
        "int.range",
        ("int", "int", "int"),
        "list[int]",
        "`list(range(a, b, step))`",
        ("ValueError", "OverflowError"),
    ),
    # Decimal: in the program's context
    Operator("decimal.add", _BINARY_DECIMAL, "Decimal", "`a + b`", _DECIMAL_SIGNALS),
    Operator("decimal.sub", _BINARY_DECIMAL, "Decimal", "`a - b`", _DECIMAL_SIGNALS),
    Operator("decimal.mul", _BINARY_DECIMAL, "Decimal", "`a * b`", _DECIMAL_SIGNALS),
    Operator("decimal.div", _BINARY_DECIMAL, "Decimal", "`a / b`", ("DivisionByZero", *_DECIMAL_SIGNALS)),
    Operator(
        "decimal.floordiv",
        _BINARY_DECIMAL,
        "Decimal",
        "`a // b`, truncating",
        ("DivisionByZero", *_DECIMAL_SIGNALS),
    ),
    Operator("decimal.mod", _BINARY_DECIMAL, "Decimal", "`a % b`, with the sign of `a`", _DECIMAL_SIGNALS),
    Operator("decimal.pow", _BINARY_DECIMAL, "Decimal", "`a ** b`", _DECIMAL_SIGNALS),
    Operator("decimal.neg", ("Decimal",), "Decimal", "`-a`", _DECIMAL_SIGNALS),
    Operator("decimal.abs", ("Decimal",), "Decimal", "`abs(a)`", _DECIMAL_SIGNALS),
    Operator("decimal.lt", _BINARY_DECIMAL, "bool", "`a < b`", ("InvalidOperation",)),
    Operator("decimal.le", _BINARY_DECIMAL, "bool", "`a <= b`", ("InvalidOperation",)),
    Operator("decimal.gt", _BINARY_DECIMAL, "bool", "`a > b`", ("InvalidOperation",)),
    Operator("decimal.ge", _BINARY_DECIMAL, "bool", "`a >= b`", ("InvalidOperation",)),
    Operator(
        "decimal.min", _BINARY_DECIMAL, "Decimal", "`min(a, b, …)`", ("InvalidOperation",), is_variadic=True
    ),
    Operator(
        "decimal.max", _BINARY_DECIMAL, "Decimal", "`max(a, b, …)`", ("InvalidOperation",), is_variadic=True
    ),
    Operator("decimal.str", ("Decimal",), "str", "`str(a)`"),
    Operator("decimal.bool", ("Decimal",), "bool", "`bool(a)`"),
    Operator("decimal.int", ("Decimal",), "int", "`int(a)`, towards zero", ("ValueError", "OverflowError")),
    Operator(
        "decimal.format",
        ("Decimal", "str"),
        "str",
        "`format(a, spec)`; not the locale's `n`",
        ("ValueError",),
    ),
    Operator(
        "decimal.quantize", _BINARY_DECIMAL, "Decimal", "`a.quantize(b)`, half to even", ("InvalidOperation",)
    ),
    Operator(
        "decimal.round",
        ("Decimal", "int"),
        "Decimal",
        "`round(a, digits)`",
        ("InvalidOperation", "OverflowError"),
    ),
    # str
    Operator("str.concat", ("str",), "str", "`a + b + …`, and the parts of an f-string", is_variadic=True),
    Operator("str.len", ("str",), "int", "`len(a)`, in code points"),
    Operator("str.bool", ("str",), "bool", "`bool(a)`: whether it is not empty"),
    Operator("str.lt", ("str", "str"), "bool", "`a < b`, by code point"),
    Operator("str.le", ("str", "str"), "bool", "`a <= b`, by code point"),
    Operator("str.gt", ("str", "str"), "bool", "`a > b`, by code point"),
    Operator("str.ge", ("str", "str"), "bool", "`a >= b`, by code point"),
    Operator("str.contains", ("str", "str"), "bool", "`b in a`"),
    Operator("str.upper", ("str",), "str", "`a.upper()`"),
    Operator("str.lower", ("str",), "str", "`a.lower()`"),
    Operator("str.strip", ("str",), "str", "`a.strip()`"),
    Operator("str.startswith", ("str", "str"), "bool", "`a.startswith(b)`"),
    Operator("str.endswith", ("str", "str"), "bool", "`a.endswith(b)`"),
    Operator("str.split", ("str", "str"), "list[str]", "`a.split(b)`", ("ValueError",)),
    Operator("str.join", ("str", "list[str]"), "str", "`a.join(parts)`"),
    Operator("str.int", ("str",), "int", "`int(a)`", ("ValueError",)),
    Operator("str.decimal", ("str",), "Decimal", "`Decimal(a)`", ("InvalidOperation",)),
    Operator("str.format", ("str", "str"), "str", "`format(a, spec)`", ("ValueError",)),
    # bytes
    Operator("bytes.concat", ("bytes", "bytes"), "bytes", "`a + b`"),
    Operator("bytes.len", ("bytes",), "int", "`len(a)`"),
    Operator("bytes.bool", ("bytes",), "bool", "`bool(a)`"),
    Operator("bytes.hex", ("bytes",), "str", "`a.hex()`"),
    # Address
    Operator("address.str", ("Address",), "str", "`str(a)`: the EIP-55 spelling"),
    # list
    Operator("list.len", ("list[A]",), "int", "`len(a)`"),
    Operator("list.bool", ("list[A]",), "bool", "`bool(a)`"),
    Operator("list.get", ("list[A]", "int"), "A", "`a[i]`, also from the end", ("IndexError",)),
    Operator("list.contains", ("list[A]", "A"), "bool", "`x in a`", ("InvalidOperation",)),
    Operator("list.concat", ("list[A]", "list[A]"), "list[A]", "`a + b`, a new list"),
    Operator("list.reversed", ("list[A]",), "list[A]", "`list(reversed(a))`"),
    Operator("list.zip", ("list[A]", "list[B]"), "list[tuple[A,B]]", "`list(zip(a, b))`"),
    Operator("list.zip3", ("list[A]", "list[B]", "list[C]"), "list[tuple[A,B,C]]", "`list(zip(a, b, c))`"),
    Operator("list.enumerate", ("list[A]", "int"), "list[tuple[int,A]]", "`list(enumerate(a, start))`"),
    Operator("list.flatten", ("list[list[A]]",), "list[A]", "the items of the items, in order"),
    Operator("list.sum_int", ("list[int]", "int"), "int", "`sum(a, start)`"),
    Operator(
        "list.sum_decimal", ("list[Decimal]", "Decimal"), "Decimal", "`sum(a, start)`", _DECIMAL_SIGNALS
    ),
    Operator("list.min_int", ("list[int]",), "int", "`min(a)`", ("ValueError",)),
    Operator("list.max_int", ("list[int]",), "int", "`max(a)`", ("ValueError",)),
    Operator(
        "list.min_decimal", ("list[Decimal]",), "Decimal", "`min(a)`", ("ValueError", "InvalidOperation")
    ),
    Operator(
        "list.max_decimal", ("list[Decimal]",), "Decimal", "`max(a)`", ("ValueError", "InvalidOperation")
    ),
    Operator("list.any", ("list[bool]",), "bool", "`any(a)`"),
    Operator("list.all", ("list[bool]",), "bool", "`all(a)`"),
    Operator("list.sorted_int", ("list[int]",), "list[int]", "`sorted(a)`"),
    Operator("list.sorted_str", ("list[str]",), "list[str]", "`sorted(a)`, by code point"),
    Operator("list.append", ("list[A]", "A"), "None", "`a.append(x)`", is_mutating=True),
    # dict: keeps insertion order
    Operator("dict.len", ("dict[K,V]",), "int", "`len(a)`"),
    Operator("dict.bool", ("dict[K,V]",), "bool", "`bool(a)`"),
    Operator("dict.item", ("dict[K,V]", "K"), "V", "`a[key]`", ("KeyError",)),
    Operator("dict.get", ("dict[K,V]", "K", "V"), "V", "`a.get(key, default)`"),
    Operator("dict.find", ("dict[K,V]", "K"), "Optional[V]", "`a.get(key)`"),
    Operator("dict.contains", ("dict[K,V]", "K"), "bool", "`key in a`"),
    Operator("dict.keys", ("dict[K,V]",), "list[K]", "`list(a)`, in insertion order"),
    Operator("dict.values", ("dict[K,V]",), "list[V]", "`list(a.values())`, in insertion order"),
    Operator("dict.items", ("dict[K,V]",), "list[tuple[K,V]]", "`list(a.items())`, in insertion order"),
    Operator(
        "dict.from_pairs",
        ("list[tuple[K,V]]",),
        "dict[K,V]",
        "`dict(pairs)`: a later pair replaces an earlier one in its place",
    ),
    Operator("dict.set", ("dict[K,V]", "K", "V"), "None", "`a[key] = value`", is_mutating=True),
    # Optional
    Operator(
        "optional.some", ("A",), "Optional[A]", "a value where None is possible too; not of an Optional"
    ),
    Operator("optional.is_none", ("Optional[A]",), "bool", "`a is None`"),
    Operator(
        "optional.value", ("Optional[A]",), "A", "the value where it is known not to be None", ("TypeError",)
    ),
)

_VARIABLES = frozenset({"A", "B", "C", "K", "V"})


@lru_cache(maxsize=65536)
def resolve_operator(name: str, arguments: tuple[Type, ...]) -> Type | None:
    """The result type of the operator for these argument types, or None when they do not fit.

    Raises KeyError for an unknown operator.
    """
    operator = OPERATORS[name]
    patterns = operator.params
    if operator.is_variadic and len(arguments) > len(patterns):
        patterns += (patterns[-1],) * (len(arguments) - len(patterns))
    if len(patterns) != len(arguments):
        return None
    bound: dict[str, Type] = {}
    for pattern, argument in zip(patterns, arguments, strict=True):
        if not _matches(parse_type(pattern), argument, bound):
            return None
    return _substitute(parse_type(operator.result), bound)


def _matches(pattern: Type, actual: Type, bound: dict[str, Type]) -> bool:
    if pattern.head in _VARIABLES and not pattern.args:
        return bound.setdefault(pattern.head, actual) is actual
    if pattern.head != actual.head or len(pattern.args) != len(actual.args):
        return False
    return all(_matches(p, a, bound) for p, a in zip(pattern.args, actual.args, strict=True))


def _substitute(pattern: Type, bound: dict[str, Type]) -> Type:
    if pattern.head in _VARIABLES and not pattern.args:
        return bound[pattern.head]
    if not pattern.args:
        return pattern
    args = tuple(_substitute(arg, bound) for arg in pattern.args)
    match pattern.head:
        case "list":
            return list_of(args[0])
        case "dict":
            return dict_of(args[0], args[1])
        case "tuple":
            return tuple_of(*args)
        case _:
            return optional_of(args[0])
