"""Drives one session of a run: waves of requests from the program, answers from facts or from outside.

Each wave is answered in groups: its reads, at most `batch_size` at a time, then its side effects in the
order of the plan, those that must not happen twice one by one, then its waits. A group is

1. the events that say which attempts begin,
2. the requests themselves, except those that a fact answers already,
3. every answer as a fact, and every state completed, in the order of the plan.

What a group came to and the attempts of the next one are one append, which is durable before the next
requests leave: a step costs one commit. The answer to a side effect that must not be repeated is made durable
at once. With `grouped` durability, reads do not wait for what came before them to be durable: the commits are
at side effects, waits and the end of the run, and where too much is pending.

When reads fail that may be tried again, the append in between holds the other answers as facts and the
failures; the states are completed together once all have their answer. So the chain of snapshots is the
same whatever failed and was repeated, or died and was resumed.

A read that has used up its attempts, and whatever is not tried again, has failed for good. Where nothing in
the program can catch that, the run ends there and then. Otherwise the failure is settled like an answer: the
program goes on with it, and so does every later session, without asking again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Final, Literal, cast

import orjson

from opforge_ir.canonical import canonical_bytes
from opforge_ir.codes.driving import E_EVENT_BUDGET, E_FACT_TOO_LARGE, E_RUN_CANCELLED
from opforge_ir.codes.execution import E_OUTCOME_UNKNOWN
from opforge_ir.diagnostics import Diagnostic, DiagnosticError, FieldValue
from opforge_ir.events import CancelRequested, ChildRunSpawned, EventEmitted, Output, TimerSet
from opforge_ir.ids import RunId
from opforge_ir.types import parse_type
from opforge_ir.values import Value
from opforge_runtime.children import CHILD_VERB, build_child
from opforge_runtime.effect_io.port import Attempt, EffectSession
from opforge_runtime.ending import Ender, Ending, build_record
from opforge_runtime.failures import EffectFailure
from opforge_runtime.grants import GrantChecker
from opforge_runtime.grouping import split_groups
from opforge_runtime.history import StateHistory
from opforge_runtime.interpreter import EffectRequest, Execution, Program, ProgramError
from opforge_runtime.journal import Journal, Observer
from opforge_runtime.leases import LeaseKeeper
from opforge_runtime.limits import RunLimits
from opforge_runtime.memory_guard import MemoryGuard
from opforge_runtime.pending import Pending, find_end
from opforge_runtime.recall import Recall, UnstorableError
from opforge_runtime.stores.protocol import ArtifactStore, Message, RunStatus
from opforge_runtime.waits import Cancelled, Suspended, Wait, WaitIo

__all__ = ["Driver", "Durability"]

Durability = Literal["strict", "grouped"]
"""`strict`: each state is durable before the next. `grouped`: reads between barriers share a commit."""

_LONGEST_GROUP_EVENTS: Final = 3_000
_LONGEST_GROUP_SECONDS: Final = 1.0
"""The bounds of what `grouped` durability leaves pending."""

_PLAIN: Final = frozenset({"int", "bool", "str", "Address", "bytes", "None"})
"""Types whose values cannot be changed and are the same again when they are read from a store."""


class _SessionEndedError(Exception):
    """The session ends within a wave; what there is to record is recorded."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.status)
        self.ending = ending


