"""Nodes and regions as they are run.

A pure node is a closure. A node with effects is a generator function: it yields a request and is sent the
answer, or yields a `Fork` and is sent what each strand ended with. Both end with FALL when control goes on
to the next node, with a Leave when it goes to the loop around, or else with the value that a `return` or
`yield` gave.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from opforge_ir.codes.execution import E_STEP_LIMIT
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.request import Conditions, EffectRequest
from opforge_runtime.interpreter.scope import INSTANCE, RUN, Frame, RunContext

__all__ = ["FALL", "Fork", "Leave", "PureRun", "Region", "Running", "Step", "build_region", "charge"]


class _Fall:
    """Control goes on to the next node."""

    __slots__ = ()


FALL: Final = _Fall()


@dataclass(frozen=True, slots=True)
class Fork:
    """Strands that go side by side, in the order of their indices."""

    strands: list[Running]
    conditions: Conditions
    """Those of the node that forks."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Control goes to the innermost loop, which takes the values: what a `break` or `continue` ends with."""

    is_break: bool
    values: Sequence[Callable[[Frame], Any]]
    place: Place

    def evaluate(self, f: Frame) -> list[Any]:
        """What the loop carries now."""
        try:
            return [value(f) for value in self.values]
        except ProgramError as error:
            error.locate(self.place)
            raise


Running: TypeAlias = Generator["EffectRequest | Fork", Any, Any]
PureRun: TypeAlias = Callable[[Frame], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One node: exactly one of the three ways to run it is given."""

    run: PureRun | None = None
    """A node without effects."""
    may_exit: bool = False
    """Whether `run` may end with something else than FALL."""
    request: tuple[int, Callable[[Frame], EffectRequest]] | None = None
    """An effect: the slot of its answer, and how its request is built."""
    generate: Callable[[Frame], Running] | None = None
    """A control node or call with effects inside."""

    @property
    def is_pure(self) -> bool:
        return self.run is not None


@dataclass(frozen=True, slots=True)
class Region:
    """The nodes of a region as one: exactly one of the two is given."""

    run: PureRun | None = None
    may_exit: bool = False
    generate: Callable[[Frame], Running] | None = None

    def go(self, f: Frame) -> Running:
        """Run the region within one that has effects."""
        if self.run is not None:
            return self.run(f)
        assert self.generate is not None
        return (yield from self.generate(f))


def charge(context: RunContext, steps: int) -> None:
    """Count steps. Raises ProgramError when there are none left, and what the execution is stopped with."""
    context.steps_left -= steps
    if context.steps_left < 0:
        raise context.stop or ProgramError(E_STEP_LIMIT, limit=context.max_steps)


def build_region(steps: list[Step]) -> Region:
    """The steps in order. Entering the region counts all of them, and one more for the region itself."""
    if all(step.is_pure for step in steps):
        may_exit = any(step.may_exit for step in steps)
        runs = [step.run for step in steps if step.run is not None]
        return Region(_build_exiting(runs) if may_exit else _build_straight(runs), may_exit)
    return Region(generate=_build_generator(steps))


def _build_straight(runs: list[PureRun]) -> PureRun:
    cost = len(runs) + 1

    def run_straight(f: Frame) -> Any:
        context = f[RUN]
        context.steps_left -= cost
        if context.steps_left < 0:
            charge(context, 0)
        for run in runs:
            run(f)
        return FALL

    return run_straight


def _build_exiting(runs: list[PureRun]) -> PureRun:
    cost = len(runs) + 1

    def run_exiting(f: Frame) -> Any:
        context = f[RUN]
        context.steps_left -= cost
        if context.steps_left < 0:
            charge(context, 0)
        for run in runs:
            ended = run(f)
            if ended is not FALL:
                return ended
        return FALL

    return run_exiting


def _build_generator(steps: list[Step]) -> Callable[[Frame], Running]:
    cost = len(steps) + 1

    def generate(f: Frame) -> Running:
        try:
            charge(f[RUN], cost)
            for step in steps:
                if step.run is not None:
                    ended = step.run(f)
                    if step.may_exit and ended is not FALL:
                        return ended
                elif step.request is not None:
                    slot, build = step.request
                    f[slot] = yield build(f)
                elif step.generate is not None:
                    ended = yield from step.generate(f)
                    if ended is not FALL:
                        return ended
        except ProgramError as error:
            error.anchor(f[INSTANCE])
            raise
        return FALL

    return generate
