"""Errors that a test lets an effect fail with, with the text that the same error has in a run."""

from __future__ import annotations

from typing import Any

from opforge._errors import ChildFailed, EffectError, Reverted
from opforge.testing.effects import Effect
from opforge_ir.effect_failures import NO_REASON, UNSTATED, get_failure_code, list_failures
from opforge_ir.errors import find_error

__all__ = ["build_failure"]


def build_failure(effect: Effect[Any], scripted: EffectError | type[EffectError]) -> EffectError:
    """The error to raise for an effect: a new one each time, as a raised error keeps its traceback.

    The text of a revert is its reason, that of a child run what ended it, that of any other error the name of
    its code, which may be left out: `RpcError("E_RPC_ERROR")`. Raises ValueError when a verb never does so.
    """
    kind = scripted if isinstance(scripted, type) else type(scripted)
    text = "" if isinstance(scripted, type) else str(scripted)
    default = get_failure_code(effect.verb, kind.__name__)
    if kind is Reverted:
        return Reverted(text or NO_REASON)
    if kind is ChildFailed:
        return ChildFailed(text or UNSTATED)
    codes = [
        name
        for name, code in list_failures(effect.verb).items()
        if name == code.name and find_error(code, {}) == kind.__name__
    ]
    if text and text not in codes:
        raise ValueError(f"the text of {kind.__name__} is the name of its code, one of: {', '.join(codes)}")
    return kind(text or default.name)
