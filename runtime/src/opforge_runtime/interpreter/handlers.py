"""`try`: errors that are caught, values that are kept, and what is done however a region is left.

A `rethrow` raises the very object that was caught. What it says of its place is then as it was when it was
caught; the way through the handler is no part of it. An error that no handler can catch ends the run, and
nothing more of the program is done, no `always` either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from opforge_runtime.interpreter.expressions import Evaluate
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.scope import CONDITIONS, INSTANCE, Frame
from opforge_runtime.interpreter.steps import FALL, PureRun, Region, Running, Step

__all__ = ["Attempt", "Catch", "Cell", "build_try"]


@dataclass(frozen=True, slots=True)
class Catch:
    """One handler: the errors that it catches, the slot of the caught one, and what is done."""

    errors: frozenset[str]
    slot: int
    region: Region


@dataclass(frozen=True, slots=True)
class Cell:
    """A kept value: its slot, its first value, and the slot of its last one."""

    slot: int
    init: Evaluate
    result: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """The parts of a `try`."""

    place: Place
    cells: Sequence[Cell]
    body: Region
    catches: Sequence[Catch]
    otherwise: Region
    always: Region
    has_always: bool

    @property
    def regions(self) -> list[Region]:
        """All of its regions."""
        return [self.body, *(catch.region for catch in self.catches), self.otherwise, self.always]

    def begin(self, f: Frame) -> None:
        """Give every cell its first value."""
        try:
            values = [cell.init(f) for cell in self.cells]
        except ProgramError as error:
            error.locate(self.place)
            raise
        for cell, value in zip(self.cells, values, strict=True):
            f[cell.slot] = value

    def finish(self, f: Frame) -> None:
        """Give every result its value."""
        for cell in self.cells:
            f[cell.result] = f[cell.slot]

    def find_catch(self, error: ProgramError) -> Catch | None:
        """The handler that the error goes to, or None when it goes on."""
        return next((catch for catch in self.catches if error.is_a(catch.errors)), None)


def build_try(attempt: Attempt) -> Step:
    """The node as a step."""
    if all(region.run is not None for region in attempt.regions):
        return Step(_build_pure(attempt), may_exit=any(region.may_exit for region in attempt.regions))
    return Step(generate=_build_with_effects(attempt))


def _build_pure(attempt: Attempt) -> PureRun:
    body, otherwise, always = attempt.body.run, attempt.otherwise.run, attempt.always.run
    assert body is not None
    assert otherwise is not None
    assert always is not None

    def catch(f: Frame) -> Any:
        try:
            ended = body(f)
        except ProgramError as error:
            found = attempt.find_catch(error)
            if found is None:
                raise
            caught = error.with_traceback(None)
        else:
            return otherwise(f) if ended is FALL else ended
        handle = found.region.run
        assert handle is not None
        f[found.slot] = caught.build_caught()
        frames = caught.get_frames()
        try:
            return handle(f)
        except ProgramError as error:
            if error is caught:
                error.reset_frames(frames)
            raise

    def run(f: Frame) -> Any:
        attempt.begin(f)
        try:
            ended = catch(f)
        except ProgramError as error:
            if error.name is None:
                raise
            frames = error.get_frames()
            last = always(f)
            if last is FALL:
                error.reset_frames(frames)
                raise
            return last
        last = always(f)
        if last is not FALL:
            return last
        attempt.finish(f)
        return ended

    return run


def _build_with_effects(attempt: Attempt) -> Callable[[Frame], Running]:
    def catch(f: Frame) -> Running:
        around, conditions = f[INSTANCE], f[CONDITIONS]
        f[CONDITIONS] = conditions.guard()
        try:
            ended = yield from attempt.body.go(f)
        except ProgramError as error:
            f[INSTANCE], f[CONDITIONS] = around, conditions
            found = attempt.find_catch(error)
            if found is None:
                raise
            caught = error.with_traceback(None)
        else:
            f[CONDITIONS] = conditions
            return (yield from attempt.otherwise.go(f)) if ended is FALL else ended
        f[found.slot] = caught.build_caught()
        frames = caught.get_frames()
        try:
            return (yield from found.region.go(f))
        except ProgramError as error:
            if error is caught:
                error.reset_frames(frames)
            raise

    def run(f: Frame) -> Running:
        attempt.begin(f)
        around, conditions = f[INSTANCE], f[CONDITIONS]
        if attempt.has_always:
            f[CONDITIONS] = conditions.guard()
        try:
            ended = yield from catch(f)
        except ProgramError as error:
            f[INSTANCE], f[CONDITIONS] = around, conditions
            if error.name is None:
                raise
            frames = error.get_frames()
            last = yield from attempt.always.go(f)
            if last is FALL:
                error.reset_frames(frames)
                raise
            return last
        f[CONDITIONS] = conditions
        last = yield from attempt.always.go(f)
        if last is not FALL:
            return last
        attempt.finish(f)
        return ended

    return run
