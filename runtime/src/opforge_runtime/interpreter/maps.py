"""`map`: without effects it runs as a closure, with effects its iterations are the strands of a fork."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opforge_ir.operators.bounds import MAX_ITEMS
from opforge_runtime.interpreter.limits import SLOTS_PER_STEP, STRAND_STEPS, build_too_large
from opforge_runtime.interpreter.loops import Iteration, extend_instance
from opforge_runtime.interpreter.program_error import ProgramError
from opforge_runtime.interpreter.scope import CONDITIONS, INSTANCE, RUN, Frame
from opforge_runtime.interpreter.steps import FALL, Fork, PureRun, Running, Step, charge

__all__ = ["build_map"]


def build_map(loop: Iteration, slot: int) -> Step:
    """The list of what the iterations yield, into a slot."""
    run = loop.body.run
    if run is not None:
        return Step(_build_pure_map(loop, slot, run))
    return Step(generate=_build_effect_map(loop, slot))


def _build_pure_map(loop: Iteration, slot: int, run: PureRun) -> PureRun:
    assign = loop.build_assign()

    def collect(f: Frame) -> Any:
        collected: list[Any] = []
        round_ = 0
        items = loop.evaluate_items(f)
        try:
            for item in items:
                assign(f, item)
                ended = run(f)
                if ended is not FALL:
                    collected.append(ended)
                round_ += 1
        except ProgramError as error:
            error.locate(loop.place)
            error.enter(f"{loop.id}[{round_}]")
            raise
        _check_count(collected, loop)
        f[slot] = collected
        return FALL

    return collect


def _build_effect_map(loop: Iteration, slot: int) -> Callable[[Frame], Running]:
    assign = loop.build_assign()
    generate = loop.body.generate
    assert generate is not None

    def collect(f: Frame) -> Running:
        strands: list[Running] = []
        around, cost = f[INSTANCE], STRAND_STEPS + len(f) // SLOTS_PER_STEP
        for index, item in enumerate(loop.evaluate_items(f)):
            try:
                charge(f[RUN], cost)
            except ProgramError as error:
                error.locate(loop.place)
                raise
            own = f.copy()
            own[INSTANCE] = extend_instance(around, f"{loop.id}[{index}]")
            assign(own, item)
            strands.append(generate(own))
        ended: list[Any] = (yield Fork(strands, f[CONDITIONS])) if strands else []
        collected = [value for value in ended if value is not FALL]
        _check_count(collected, loop)
        f[slot] = collected
        return FALL

    return collect


def _check_count(collected: list[Any], loop: Iteration) -> None:
    if len(collected) > MAX_ITEMS:
        error = build_too_large(MAX_ITEMS, "items")
        error.locate(loop.place)
        raise error
