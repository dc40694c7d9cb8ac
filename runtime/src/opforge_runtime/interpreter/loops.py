"""`for` and `map`: the ones without effects run as closures, the other ones as generators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from opforge_ir.operators.bounds import MAX_ITEMS
from opforge_runtime.interpreter.expressions import Evaluate
from opforge_runtime.interpreter.limits import build_too_large
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.scope import INSTANCE, RUN, Frame
from opforge_runtime.interpreter.steps import FALL, Fork, PureRun, Running, Step, charge
from opforge_runtime.interpreter.steps import Region as Body

__all__ = ["Loop", "build_for", "build_map", "extend_instance"]

Carry = tuple[int, Evaluate, Evaluate, int]
"""A carried value: its slot within the body, its first value, its next value, the slot of its last one."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What `for` and `map` have in common."""

    id: str
    place: Place
    items: Evaluate
    targets: list[int]
    body: Body

    def evaluate_items(self, f: Frame) -> Iterable[Any]:
        """What is iterated over."""
        try:
            items: Iterable[Any] = self.items(f)
        except ProgramError as error:
            error.locate(self.place)
            raise
        return items

    def build_assign(self) -> Callable[[Frame, Any], None]:
        """How the targets take one item."""
        targets = self.targets
        if len(targets) == 1:
            (only,) = targets

            def assign_one(f: Frame, item: Any) -> None:
                f[only] = item

            return assign_one

        def assign(f: Frame, item: Any) -> None:
            for slot, part in zip(targets, item, strict=True):
                f[slot] = part

        return assign


def extend_instance(instance: str, frame: str) -> str:
    """The instance of an iteration or call within an instance."""
    return f"{instance}/{frame}" if instance else frame


def build_for(loop: Loop, carried: list[Carry]) -> Step:
    """Iterations one after the other."""
    run = loop.body.run
    if run is not None:
        return Step(_build_pure_for(loop, carried, run), may_exit=loop.body.may_exit)
    return Step(generate=_build_effect_for(loop, carried))


def build_map(loop: Loop, slot: int) -> Step:
    """The list of what the iterations yield, into a slot."""
    run = loop.body.run
    if run is not None:
        return Step(_build_pure_map(loop, slot, run))
    return Step(generate=_build_effect_map(loop, slot))


def _begin(f: Frame, carried: list[Carry], place: Place) -> None:
    try:
        values = [init(f) for _, init, _, _ in carried]
    except ProgramError as error:
        error.locate(place)
        raise
    for (slot, _, _, _), value in zip(carried, values, strict=True):
        f[slot] = value


def _advance(f: Frame, carried: list[Carry], place: Place) -> None:
    try:
        values = [following(f) for _, _, following, _ in carried]
    except ProgramError as error:
        error.locate(place)
        raise
    for (slot, _, _, _), value in zip(carried, values, strict=True):
        f[slot] = value


def _finish(f: Frame, carried: list[Carry]) -> None:
    for slot, _, _, result in carried:
        f[result] = f[slot]


def _build_pure_for(loop: Loop, carried: list[Carry], run: PureRun) -> PureRun:
    assign = loop.build_assign()

    def iterate(f: Frame) -> Any:
        items = loop.evaluate_items(f)
        _begin(f, carried, loop.place)
        round_ = 0
        try:
            for item in items:
                assign(f, item)
                ended = run(f)
                if ended is not FALL:
                    return ended
                _advance(f, carried, loop.place)
                round_ += 1
        except ProgramError as error:
            error.locate(loop.place)
            error.enter(f"{loop.id}[{round_}]")
            raise
        _finish(f, carried)
        return FALL

    return iterate


def _build_effect_for(loop: Loop, carried: list[Carry]) -> Callable[[Frame], Running]:
    assign = loop.build_assign()
    generate = loop.body.generate
    assert generate is not None

    def iterate(f: Frame) -> Running:
        items = loop.evaluate_items(f)
        _begin(f, carried, loop.place)
        around = f[INSTANCE]
        for index, item in enumerate(items):
            f[INSTANCE] = extend_instance(around, f"{loop.id}[{index}]")
            assign(f, item)
            ended = yield from generate(f)
            if ended is not FALL:
                f[INSTANCE] = around
                return ended
            _advance(f, carried, loop.place)
        f[INSTANCE] = around
        _finish(f, carried)
        return FALL

    return iterate


def _build_pure_map(loop: Loop, slot: int, run: PureRun) -> PureRun:
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


def _build_effect_map(loop: Loop, slot: int) -> Callable[[Frame], Running]:
    assign = loop.build_assign()
    generate = loop.body.generate
    assert generate is not None

    def collect(f: Frame) -> Running:
        strands: list[Running] = []
        around = f[INSTANCE]
        for index, item in enumerate(loop.evaluate_items(f)):
            try:
                charge(f[RUN], 1)
            except ProgramError as error:
                error.locate(loop.place)
                raise
            own = f.copy()
            own[INSTANCE] = extend_instance(around, f"{loop.id}[{index}]")
            assign(own, item)
            strands.append(generate(own))
        ended: list[Any] = (yield Fork(strands)) if strands else []
        collected = [value for value in ended if value is not FALL]
        _check_count(collected, loop)
        f[slot] = collected
        return FALL

    return collect


def _check_count(collected: list[Any], loop: Loop) -> None:
    if len(collected) > MAX_ITEMS:
        error = build_too_large(MAX_ITEMS, "items")
        error.locate(loop.place)
        raise error