class _CancelledError(Exception):
    """Somebody asked that the run ends."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Driver:
    """One session."""

    def __init__(
        self,
        program: Program,
        op: str,
        *,
        states: dict[tuple[str, str], StateHistory],
        cancellation: str | None,
        artifacts: ArtifactStore,
        journal: Journal,
        effect_io: EffectSession,
        wait_io: WaitIo,
        keeper: LeaseKeeper | None,
        limits: RunLimits,
        durability: Durability,
        guard: MemoryGuard | None,
        observer: Observer,
    ) -> None:
        """`states` and `cancellation` are what earlier sessions recorded; a replay has no `keeper`."""
        self._program = program
        self._op = op
        self._states = states
        self._cancellation = cancellation
        self._is_cancelling = False
        self._wave: Sequence[Pending] = ()
        """The requests that the program waits for."""
        self._kept: dict[tuple[str, str], Pending] = {}
        """What became of requests that a cancellation has asked again, so far; by state and instance."""
        self._recall = Recall(program, states, artifacts, counts_orphans=limits.closes_orphans)
        self._ender = Ender(journal, states, closes_orphans=limits.closes_orphans)
        self._journal = journal
        self._io = effect_io
        self._waits = wait_io
        self._keeper = keeper
        self._assure = keeper.assure if keeper else None
        self._limits = limits
        bound = program.ops[op].op.policy.concurrency
        self._batch_size = min(limits.batch_size, bound) if bound else limits.batch_size
        self._is_grouped = durability == "grouped"
        self._committed_at = time.monotonic()
        self._guard = guard
        self._observer = observer
        self._grants = GrantChecker(program.document)
        self._codec = program.codec

    async def drive(self, inputs: Mapping[str, Value]) -> Ending:
        """Run to the end of the program, or to a wait, and record it.

        Raises DiagnosticError when the session cannot go on and the run is left to be resumed: the store
        refuses, a recorded fact answers another request, or the outside is not set up.
        """
        execution = Execution(self._program, self._op, inputs, max_steps=self._limits.max_steps)
        try:
            with self._guard.watch(execution) if self._guard is not None else nullcontext():
                return await self._drive(execution)
        except ProgramError as error:
            if self._cancellation is not None:
                return await self._finish(self._ender.cancel(self._cancellation))
            return await self._finish(self._ender.fail(error.build_record(), error.build_diagnostic()))
        except _SessionEndedError as ended:
            return ended.ending

    async def _drive(self, execution: Execution) -> Ending:
        try:
            requests = execution.start()
            while requests:
                requests = execution.resume(await self._answer_wave(requests))
        except _CancelledError as cancelled:
            requests = self._cancel(execution, cancelled.reason)
            while requests:
                requests = execution.resume(await self._answer_wave(requests))
        if self._cancellation is not None:
            return await self._finish(self._ender.cancel(self._cancellation))
        return await self._finish(self._complete(execution.output))

    def _cancel(self, execution: Execution, reason: str) -> list[EffectRequest]:
        """Withdraw the program in the middle of a wave; returns what is still to be asked to undo it.

        What belongs to that of the wave goes on as it was: nobody has taken back what it did.
        Raises ProgramError when there is nothing to be undone.
        """
        self._is_cancelling = True
        if self._cancellation is None:
            self._cancellation = reason
            self._journal.note(CancelRequested(type="cancel_requested", reason=reason))
        requests: list[EffectRequest] = []
        try:
            requests = execution.cancel(E_RUN_CANCELLED, reason=reason)
        finally:
            problem = E_RUN_CANCELLED.at(None, reason=reason)
            self._kept = self._ender.close_wave(self._wave, requests, problem)
            self._cancel_children(reason)
        return requests

    def _cancel_children(self, reason: str) -> None:
        """Ask that the children under way end too, but for those that undo something.

        Those are of the wave that is withdrawn: later ones have begun since, by an earlier session.
        """
        for item in self._wave:
            key = item.state, item.instance
            known = self._states.get(key)
            if known is not None and known.child is not None and key not in self._kept:
                message = Message("cancel", "", canonical_bytes(reason), f"{self._journal.run}:cancel")
                self._journal.post(RunId(known.child), message)

    def _complete(self, value: Value) -> Ending:
        kind = parse_type(self._program.ops[self._op].op.result)
        try:
            output = Output(artifact="output", type=kind.text, value=self._codec.encode(kind, value))
            return self._ender.complete(output)
        except DiagnosticError as error:
            # The value has no stored form: a text with a lone surrogate.
            (problem, *_) = error.diagnostics
            return self._ender.fail(build_record(problem), problem)

    async def _finish(self, ending: Ending) -> Ending:
        await self._commit(ending.status)
        return ending

    async def _end_failed(self, problem: Diagnostic) -> _SessionEndedError:
        return _SessionEndedError(await self._finish(self._ender.fail(build_record(problem), problem)))

    async def _commit(
        self,
        status: RunStatus = "running",
        due_at_epoch_ms: int | None = None,
    ) -> None:
        self._journal.messages_read = self._waits.messages_read
        await self._journal.commit(status, due_at_epoch_ms)
        self._committed_at = time.monotonic()

    def _check_budget(self) -> None:
        if self._journal.head > self._limits.max_events:
            raise ProgramError(E_EVENT_BUDGET, limit=self._limits.max_events)

    # --- a wave -----------------------------------------------------------------------------------

    async def _answer_wave(self, requests: Sequence[EffectRequest]) -> list[Value | EffectFailure]:
        items: list[Pending] = []
        self._wave = items
        waiting: list[Pending] = []
        for position, request in enumerate(requests):
            try:
                item = self._kept.get((request.site.state, request.instance)) if self._kept else None
                if item is None:
                    item = self._recall.look_up(position, request)
                item.position = position
            except UnstorableError as error:
                # A request that cannot be written down ends the run before anything is asked.
                raise await self._end_failed(error.problem) from error
            items.append(item)
            if not (item.is_completed or item.failure is not None):
                waiting.append(item)
        if waiting:
            for group in split_groups(waiting, self._batch_size):
                self._check_budget()
                if group[0].request.site.verb.effect == "wait":
                    await self._await_group(group)
                else:
                    await self._answer_group(group)
        return [item.value if item.failure is None else item.failure for item in items]

    # --- reads and side effects -------------------------------------------------------------------

    async def _answer_group(self, group: list[Pending]) -> None:
        journal = self._journal
        await self._check_boundary()
        is_read = group[0].request.site.verb.effect == "read"
        is_repeatable = is_read or group[0].request.is_repeatable
        waiting: list[Pending] = group
        while True:
            for item in waiting:
                if item.is_open:
                    await self._leave_open(item)
                item.attempt += 1
                journal.enter(item.state, item.instance, item.attempt)
            if not (self._is_grouped and is_read) or self._is_commit_due():
                await self._commit()
            asked = [item for item in waiting if item.fact is None]
            failures = await self._ask(asked) if asked else {}
            waiting = [item for item in waiting if item.position in failures] if failures else []
            for item in waiting:
                item.failures += 1
                if self._recall.is_final(item, failures[item.position]):
                    item.failure = failures[item.position]
            problem = find_end(self._wave) if waiting else None
            waiting = [item for item in waiting if item.failure is None]
            is_over = not waiting or problem is not None
            self._record(group, failures, is_over=is_over)
            if problem is not None:
                raise await self._end_failed(problem)
            if not is_repeatable:
                await self._commit()
            if is_over:
                return
            await self._commit()
            failed = max(item.failures for item in waiting)
            await self._io.wait(self._recall.get_policy(waiting[0].request), failed)
            await self._check_boundary([item for item in group if item.fact is not None])

    async def _leave_open(self, item: Pending) -> None:
        """Close an attempt that an earlier session began, or stop where only a person knows its outcome."""
        known = self._states[item.state, item.instance]
        is_in_doubt = (
            item.request.site.verb.effect == "side_effect"
            and not item.request.is_repeatable
            and item.fact is None
            and not known.is_retry_allowed
        )
        if is_in_doubt:
            problem = E_OUTCOME_UNKNOWN.at(
                item.request.site.pointer,
                verb=item.request.site.verb.name,
                state=item.state,
                instance=item.instance,
                run=self._journal.run,
            )
            await self._commit("needs_resolution")
            raise _SessionEndedError(Ending("needs_resolution", error=problem))
        item.is_open = False
        self._ender.close_orphan(item.state, item.instance, known)

    async def _check_boundary(self, under_way: Sequence[Pending] = ()) -> None:
        """Between two groups: see whether the run is to be cancelled, or given back for others to drive.

        `under_way` has an answer and is not completed.
        """
        if not self._is_cancelling:
            # Where an earlier session has seen it, this is the boundary at which it did.
            reason = self._cancellation or self._waits.find_cancellation(self._journal.head)
            if reason is not None:
                self._ender.leave(under_way)
                raise _CancelledError(reason)
        if self._keeper is not None and self._keeper.is_leaving():
            await self._commit("queued")
            raise _SessionEndedError(Ending("queued"))

    def _is_commit_due(self) -> bool:
        """Whether what is pending is to be committed though nothing but reads follow, as for a new run."""
        return (
            not self._journal.holds_lease
            or self._journal.pending > _LONGEST_GROUP_EVENTS
            or time.monotonic() - self._committed_at > _LONGEST_GROUP_SECONDS
        )

    async def _ask(self, items: list[Pending]) -> dict[int, EffectFailure]:
        """Ask for what has no answer; returns the failures by position. Answers go into the items."""
        failures: dict[int, EffectFailure] = {}
        allowed: list[Pending] = []
        attempts: list[Attempt] = []
        for item in items:
            request = item.request
            refusal = self._grants.find_refusal(request)
            verb = request.site.verb
            if refusal is not None:
                failures[item.position] = refusal
            elif self._limits.is_skipped(verb):
                item.value = self._codec.decode(request.site.type, orjson.loads(verb.skipped or "null"))
                self._store_answer(item, failures)
            else:
                allowed.append(item)
                hosts = self._grants.get_hosts(verb.name)
                timeout_ms = self._recall.get_policy(request).attempt_timeout_ms
                assure = self._assure if verb.effect == "side_effect" else None
                attempts.append(Attempt(request, item.attempt, hosts, timeout_ms, assure))
        if not allowed:
            return failures
        self._observer.reach("perform")
        answers = await self._io.perform(attempts)
        self._observer.reach("performed")
        for item, answer in zip(allowed, answers, strict=True):
            if isinstance(answer, EffectFailure):
                failures[item.position] = answer
            else:
                item.value = answer
                self._store_answer(item, failures)
        return failures

    def _store_answer(self, item: Pending, failures: dict[int, EffectFailure]) -> None:
        """Bring an answer into stored form, unless that is too large."""
        site = item.request.site
        kind, value = site.type, item.value
        if kind.head == "int":
            item.stored = b'"%d"' % cast("int", value)
        elif kind.head == "None":
            item.stored = b"null"
        else:
            stored = self._codec.encode(kind, value)
            item.stored = canonical_bytes(stored)
            if kind.head not in _PLAIN:
                # What the program goes on with is what a resume would give it.
                item.value = self._codec.decode(kind, stored)
        limit = self._limits.max_fact_bytes
        if len(item.stored) > limit:
            fields: dict[str, FieldValue] = {
                "verb": site.verb.name,
                "bytes": len(item.stored),
                "limit": limit,
            }
            failures[item.position] = EffectFailure(E_FACT_TOO_LARGE, fields)

    def _record(self, group: Sequence[Pending], failures: dict[int, EffectFailure], *, is_over: bool) -> None:
        """Write down what the group came to; states are completed when all of it is over."""
        journal = self._journal
        for item in group:
            failure = failures.get(item.position) if failures else None
            if failure is not None:
                journal.fail(item.state, item.instance, item.attempt, build_record(failure.diagnostic()))
                continue
            if item.failure is not None:  # in an earlier round
                continue
            if item.fact is None:
                self._record_fact(item)
            if is_over:
                journal.complete(item.state, item.instance, item.attempt, cast("str", item.fact))
                item.is_completed = True

    def _record_fact(self, item: Pending) -> None:
        site = item.request.site
        if site.verb.name == "event.emit" and self._limits.profile != "minimal":
            self._emit(item)
        item.fact = self._journal.record_fact(item.state, item.instance, item.request_digest, item.stored)

    def _emit(self, item: Pending) -> None:
        """The author's own event."""
        request = item.request
        self._journal.note(
            EventEmitted(
                type="event_emitted",
                state=item.state,
                instance=item.instance,
                name=request.site.static["name"],
                value=request.encode_arguments(self._codec)["value"],
            )
        )

    # --- waits ------------------------------------------------------------------------------------

    async def _await_group(self, group: list[Pending]) -> None:
        """Wait until all of a group has come to something. A wait that an earlier session began goes on."""
        await self._check_boundary()
        waits = [self._begin_wait(item) for item in group]
        if self._journal.pending:
            await self._commit()
        self._observer.reach("wait")
        settled = await self._waits.settle(waits, is_cancelling=self._is_cancelling)
        match settled:
            case Suspended(status, due_at_epoch_ms):
                await self._commit(status, due_at_epoch_ms)
                raise _SessionEndedError(Ending(status, due_at_epoch_ms=due_at_epoch_ms))
            case Cancelled(reason):
                self._ender.leave(group)
                raise _CancelledError(reason)
            case _:
                pass
        failures: dict[int, EffectFailure] = {}
        for item, arrival in zip(group, settled, strict=True):
            if arrival.note is not None and self._limits.records(arrival.note):
                self._journal.note(arrival.note)
            if isinstance(arrival.answer, EffectFailure):
                failures[item.position] = item.failure = arrival.answer
            else:
                item.value = self._codec.decode(item.request.site.type, arrival.answer)
                self._store_answer(item, failures)
                if item.position in failures:
                    item.failure = failures[item.position]
            known = self._states.get((item.state, item.instance))
            if known is not None:
                known.child = None
            self._record([item], failures, is_over=True)
        problem = find_end(self._wave) if failures else None
        if problem is not None:
            raise await self._end_failed(problem)

    def _begin_wait(self, item: Pending) -> Wait:
        request, journal = item.request, self._journal
        child = (
            build_child(journal.run, request, self._program) if request.site.verb.name == CHILD_VERB else None
        )
        if not item.is_open:
            item.attempt += 1
            journal.enter(item.state, item.instance, item.attempt)
            item.due_at_epoch_ms = self._waits.choose_due(request)
            if item.due_at_epoch_ms is not None:
                journal.note(
                    TimerSet(
                        type="timer_set",
                        state=item.state,
                        instance=item.instance,
                        due_at_epoch_ms=item.due_at_epoch_ms,
                    )
                )
            if child is not None:
                journal.note(
                    ChildRunSpawned(
                        type="child_run_spawned", state=item.state, instance=item.instance, run=child.run
                    )
                )
        known = self._states.get((item.state, item.instance))
        if known is not None:
            known.is_open = False  # it is taken up again, and not to be closed as an orphan
        if child is not None:
            known = self._states.setdefault((item.state, item.instance), StateHistory())
            known.child = child.run
        return Wait(request, item.attempt, item.due_at_epoch_ms, child)
