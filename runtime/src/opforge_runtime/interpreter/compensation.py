"""An op that another one undoes: as if a `try` stood around it, whose handler does that and raises again.

It is undone when it fails with an error that a handler could catch, or when it is withdrawn; a limit leaves
no time for that. The op that undoes it gets the values that it got. Whatever comes of it, the first failure
goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from opforge_ir.values import Value
from opforge_runtime.interpreter.loops import extend_instance
from opforge_runtime.interpreter.program_error import ProgramError, Withdrawal
from opforge_runtime.interpreter.request import Conditions
from opforge_runtime.interpreter.scope import CONDITIONS, FIRST_SLOT, INSTANCE, RUN, Frame, RunContext
from opforge_runtime.interpreter.steps import PureRun, Region, Running

__all__ = ["COMPENSATION", "build_compensated"]

COMPENSATION: Final = "compensate()"
"""The frame of what undoes an op, within the instance of that op. No node's path is spelled like it."""

_BuildFrame = Callable[[RunContext, str, Conditions | None, list[Value]], Frame]


def build_compensated(
    body: Region, undo: Region, build_frame: _BuildFrame, undoing: str, parameters: int
) -> Region:
    """The body of an op with so many parameters, with what undoes it; `build_frame` makes a frame of that."""
    if body.run is not None and undo.run is not None:
        run = _build_pure(body.run, undo.run, build_frame, parameters)
        return Region(run, may_exit=body.may_exit)

    def generate(f: Frame) -> Running:
        instance, conditions = f[INSTANCE], f[CONDITIONS]
        f[CONDITIONS] = conditions.guard()
        try:
            return (yield from body.go(f))
        except ProgramError as error:
            if not _is_undone(error):
                raise
            own = build_frame(
                f[RUN],
                extend_instance(instance, COMPENSATION),
                conditions.compensate(undoing),
                f[FIRST_SLOT : FIRST_SLOT + parameters],
            )
            with suppress(ProgramError):
                yield from undo.go(own)
            raise

    return Region(generate=generate)


def _build_pure(body: PureRun, undo: PureRun, build_frame: _BuildFrame, parameters: int) -> PureRun:
    """Without effects, what is undone are changes of lists and dicts that the op was given."""

    def run(f: Frame) -> Any:
        try:
            return body(f)
        except ProgramError as error:
            if not _is_undone(error):
                raise
            with suppress(ProgramError):
                undo(build_frame(f[RUN], "", None, f[FIRST_SLOT : FIRST_SLOT + parameters]))
            raise

    return run


def _is_undone(error: ProgramError) -> bool:
    return error.name is not None or isinstance(error, Withdrawal)
