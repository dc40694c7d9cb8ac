"""Waits of a live session: the machine's clock, the run's inbox, and child runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol, cast

import orjson

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.execution import E_CHILD_FAILED, E_SESSION_TIMEOUT, E_SIGNAL_TIMEOUT
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.errors import get_message
from opforge_ir.events import ChildRunCompleted, Output, RunCompleted, SignalReceived
from opforge_ir.ids import RunId
from opforge_ir.values import ValueCodec
from opforge_runtime.failures import EffectFailure, build_diagnostic
from opforge_runtime.history import read_run
from opforge_runtime.interpreter import EffectRequest
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import ENDED, Store, StoredMessage
from opforge_runtime.waits import Arrival, Cancelled, ChildStart, Settled, Suspended, Wait, get_moment_ms

__all__ = ["Children", "LiveWaits"]

_LOOK_SECONDS: Final = 0.2
"""How often the inbox is looked at while a run has other things to do."""
_LONGEST_PAUSE_SECONDS: Final = 60.0


class Children(Protocol):
    """Sees to it that child runs are driven."""

    async def ensure(self, child: ChildStart) -> None:
        """Start a child run, or have it driven on, unless it is over, somebody drives it, or it waits itself.

        Raises DiagnosticError when it cannot be started, or when driving it here has failed.
        """
        ...

    @property
    def is_busy(self) -> bool:
        """Whether a child is being driven in this process."""
        ...

    async def wait_for_end(self) -> None:
        """Return when a child that is driven in this process has come to rest; never, without any."""
        ...


class LiveWaits:
    """Part of the runtime's edge: the waits of one session."""

    def __init__(
        self,
        store: Store,
        run: RunId,
        codec: ValueCodec,
        children: Children,
        *,
        clock: Callable[[], int],
        signals_taken: Collection[int],
        is_new: bool,
        longest_attended_ms: int | None,
        timeout_ms: int,
        deadline_epoch_ms: int | None,
    ) -> None:
        """`deadline_epoch_ms` is when the run may not go on, `timeout_ms` after it began.

        `signals_taken` are the messages that earlier sessions took; nobody has written to a run that is new.

        The session is suspended when something is waited for longer than `longest_attended_ms`, unless a
        child is being driven here; with None it waits for as long as it takes.
        """
        self._store = store
        self._run = run
        self._codec = codec
        self._children = children
        self._clock = clock
        self._taken = set(signals_taken)
        self._longest_attended_ms = longest_attended_ms
        self._timeout_ms = timeout_ms
        self._deadline_epoch_ms = deadline_epoch_ms
        self._signals: list[StoredMessage] = []
        self._position = 0
        self._cancellation: str | None = None
        self._look_at = time.monotonic() + _LOOK_SECONDS if is_new else 0.0

    @property
    def messages_read(self) -> int:
        """Part of WaitIo."""
        return self._position

    def find_cancellation(self, head: int) -> str | None:  # noqa: ARG002 - a live run looks at its inbox
        """Part of WaitIo: the inbox is looked at now and then."""
        now = time.monotonic()
        if now >= self._look_at:
            self._read_inbox()
            self._look_at = now + _LOOK_SECONDS
        return self._cancellation

    def choose_due(self, request: EffectRequest) -> int | None:
        """Part of WaitIo."""
        arguments = request.arguments
        match request.site.verb.name:
            case "time.sleep":
                return self._clock() + 1000 * cast("int", arguments["seconds"])
            case "time.until":
                return get_moment_ms(request)
            case "signal.wait":
                seconds = cast("int | None", arguments["timeout_seconds"])
                return None if seconds is None else self._clock() + 1000 * seconds
            case _:
                return None

    async def settle(self, waits: Sequence[Wait], *, is_cancelling: bool) -> Settled:
        """Part of WaitIo. Raises DiagnosticError when a child cannot be started or driven."""
        arrived: dict[int, Arrival] = {}
        first_look = self._clock()
        while True:
            self._read_inbox()
            if self._cancellation is not None and not is_cancelling:
                self._put_back(arrived.values())
                return Cancelled(self._cancellation)
            for position, wait in enumerate(waits):
                if position in arrived:
                    continue
                arrival = self._find_arrival(wait)
                if arrival is not None:
                    arrived[position] = arrival
            if len(arrived) == len(waits):
                return [arrived[position] for position in range(len(waits))]
            missing = [wait for position, wait in enumerate(waits) if position not in arrived]
            for wait in missing:
                if wait.child is not None:
                    await self._children.ensure(wait.child)
            now = self._clock()
            dues = [self._deadline_epoch_ms, *(each.due_at_epoch_ms for each in missing)]
            due_at = min((due for due in dues if due is not None), default=None)
            longest = self._longest_attended_ms
            is_long = longest is not None and (
                due_at is None or due_at - now > longest or now - first_look > longest
            )
            if is_long and not self._children.is_busy:
                return Suspended("sleeping" if all(map(_is_timer, missing)) else "waiting", due_at)
            await self._pause(now, due_at)

    async def _pause(self, now: int, due_at_epoch_ms: int | None) -> None:
        seconds = _LONGEST_PAUSE_SECONDS
        if due_at_epoch_ms is not None:
            seconds = min(seconds, max(0, due_at_epoch_ms - now) / 1000)
        changes = [
            asyncio.ensure_future(self._store.wait_for_change(self._run, seconds)),
            asyncio.ensure_future(self._children.wait_for_end()),
        ]
        try:
            await asyncio.wait(changes, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for change in changes:
                change.cancel()
            await asyncio.gather(*changes, return_exceptions=True)

    def _read_inbox(self) -> None:
        for stored in self._store.read_messages(self._run, self._position):
            self._position = stored.position
            match stored.message.kind:
                case "signal" if stored.position not in self._taken:
                    self._signals.append(stored)
                case "cancel" if self._cancellation is None:
                    self._cancellation = str(orjson.loads(stored.message.content))
                case _:
                    pass  # a child's end is seen in the store

    def _find_arrival(self, wait: Wait) -> Arrival | None:
        arrival = self._find_own_arrival(wait)
        deadline = self._deadline_epoch_ms
        if arrival is None and deadline is not None and self._clock() >= deadline:
            return Arrival(EffectFailure(E_SESSION_TIMEOUT, {"timeout_ms": self._timeout_ms}))
        return arrival

    def _find_own_arrival(self, wait: Wait) -> Arrival | None:
        if wait.child is not None:
            return self._find_child_end(wait, wait.child)
        if not _is_timer(wait):
            arrival = self._find_signal(wait)
            if arrival is not None:
                return arrival
        if wait.due_at_epoch_ms is None or self._clock() < wait.due_at_epoch_ms:
            return None
        if _is_timer(wait):
            return Arrival(None)
        name = wait.request.site.static["name"]
        seconds = cast("int", wait.request.arguments["timeout_seconds"])
        return Arrival(EffectFailure(E_SIGNAL_TIMEOUT, {"name": name, "timeout_seconds": seconds}))

    def _find_signal(self, wait: Wait) -> Arrival | None:
        """The first signal of the name whose value is of the type; others are not for this wait."""
        site = wait.request.site
        for stored in self._signals:
            if stored.message.name != site.static["name"]:
                continue
            value: JsonValue = orjson.loads(stored.message.content)
            try:
                self._codec.decode(site.type, value)
            except DiagnosticError:
                continue
            self._signals.remove(stored)
            note = SignalReceived(
                type="signal_received",
                state=site.state,
                instance=wait.request.instance,
                position=stored.position,
            )
            return Arrival(value, note)
        return None

    def _put_back(self, arrivals: Iterable[Arrival]) -> None:
        """Let what undoes the run have the signals that nothing is made of."""
        positions = {each.note.position for each in arrivals if isinstance(each.note, SignalReceived)}
        if positions:
            stored = self._store.read_messages(self._run)
            found = [each for each in stored if each.position in positions]
            self._signals = sorted([*found, *self._signals], key=lambda each: each.position)

    def _find_child_end(self, wait: Wait, child: ChildStart) -> Arrival | None:
        known = self._store.get_run(child.run)
        if known is None or known.standing.status not in ENDED:
            return None
        last = read_run(self._store, child.run)[-1].envelope.event
        if not isinstance(last, RunCompleted):
            raise TypeError("a run that is over ends with RunCompleted")
        note = ChildRunCompleted(
            type="child_run_completed",
            state=wait.request.site.state,
            instance=wait.request.instance,
            run=child.run,
            outcome=last.outcome,
        )
        if last.output:
            return Arrival(read_artifact(self._store, last.output[0], Output).value, note)
        problem = build_diagnostic(last.error[0])
        message = get_message(problem.code, problem.values)
        failure = EffectFailure(
            E_CHILD_FAILED,
            {"run": child.run, "op": child.op, "child_code": problem.code.number, "message": message},
        )
        return Arrival(failure, note)


def _is_timer(wait: Wait) -> bool:
    return wait.request.site.verb.name in {"time.sleep", "time.until"}
