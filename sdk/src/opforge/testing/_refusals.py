"""Requests that a run refuses without asking anybody."""

from __future__ import annotations

from typing import Any

from opforge._errors import EffectError, RandomError
from opforge.testing._declarations import find_declarations, list_argument_types
from opforge.testing._failures import build_failure
from opforge.testing._values import fits
from opforge.testing.effects import ChainCall, Effect, RandomInteger
from opforge_ir.codes.transport import E_ABI_VALUE

__all__ = ["find_refusal"]


def find_refusal(effect: Effect[Any]) -> EffectError | None:
    """The error of a request that cannot be made: an empty range, or an argument out of its ABI type."""
    match effect:
        case RandomInteger(low, high) if low > high:
            return build_failure(effect, RandomError)
        case ChainCall() if not _can_encode(effect):
            return EffectError(E_ABI_VALUE.name)
        case _:
            return None


def _can_encode(call: ChainCall[Any]) -> bool:
    """Whether some declaration of the function can hold the arguments; also when none is known."""
    declarations = find_declarations(call)
    return not declarations or any(
        all(map(fits, list_argument_types(declaration), call.arguments)) for declaration in declarations
    )
