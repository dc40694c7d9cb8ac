"""Which types an operator takes, and what type it gives: patterns with variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opforge_ir.operators.definition import Operator
from opforge_ir.types import (
    BOOL,
    BYTES,
    DECIMAL,
    INT,
    STR,
    Type,
    dict_of,
    list_of,
    optional_of,
    parse_type,
    set_of,
    tuple_of,
)

__all__ = ["is_orderable", "resolve_signature"]

_ORDERABLE: Final = frozenset({BOOL, BYTES, DECIMAL, INT, STR})


def is_orderable(kind: Type) -> bool:
    """Whether Python orders the values of this type by `<`: numbers, text, and lists and tuples of such."""
    if kind.is_list or kind.is_tuple:
        return all(map(is_orderable, kind.args))
    return kind in _ORDERABLE


_EACH: Final = "Each"
_VARIABLES: Final = frozenset({"A", "B", "C", "K", "O", "V", _EACH})


def resolve_signature(operator: Operator, arguments: tuple[Type, ...]) -> Type | None:
    """The result type of the operator for these argument types, or None when they do not fit."""
    patterns = operator.params
    if operator.is_variadic and len(arguments) > len(patterns):
        patterns += (patterns[-1],) * (len(arguments) - len(patterns))
    if len(patterns) != len(arguments):
        return None
    bound: dict[str, Type] = {}
    each: list[Type] = []
    for pattern, argument in zip(patterns, arguments, strict=True):
        if not _matches(parse_type(pattern), argument, bound):
            return None
        if _EACH in bound:
            each.append(bound.pop(_EACH))
    return _substitute(parse_type(operator.result), bound, each)


def _matches(pattern: Type, actual: Type, bound: dict[str, Type]) -> bool:
    if pattern.head in _VARIABLES and not pattern.args:
        if pattern.head == "O" and not is_orderable(actual):
            return False
        return bound.setdefault(pattern.head, actual) is actual
    if pattern.head != actual.head or len(pattern.args) != len(actual.args):
        return False
    return all(_matches(p, a, bound) for p, a in zip(pattern.args, actual.args, strict=True))


def _substitute(pattern: Type, bound: dict[str, Type], each: Sequence[Type]) -> Type:
    if pattern.head in _VARIABLES and not pattern.args:
        return bound[pattern.head]
    if not pattern.args:
        return pattern
    if pattern.is_tuple and pattern.args[0].head == _EACH:
        return tuple_of(*each)
    args = tuple(_substitute(arg, bound, each) for arg in pattern.args)
    match pattern.head:
        case "list":
            return list_of(args[0])
        case "set":
            return set_of(args[0])
        case "dict":
            return dict_of(args[0], args[1])
        case "tuple":
            return tuple_of(*args)
        case _:
            return optional_of(args[0])
