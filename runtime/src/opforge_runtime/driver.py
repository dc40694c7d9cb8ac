"""Drives one session of a run: waves of requests from the program, answers from facts or from outside.

Each wave is answered in groups: its reads, at most `batch_size` at a time, then its side effects in the
order of the plan, those that must not happen twice one by one. A group is

1. one append that says which attempts begin,
2. the requests themselves, except those that a fact answers already,
3. one append with every answer as a fact, and every state completed, in the order of the plan.

When reads fail that may be tried again, the append in between holds the other answers as facts and the
failures; the states are completed together once all have their answer. So the chain of snapshots is the
same whatever failed and was repeated, or died and was resumed.

A read that has used up its attempts, and whatever is not tried again, has failed for good. Where nothing in
the program can catch that, the run ends there and then. Otherwise the failure is settled like an answer: the
program goes on with it, and so does every later session, without asking again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opforge_ir.codes import load_registry
from opforge_ir.codes.store import E_FACT_MISMATCH
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.events import ErrorRecord, Fact, Output
from opforge_ir.types import parse_type
from opforge_ir.values import Value
from opforge_runtime.effect_io.port import Attempt, EffectIo
from opforge_runtime.failures import EffectFailure
from opforge_runtime.grants import GrantChecker
from opforge_runtime.history import StateHistory
from opforge_runtime.interpreter import EffectRequest, Execution, Program, ProgramError
from opforge_runtime.journal import Journal, Observer
from opforge_runtime.pending import Pending, find_end
from opforge_runtime.retry import is_retried
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import ArtifactStore

__all__ = ["Driver", "Ending"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: with an output or an error."""

    output: Output | None
    error: Diagnostic | None


class _RunFailedError(Exception):
    """An effect failed for good; the end of the run is recorded."""

    def __init__(self, error: Diagnostic) -> None:
        super().__init__(error.code.name)
        self.error = error


