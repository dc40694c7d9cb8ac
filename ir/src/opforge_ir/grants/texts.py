"""What operators make of texts that are known as a whole: the operator itself says it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final

from opforge_ir.grants.known import ANY, MAX_TEXTS, NOTHING, Known, Text, Texts, cut
from opforge_ir.operators import OPERATORS
from opforge_ir.operators.bounds import OperationRefusedError

__all__ = ["TEXT_OPERATORS", "apply_to_texts"]

_OPTIONAL: Final = "Optional[str]"

TEXT_OPERATORS: Final = frozenset(
    operator.name
    for operator in OPERATORS.values()
    if operator.result == "str"
    and {"str"} <= {*operator.params} <= {"str", _OPTIONAL}
    and not operator.is_variadic
)
"""Operators that make a text of nothing but texts."""


def apply_to_texts(name: str, arguments: Sequence[Known]) -> Known:
    """What one of `TEXT_OPERATORS` makes of its arguments, each of which may be one of several texts.

    Where an option makes the operator fail, the program goes on with another one or not at all.
    """
    operator = OPERATORS[name]
    options: list[list[str | None]] = []
    for kind, known in zip(operator.params, arguments, strict=True):
        if not isinstance(known, Texts) or not all(text.is_whole for text in known.options):
            return ANY
        found: list[str | None] = [text.prefix for text in known.options]
        if kind == _OPTIONAL:
            found.append(None)
        options.append(found)
    if prod(map(len, options)) > MAX_TEXTS:
        return ANY
    made: set[Text] = set()
    for values in product(*options):
        try:
            made.add(cut(Text(operator.compute(*values), is_whole=True)))
        except (ValueError, OperationRefusedError):
            continue
    return Texts(frozenset(made)) if made else NOTHING
