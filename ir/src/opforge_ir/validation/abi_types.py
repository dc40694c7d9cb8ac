"""Whether a type of the language carries an ABI type."""

from __future__ import annotations

from opforge_ir.abi_types import type_of_abi
from opforge_ir.types import Type
from opforge_ir.validation.definitions import is_known

__all__ = ["fits_abi"]


def fits_abi(abi: str, kind: Type) -> bool:
    """Whether values of the ABI type are values of this type; an unknown type is not a second problem."""
    return not is_known(kind) or type_of_abi(abi) is kind
