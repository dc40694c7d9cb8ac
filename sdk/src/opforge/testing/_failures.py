"""Errors that a test lets an effect fail with, as the runtime would raise them."""

from __future__ import annotations

from typing import Any

from opforge._errors import EffectError
from opforge.testing.effects import Effect
from opforge_ir.capabilities import VERBS

__all__ = ["build_failure"]


def build_failure(effect: Effect[Any], scripted: EffectError | type[EffectError]) -> EffectError:
    """The error to raise for an effect. Raises ValueError when its verb never fails so."""
    kind = scripted if isinstance(scripted, type) else type(scripted)
    known = VERBS[effect.verb].errors
    if kind.__name__ not in known:
        others = ", ".join(known) or "nothing"
        raise ValueError(f"{effect.verb} never fails with {kind.__name__}; it may fail with {others}")
    # A new one each time: an error that is raised again keeps the traceback of the first time.
    return scripted() if isinstance(scripted, type) else kind(*scripted.args)
