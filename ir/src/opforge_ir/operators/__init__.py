"""The closed set of pure operators, each defined once: signature, errors, documentation and implementation.

The front end chooses operators and computes constants with them, the validator checks their arguments, the
runtime applies them, and the reference is generated from here. There is one module for each family of types.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from opforge_ir.operators.amounts import AMOUNT_OPERATORS
from opforge_ir.operators.booleans import BOOLEAN_OPERATORS
from opforge_ir.operators.byte_strings import BYTE_STRING_OPERATORS
from opforge_ir.operators.decimal_methods import DECIMAL_METHOD_OPERATORS
from opforge_ir.operators.decimals import DECIMAL_OPERATORS
from opforge_ir.operators.definition import Operator
from opforge_ir.operators.dict_changes import DICT_CHANGES
from opforge_ir.operators.dicts import DICT_OPERATORS
from opforge_ir.operators.integer_bits import INTEGER_BIT_OPERATORS
from opforge_ir.operators.integer_functions import INTEGER_FUNCTION_OPERATORS
from opforge_ir.operators.integers import INTEGER_OPERATORS
from opforge_ir.operators.list_changes import LIST_CHANGES
from opforge_ir.operators.lists import LIST_OPERATORS
from opforge_ir.operators.optionals import OPTIONAL_OPERATORS
from opforge_ir.operators.ordering import ORDERING_OPERATORS
from opforge_ir.operators.resolution import is_orderable, resolve_signature
from opforge_ir.operators.sets import SET_OPERATORS
from opforge_ir.operators.string_parts import STRING_PART_OPERATORS
from opforge_ir.operators.string_properties import STRING_PROPERTY_OPERATORS
from opforge_ir.operators.strings import ADDRESS_OPERATORS, STRING_OPERATORS
from opforge_ir.operators.values import VALUE_OPERATORS
from opforge_ir.types import Type

__all__ = ["OPERATORS", "Operator", "is_orderable", "resolve_operator"]


def _table(operators: Iterable[Operator]) -> dict[str, Operator]:
    table: dict[str, Operator] = {}
    for operator in operators:
        if operator.name in table:
            raise ValueError(f"the operator {operator.name} is defined twice")
        table[operator.name] = operator
    return table


OPERATORS: Final[dict[str, Operator]] = _table(
    (
        *VALUE_OPERATORS,
        *BOOLEAN_OPERATORS,
        *INTEGER_OPERATORS,
        *INTEGER_BIT_OPERATORS,
        *INTEGER_FUNCTION_OPERATORS,
        *DECIMAL_OPERATORS,
        *DECIMAL_METHOD_OPERATORS,
        *STRING_OPERATORS,
        *STRING_PART_OPERATORS,
        *STRING_PROPERTY_OPERATORS,
        *BYTE_STRING_OPERATORS,
        *ADDRESS_OPERATORS,
        *AMOUNT_OPERATORS,
        *LIST_OPERATORS,
        *ORDERING_OPERATORS,
        *LIST_CHANGES,
        *DICT_OPERATORS,
        *DICT_CHANGES,
        *SET_OPERATORS,
        *OPTIONAL_OPERATORS,
    )
)
"""Every operator by name."""


@lru_cache(maxsize=65536)
def resolve_operator(name: str, arguments: tuple[Type, ...]) -> Type | None:
    """The result type of the operator for these argument types, or None when they do not fit.

    Raises KeyError for an unknown operator.
    """
    return resolve_signature(OPERATORS[name], arguments)
