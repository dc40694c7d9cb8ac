"""One run of a compiled op, without IO: it hands out waves of requests and takes in their answers."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence

from opforge_ir.values import Value
from opforge_runtime.interpreter.limits import MAX_STEPS, check_storable
from opforge_runtime.interpreter.program import Program
from opforge_runtime.interpreter.program_error import ProgramError
from opforge_runtime.interpreter.request import EffectRequest
from opforge_runtime.interpreter.steps import Fork, Running

__all__ = ["Execution"]


class _Strand:
    """A generator that is under way, and where its end is awaited."""

    __slots__ = ("ended", "generator", "index", "is_forking", "parent", "waiting")

    def __init__(self, generator: Running, parent: _Strand | None, index: int) -> None:
        self.generator = generator
        self.parent = parent
        self.index = index
        self.ended: list[Value] = []
        """What each strand of the present fork ended with."""
        self.waiting = 0
        """How many strands of the present fork have not ended."""
        self.is_forking = False
        """Whether the strands of the present fork are still being started."""


class Execution:
    """The op is begun by `start`, and goes on with each `resume` until there are no more requests.

    Requests of one wave are in the order of the plan: iterations in the order of their indices, those of
    an inner comprehension in the place of the iteration around it. All of a wave are answered together.
    The first failure in that order ends the program; what stood after it is not run.
    """

    def __init__(
        self, program: Program, op: str, inputs: Mapping[str, Value], *, max_steps: int = MAX_STEPS
    ) -> None:
        """`inputs` holds a value for each parameter that has no default.

        Raises KeyError when the program has no such op or an input is missing.
        """
        self._program = program
        self._op = program.ops[op]
        self._inputs = inputs
        self._max_steps = max_steps
        self._blocked: list[tuple[_Strand, EffectRequest]] = []
        self._output: Value = None

    @property
    def output(self) -> Value:
        """What the op returned, once a wave was empty."""
        return self._output

    def start(self) -> list[EffectRequest]:
        """Run to the first wave. Raises ProgramError."""
        with decimal.localcontext(self._program.decimal_context):
            try:
                return self._start()
            except ProgramError as error:
                raise self._complete(error) from error.__cause__

    def resume(self, answers: Sequence[Value]) -> list[EffectRequest]:
        """Take one answer for each request of the last wave, and run to the next. Raises ProgramError."""
        blocked, self._blocked = self._blocked, []
        with decimal.localcontext(self._program.decimal_context):
            try:
                for (strand, _), answer in zip(blocked, answers, strict=True):
                    self._run(strand, answer)
                return self._collect()
            except ProgramError as error:
                raise self._complete(error) from error.__cause__

    def _start(self) -> list[EffectRequest]:
        op, body = self._op, self._op.body
        context = self._program.build_context(self._max_steps)
        empty = body.build_frame(context, "", [])
        values = [
            self._inputs[p.name] if p.name in self._inputs else op.defaults[p.name](empty)
            for p in op.op.parameters
        ]
        frame = body.build_frame(context, "", values)
        if body.region.run is not None:
            self._end(body.region.run(frame))
        else:
            assert body.region.generate is not None
            self._run(_Strand(body.region.generate(frame), None, 0), None)
        return self._collect()

    def _collect(self) -> list[EffectRequest]:
        for _, request in self._blocked:
            for value in request.arguments.values():
                check_storable(value)
        return [request for _, request in self._blocked]

    def _complete(self, error: ProgramError) -> ProgramError:
        error.locate(self._op.place)
        return error

    def _end(self, ended: Value) -> None:
        self._output = ended
        check_storable(self._output)

    def _run(self, strand: _Strand, answer: Value) -> None:
        """Run a strand, and the one that awaits it, until they are blocked or ended."""
        while True:
            try:
                asked = strand.generator.send(answer)
            except StopIteration as stop:
                parent = strand.parent
                if parent is None:
                    self._end(stop.value)
                    return
                parent.ended[strand.index] = stop.value
                parent.waiting -= 1
                if parent.waiting or parent.is_forking:
                    return
                strand, answer = parent, parent.ended
                continue
            if isinstance(asked, EffectRequest):
                self._blocked.append((strand, asked))
                return
            self._fork(strand, asked)
            if strand.waiting:
                return
            answer = strand.ended

    def _fork(self, strand: _Strand, fork: Fork) -> None:
        strand.ended = [None] * len(fork.strands)
        strand.waiting = len(fork.strands)
        strand.is_forking = True
        for index, generator in enumerate(fork.strands):
            self._run(_Strand(generator, strand, index), None)
        strand.is_forking = False