class Driver:
    """One session."""

    def __init__(
        self,
        program: Program,
        op: str,
        *,
        states: Mapping[tuple[str, str], StateHistory],
        artifacts: ArtifactStore,
        journal: Journal,
        effect_io: EffectIo,
        batch_size: int,
        observer: Observer,
    ) -> None:
        """`states` is what earlier sessions recorded."""
        self._program = program
        self._op = op
        self._states = states
        self._artifacts = artifacts
        self._journal = journal
        self._io = effect_io
        bound = program.ops[op].op.policy.concurrency
        self._batch_size = min(batch_size, bound) if bound else batch_size
        self._observer = observer
        self._grants = GrantChecker(program.document)

    async def drive(self, inputs: Mapping[str, Value]) -> Ending:
        """Run to the end of the program, and record it.

        Raises DiagnosticError when the session cannot go on and the run is left to be resumed: the store
        refuses, a recorded fact answers another request, or the outside is not set up.
        """
        execution = Execution(self._program, self._op, inputs)
        try:
            requests = execution.start()
            while requests:
                requests = execution.resume(await self._answer_wave(requests))
        except ProgramError as error:
            return self._finish_failed(error.build_record(), error.build_diagnostic())
        except _RunFailedError as failed:
            return Ending(None, failed.error)
        return self._finish_completed(execution.output)

    def _finish_completed(self, value: Value) -> Ending:
        kind = parse_type(self._program.ops[self._op].op.result)
        try:
            output = Output(artifact="output", type=kind.text, value=self._program.codec.encode(kind, value))
            self._journal.finish_completed(output)
        except DiagnosticError as error:
            # The value has no stored form: a text with a lone surrogate.
            (problem, *_) = error.diagnostics
            return self._finish_failed(_build_record(problem), problem)
        self._journal.commit()
        return Ending(output, None)

    def _finish_failed(self, record: ErrorRecord, shown: Diagnostic) -> Ending:
        self._journal.finish_failed(record)
        self._journal.commit()
        return Ending(None, shown)

    async def _answer_wave(self, requests: Sequence[EffectRequest]) -> list[Value | EffectFailure]:
        items = [self._look_up(position, request) for position, request in enumerate(requests)]
        for group in self._split([item for item in items if not self._is_settled(item)]):
            await self._answer_group(group, items)
        return [item.outcome for item in items]

    def _is_settled(self, item: Pending) -> bool:
        """Whether earlier sessions have brought a request to its end."""
        if item.failure is not None:
            return True
        return item.fact is not None and self._states[item.key].is_completed

    def _look_up(self, position: int, request: EffectRequest) -> Pending:
        """What the history knows of a request. Raises DiagnosticError when it knows another request."""
        try:
            digest = request.digest(self._program.codec)
        except DiagnosticError as error:
            raise self._fail_at(request, error) from error
        item = Pending(position, request, digest, 0, 0)
        known = self._states.get(item.key)
        if known is None:
            return item
        item.attempt, item.failures = known.attempts, known.failures
        if known.fact is not None:
            fact = read_artifact(self._artifacts, known.fact, Fact)
            if (fact.request, fact.state, fact.instance) != (digest, *item.key):
                raise E_FACT_MISMATCH.error(
                    request.site.pointer,
                    state=request.site.state,
                    instance=request.instance,
                    recorded=fact.request,
                    asked=digest,
                )
            item.fact = Digest(known.fact)
            item.value = self._program.codec.decode(request.site.type, fact.value)
        if known.error is not None:
            failure = EffectFailure(load_registry()[known.error.code], dict(known.error.fields))
            if self._is_final(item, failure):
                item.failure = failure
        return item

    def _fail_at(self, request: EffectRequest, error: DiagnosticError) -> _RunFailedError:
        """A request that cannot be written down ends the run before anything is asked."""
        problem = error.diagnostics[0]
        shown = problem.code.at(request.site.pointer, **problem.values)
        self._journal.finish_failed(_build_record(problem))
        self._journal.commit()
        return _RunFailedError(shown)

    def _split(self, pending: Sequence[Pending]) -> Iterator[list[Pending]]:
        reads = [item for item in pending if item.request.site.verb.effect == "read"]
        for start in range(0, len(reads), self._batch_size):
            yield reads[start : start + self._batch_size]
        repeatable: list[Pending] = []
        for item in pending:
            verb = item.request.site.verb
            if verb.effect == "read":
                continue
            if repeatable and (not verb.is_idempotent or len(repeatable) == self._batch_size):
                yield repeatable
                repeatable = []
            if verb.is_idempotent:
                repeatable.append(item)
            else:
                yield [item]
        if repeatable:
            yield repeatable

    async def _answer_group(self, group: Sequence[Pending], wave: Sequence[Pending]) -> None:
        waiting = group
        while True:
            for item in waiting:
                item.attempt += 1
                self._journal.enter(*item.key, item.attempt)
            self._journal.commit()
            failures = await self._ask([item for item in waiting if item.fact is None])
            waiting = [item for item in waiting if item.position in failures]
            for item in waiting:
                item.failures += 1
                if self._is_final(item, failures[item.position]):
                    item.failure = failures[item.position]
            problem = find_end(wave)
            waiting = [item for item in waiting if item.failure is None]
            is_over = not waiting or problem is not None
            self._record(group, failures, is_over=is_over)
            if problem is not None:
                self._journal.finish_failed(_build_record(problem))
                self._journal.commit()
                raise _RunFailedError(problem)
            self._journal.commit()
            if is_over:
                return
            await self._io.wait(max(item.failures for item in waiting))

    def _is_final(self, item: Pending, failure: EffectFailure) -> bool:
        """Whether the last failure of a request is not followed by another attempt."""
        retries = self._program.ops[item.request.conditions.op].op.policy.retries
        return not is_retried(item.request.site.verb, failure.code) or item.failures > retries

    async def _ask(self, items: Sequence[Pending]) -> dict[int, EffectFailure]:
        """Ask for what has no answer; returns the failures by position. Answers go into the items."""
        failures: dict[int, EffectFailure] = {}
        allowed: list[Pending] = []
        for item in items:
            refusal = self._grants.find_refusal(item.request)
            if refusal is None:
                allowed.append(item)
            else:
                failures[item.position] = refusal
        if not allowed:
            return failures
        attempts = [
            Attempt(item.request, item.attempt, self._grants.get_hosts(item.request.site.verb.name))
            for item in allowed
        ]
        self._observer.reach("perform")
        answers = await self._io.perform(attempts)
        self._observer.reach("performed")
        for item, answer in zip(allowed, answers, strict=True):
            if isinstance(answer, EffectFailure):
                failures[item.position] = answer
            else:
                item.value = answer
        return failures

    def _record(
        self, group: Sequence[Pending], failures: Mapping[int, EffectFailure], *, is_over: bool
    ) -> None:
        """Write down what the group came to; states are completed when all of it is over."""
        codec = self._program.codec
        for item in group:
            failure = failures.get(item.position)
            if failure is not None:
                self._journal.fail(*item.key, item.attempt, _build_record(failure.diagnostic()))
                continue
            if item.failure is not None:  # in an earlier round
                continue
            if item.fact is None:
                kind = item.request.site.type
                stored = codec.encode(kind, item.value)
                item.fact = self._journal.record_fact(*item.key, item.digest, stored)
                # What the program goes on with is what a resume would give it.
                item.value = codec.decode(kind, stored)
            if is_over:
                self._journal.complete(*item.key, item.attempt, item.fact)


def _build_record(problem: Diagnostic) -> ErrorRecord:
    return ErrorRecord(code=problem.code.number, fields=problem.values)
