"""One run of a compiled op, without IO: it hands out waves of requests and takes in their answers."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence

from opforge_ir.diagnostics import Code, FieldValue
from opforge_ir.values import Value
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter.limits import MAX_STEPS, check_storable
from opforge_runtime.interpreter.program import Program
from opforge_runtime.interpreter.program_error import Place, ProgramError, Withdrawal
from opforge_runtime.interpreter.request import EffectRequest
from opforge_runtime.interpreter.scope import RunContext
from opforge_runtime.interpreter.steps import Fork
from opforge_runtime.interpreter.strands import Strand

__all__ = ["Execution"]


class Execution:
    """The op is begun by `start`, and goes on with each `resume` until there are no more requests.

    Requests of one wave are in the order of the plan: iterations in the order of their indices, those of
    an inner comprehension in the place of the iteration around it. All of a wave are answered together.
    A failure that nothing catches ends the program; what stood after it is not run.
    """

    def __init__(
        self, program: Program, op: str, inputs: Mapping[str, Value], *, max_steps: int = MAX_STEPS
    ) -> None:
        """`inputs` holds a value for each parameter that has no default.

        Raises KeyError when the program has no such op or an input is missing.
        """
        self._program = program
        self._name = op
        self._op = program.ops[op]
        self._inputs = inputs
        self._context = RunContext([], max_steps)
        self._decimal_context = program.decimal_context.copy()
        self._root: Strand | None = None
        self._blocked: list[tuple[Strand, EffectRequest]] = []
        self._output: Value = None

    @property
    def output(self) -> Value:
        """What the op returned, once a wave was empty."""
        return self._output

    def stop(self, error: Exception) -> None:
        """Have this raised where the program next counts its steps; from any thread, and again as need be.

        It is no error of the program: nothing catches it, and the execution cannot be used afterwards.
        """
        self._context.stop = error
        self._context.steps_left = -1

    def start(self) -> list[EffectRequest]:
        """Run to the first wave. Raises ProgramError."""
        with decimal.localcontext(self._program.decimal_context):
            try:
                return self._start()
            except ProgramError as error:
                raise self._complete(error) from error.__cause__

    def resume(self, answers: Sequence[Value | EffectFailure]) -> list[EffectRequest]:
        """Take an answer or a failure for each request of the last wave, and run to the next.

        A failure is an error of the program from then on. Raises ProgramError when nothing catches it.
        """
        blocked, self._blocked = self._blocked, []
        if len(answers) != len(blocked):
            raise ValueError("each request of a wave has one answer")
        # What `decimal.localcontext` does, without a copy of the context for each wave.
        outer = decimal.getcontext()
        decimal.setcontext(self._decimal_context)
        try:
            for (strand, request), answer in zip(blocked, answers):  # noqa: B905 - their lengths are compared
                if strand.awaited is not request:  # withdrawn in the meantime
                    continue
                if isinstance(answer, EffectFailure):
                    self._run(strand, failure=_build_error(request, answer))
                else:
                    self._run(strand, answer)
            return self._collect()
        except ProgramError as error:
            raise self._complete(error) from error.__cause__
        finally:
            decimal.setcontext(outer)

    def cancel(self, code: Code, **fields: FieldValue) -> list[EffectRequest]:
        """End the program in place of answering the last wave: only what compensates for its ops still runs.

        The requests of that are the next wave; those of the last one that belong to it are asked again.
        Raises ProgramError with the code where there is nothing left to be undone, as `resume` does later.
        """
        blocked, self._blocked = self._blocked, []
        with decimal.localcontext(self._program.decimal_context):
            try:
                if self._root is not None:
                    self._withdraw(self._root, Withdrawal(code, **fields))
                again = [(strand, request) for strand, request in blocked if strand.awaited is request]
                self._blocked = sorted([*again, *self._blocked], key=lambda each: each[0].path)
                return self._collect()
            except ProgramError as error:
                raise self._complete(error) from error.__cause__

    def _start(self) -> list[EffectRequest]:
        op, body = self._op, self._op.body
        context = self._context
        self._program.add_constants(context)
        empty = body.build_frame(context, "", None, [])
        values = [
            self._inputs[p.name] if p.name in self._inputs else op.defaults[p.name](empty)
            for p in op.op.parameters
        ]
        frame = body.build_frame(context, "", self._program.build_conditions(self._name), values)
        if body.region.run is not None:
            self._end(body.region.run(frame))
        else:
            assert body.region.generate is not None
            self._root = Strand(body.region.generate(frame))
            self._run(self._root)
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

    def _run(self, strand: Strand, answer: Value = None, failure: ProgramError | None = None) -> None:
        """Run a strand, and the ones that await it, until they are blocked or ended."""
        while True:
            try:
                asked = strand.go_on(answer, failure)
            except StopIteration as stop:
                if strand.parent is None:
                    self._end(stop.value)
                    return
                strand.note_end(stop.value)
            except ProgramError as error:
                if strand.parent is None:
                    raise
                self._note_failure(strand, strand.parent, error)
            else:
                if strand.withdrawal is not None and not asked.conditions.is_compensating:
                    answer, failure = None, strand.take_withdrawal()
                    continue
                if isinstance(asked, EffectRequest):
                    strand.awaited = asked
                    self._blocked.append((strand, asked))
                    return
                self._fork(strand, asked)
                if strand.is_waiting:
                    return
                answer, failure = strand.join()
                continue
            strand = strand.parent
            if strand.is_waiting:
                return
            answer, failure = strand.join()

    def _fork(self, strand: Strand, fork: Fork) -> None:
        strand.is_held = True
        for each in strand.fork(fork):
            if strand.failure is not None:
                break
            self._run(each)
        strand.is_held = False

    def _note_failure(self, strand: Strand, parent: Strand, error: ProgramError) -> None:
        """A strand has failed. Raises the error where that ends the program at once."""
        is_limit = error.name is None and not isinstance(error, Withdrawal)
        if is_limit or not (parent.is_guarded or strand.is_withdrawn):
            raise error
        if strand.is_withdrawn:
            strand.note_withdrawn(error)
            return
        was_held, parent.is_held = parent.is_held, True
        for later in strand.note_failure(error):
            self._withdraw(later, Withdrawal(error.code, **error.fields))
        parent.is_held = was_held

    def _withdraw(self, strand: Strand, withdrawal: Withdrawal) -> None:
        """Tell a strand to end, and those that it has forked before it."""
        if strand.is_over or strand.is_withdrawn:
            return
        strand.is_withdrawn, strand.withdrawal = True, withdrawal
        if strand.awaited is None:
            strand.is_held = True
            for each in strand.strands:
                self._withdraw(each, withdrawal)
            strand.is_held = False
            if not strand.is_waiting:
                self._run(strand, *strand.join())
        elif not strand.awaited.conditions.is_compensating:
            self._run(strand, failure=strand.take_withdrawal())


def _build_error(request: EffectRequest, failure: EffectFailure) -> ProgramError:
    """The error of a program whose request has failed for good."""
    error = ProgramError(failure.code, **failure.fields)
    error.locate(Place(request.site.state, request.site.pointer))
    return error
