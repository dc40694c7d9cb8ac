"""What all models of the document share, and the strings that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from typing_extensions import TypeAliasType

from opforge_ir.capabilities import VERBS
from opforge_ir.errors import ERRORS
from opforge_ir.ids import QUALIFIED_PATTERN, SEGMENT_PATTERN
from opforge_ir.operators import OPERATORS
from opforge_ir.types import MAX_TYPE_LENGTH, TYPE_PATTERN

__all__ = [
    "AbiType",
    "ContractAddress",
    "ErrorName",
    "Host",
    "Model",
    "MutatingOperatorName",
    "OperatorName",
    "Qualified",
    "Segment",
    "Selector",
    "TypeText",
    "VerbName",
]

Segment = Annotated[str, StringConstraints(pattern=SEGMENT_PATTERN, max_length=63)]
Qualified = Annotated[str, StringConstraints(pattern=QUALIFIED_PATTERN, max_length=1023)]
TypeText = Annotated[str, StringConstraints(pattern=TYPE_PATTERN, max_length=MAX_TYPE_LENGTH)]
Selector = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{8}$")]
ContractAddress = Annotated[str, StringConstraints(pattern=r"^(0x[0-9a-f]{40}|any)$")]
AbiType = Annotated[str, StringConstraints(pattern=r"^[a-z]+[0-9]{0,3}(\[[0-9]{0,4}\]){0,4}$", max_length=40)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$")]
if TYPE_CHECKING:  # checkers cannot read a Literal that is computed from a table
    OperatorName = str
    MutatingOperatorName = str
    VerbName = str
    ErrorName = str
else:
    OperatorName = TypeAliasType(
        "OperatorName", Literal[tuple(name for name, o in OPERATORS.items() if not o.is_mutating)]
    )
    MutatingOperatorName = TypeAliasType(
        "MutatingOperatorName", Literal[tuple(name for name, o in OPERATORS.items() if o.is_mutating)]
    )
    VerbName = TypeAliasType("VerbName", Literal[tuple(VERBS)])
    ErrorName = TypeAliasType("ErrorName", Literal[tuple(ERRORS)])


class Model(BaseModel):
    """What all models of the contract share: unknown fields are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
