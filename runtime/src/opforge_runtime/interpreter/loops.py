"""`for` and `while`: the ones without effects run as closures, the other ones as generators.

A round that ends with a Leave was ended by `break` or `continue`; only then is anything looked at that plain
rounds do not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from opforge_ir.codes.execution import E_ROUND_LIMIT
from opforge_runtime.interpreter.expressions import Evaluate
from opforge_runtime.interpreter.program_error import Place, ProgramError
from opforge_runtime.interpreter.scope import INSTANCE, Frame
from opforge_runtime.interpreter.steps import FALL, Leave, PureRun, Region, Running, Step

__all__ = ["Carry", "Iteration", "Repetition", "build_for", "build_while", "extend_instance"]

Carry = tuple[int, Evaluate, Evaluate, int]
"""A carried value: its slot within the body, its first value, its next value, the slot of its last one."""


@dataclass(frozen=True, slots=True)
class Iteration:
    """What `for` and `map` have in common."""

    id: str
    place: Place
    items: Evaluate
    targets: list[int]
    body: Region

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


@dataclass(frozen=True, slots=True)
class Repetition:
    """A `while`."""

    id: str
    place: Place
    limit: Evaluate
    head: Region
    test: Evaluate
    body: Region

    def evaluate_limit(self, f: Frame) -> int:
        """The most rounds there may be."""
        try:
            return cast("int", self.limit(f))
        except ProgramError as error:
            error.locate(self.place)
            raise

    def is_next(self, f: Frame, round_: int, limit: int) -> bool:
        """Whether there is a round with this number. Raises ProgramError when there may be none."""
        try:
            if not self.test(f):
                return False
            if round_ >= limit:
                raise ProgramError(E_ROUND_LIMIT, limit=str(limit))
        except ProgramError as error:
            error.locate(self.place)
            raise
        return True


def extend_instance(instance: str, frame: str) -> str:
    """The instance of an iteration or call within an instance."""
    return f"{instance}/{frame}" if instance else frame


def build_for(loop: Iteration, carried: list[Carry]) -> Step:
    """Iterations one after the other."""
    run = loop.body.run
    if run is not None:
        return Step(_build_pure_for(loop, carried, run), may_exit=loop.body.may_exit)
    return Step(generate=_build_effect_for(loop, carried))


def build_while(loop: Repetition, carried: list[Carry]) -> Step:
    """Rounds as long as the test holds."""
    head, body = loop.head.run, loop.body.run
    if head is not None and body is not None:
        may_exit = loop.head.may_exit or loop.body.may_exit
        return Step(_build_pure_while(loop, carried, head, body), may_exit=may_exit)
    return Step(generate=_build_effect_while(loop, carried))


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


def _take(f: Frame, carried: list[Carry], leave: Leave) -> None:
    for (slot, _, _, _), value in zip(carried, leave.evaluate(f), strict=True):
        f[slot] = value


def _finish(f: Frame, carried: list[Carry]) -> None:
    for slot, _, _, result in carried:
        f[result] = f[slot]


def _build_pure_for(loop: Iteration, carried: list[Carry], run: PureRun) -> PureRun:
    assign = loop.build_assign()

    def iterate(f: Frame) -> Any:
        items = loop.evaluate_items(f)
        _begin(f, carried, loop.place)
        round_ = 0
        try:
            for item in items:
                assign(f, item)
                ended = run(f)
                if ended is FALL:
                    _advance(f, carried, loop.place)
                elif type(ended) is not Leave:
                    return ended
                else:
                    _take(f, carried, ended)
                    if ended.is_break:
                        break
                round_ += 1
        except ProgramError as error:
            error.locate(loop.place)
            error.enter(f"{loop.id}[{round_}]")
            raise
        _finish(f, carried)
        return FALL

    return iterate


def _build_effect_for(loop: Iteration, carried: list[Carry]) -> Callable[[Frame], Running]:
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
            if ended is FALL:
                _advance(f, carried, loop.place)
            elif type(ended) is not Leave:
                f[INSTANCE] = around
                return ended
            else:
                _take(f, carried, ended)
                if ended.is_break:
                    break
        f[INSTANCE] = around
        _finish(f, carried)
        return FALL

    return iterate


def _build_pure_while(loop: Repetition, carried: list[Carry], head: PureRun, body: PureRun) -> PureRun:
    def repeat(f: Frame) -> Any:
        limit = loop.evaluate_limit(f)
        _begin(f, carried, loop.place)
        round_ = 0
        try:
            while True:
                ended = head(f)
                if ended is not FALL:
                    return ended
                if not loop.is_next(f, round_, limit):
                    break
                ended = body(f)
                if ended is FALL:
                    _advance(f, carried, loop.place)
                elif type(ended) is not Leave:
                    return ended
                else:
                    _take(f, carried, ended)
                    if ended.is_break:
                        break
                round_ += 1
        except ProgramError as error:
            error.locate(loop.place)
            error.enter(f"{loop.id}[{round_}]")
            raise
        _finish(f, carried)
        return FALL

    return repeat


def _build_effect_while(loop: Repetition, carried: list[Carry]) -> Callable[[Frame], Running]:
    def repeat(f: Frame) -> Running:
        limit = loop.evaluate_limit(f)
        _begin(f, carried, loop.place)
        around, round_ = f[INSTANCE], 0
        while True:
            f[INSTANCE] = extend_instance(around, f"{loop.id}[{round_}]")
            ended = yield from loop.head.go(f)
            if ended is FALL:
                if not loop.is_next(f, round_, limit):
                    break
                ended = yield from loop.body.go(f)
            if ended is FALL:
                _advance(f, carried, loop.place)
            elif type(ended) is not Leave:
                f[INSTANCE] = around
                return ended
            else:
                _take(f, carried, ended)
                if ended.is_break:
                    break
            round_ += 1
        f[INSTANCE] = around
        _finish(f, carried)
        return FALL

    return repeat
