"""One run, killed as often as told, driven on until it ends, and compared with one that nobody killed."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from house.crash.drivers import DriverProcess
from house.crash.orders import Order
from house.crash.programs import CrashProgram, compile_program
from house.crash.server import RecordingServer
from house.crash.stores import StorePlace
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import Manifest, Output, RunCompleted
from opforge_ir.ids import RunId
from opforge_runtime.exploration import find_request
from opforge_runtime.history import read_history, read_run
from opforge_runtime.messages import send_signal
from opforge_runtime.queries.tree import RunTree, get_tree
from opforge_runtime.replay import replay_run
from opforge_runtime.resolution import resolve_attempt
from opforge_runtime.session import load_program
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.opening import open_store
from opforge_runtime.stores.protocol import ENDED, RunRecord, Store
from opforge_runtime.verification import verify_run

__all__ = ["Fall", "Result", "Setting", "StuckError", "Trial", "Trials"]

_MOST_SESSIONS: Final = 400


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run is driven."""

    program: CrashProgram
    durability: Literal["strict", "grouped"] = "strict"
    is_handed_out: bool = False
    """Whether child runs are queued and driven as runs of their own, and waits end a session."""

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.program.name} {self.durability}{' handed out' if self.is_handed_out else ''}"


@dataclass(frozen=True, slots=True)
class Fall:
    """When a driver process dies: at its n-th point from 0, or some time after it was forked."""

    at: int | None = None
    after_ms: float | None = None


@dataclass(slots=True)
class Result:
    """What one run was, from its beginning to its end."""

    points: list[list[str]] = field(default_factory=list[list[str]])
    """What each session reached."""
    kills: list[str] = field(default_factory=list[str])
    """The points at which processes died; `begin` before the first one."""
    resumes: int = 0
    """How many sessions went on after a process had died."""
    resolutions: Counter[str] = field(default_factory=Counter[str])
    takeovers: Counter[str] = field(default_factory=Counter[str])
    """What became of a driver that was stopped, and of the one that took over."""
    keyed: dict[str, str] = field(default_factory=dict[str, str])
    """The effects that were applied, by key."""
    unkeyed: Counter[str] = field(default_factory=Counter[str])
    runs: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Op, outcome and final snapshot of the run and its children, sorted."""
    output: Any = None
    problems: list[str] = field(default_factory=list[str])
    duration_ms: float = 0


def _do_nothing(_: Trial) -> None:
    """What happens to a run before it is driven to its end."""


class Trials:
    """Runs of one place and one server, one at a time."""

    def __init__(self, place: StorePlace, server: RecordingServer, driver: DriverProcess) -> None:
        self._place = place
        self._server = server
        self._driver = driver
        self._expected: dict[str, Result] = {}
        self._numbers = itertools.count(1)

    @property
    def store(self) -> str:
        """The kind of store, for tables."""
        return self._place.name

    def get_expected(self, setting: Setting) -> Result:
        """What a run comes to that nobody disturbs."""
        known = self._expected.get(setting.name)
        if known is None:
            known = self._expected[setting.name] = self._run(setting, iter(()))
        return known

    def run(self, setting: Setting, falls: Sequence[Fall]) -> Result:
        """Drive a run whose processes die so, one after the other, and hold it to the undisturbed one."""
        return self.conduct(setting, _do_nothing, falls)

    def conduct(
        self, setting: Setting, prelude: Callable[[Trial], None], falls: Sequence[Fall] = ()
    ) -> Result:
        """Let something happen to a run, drive it to its end, and hold it to the undisturbed one."""
        expected = self.get_expected(setting)
        result = self._run(setting, iter(falls), prelude)
        for name in ("runs", "output", "keyed", "unkeyed"):
            mine, theirs = getattr(result, name), getattr(expected, name)
            if mine != theirs:
                result.problems.append(f"{name}: {mine} and not {theirs}")
        return result

    def _run(
        self, setting: Setting, falls: Iterator[Fall], prelude: Callable[[Trial], None] = _do_nothing
    ) -> Result:
        began_at = time.monotonic()
        self._server.reset()
        run = RunId(f"crash-run-{next(self._numbers):06}")
        with self._place.make_store() as name:
            trial = Trial(setting, run, name, self._server, self._driver, falls)
            try:
                prelude(trial)
                trial.drive_to_end()
                with closing(open_store(name)) as store:
                    trial.inspect(store)
            except (DiagnosticError, StuckError) as error:
                trial.result.problems.append(str(error))
        trial.result.duration_ms = (time.monotonic() - began_at) * 1000
        return trial.result


class StuckError(Exception):
    """Nobody can drive anything, and the run is not over."""


class Trial:
    """One run."""

    def __init__(
        self,
        setting: Setting,
        run: RunId,
        store_name: str,
        server: RecordingServer,
        driver: DriverProcess,
        falls: Iterator[Fall],
    ) -> None:
        self.result = Result()
        self.server = server
        self.driver = driver
        self.setting = setting
        self._run = run
        self._falls = falls
        self._clock_offset_ms = 0
        self._signals_left = list(setting.program.signals)
        suspends = setting.program.has_waits or setting.is_handed_out
        self.order = Order(
            store=store_name,
            run=run,
            resolve=server.url,
            durability=setting.durability,
            longest_attended_ms=0 if suspends else None,
            is_handed_out=setting.is_handed_out,
        )

    def drive_to_end(self) -> None:
        """Drive whatever can be driven until the topmost run is over, or nothing moves any more."""
        for _ in range(_MOST_SESSIONS):
            with closing(open_store(self.order.store)) as store:
                records = _list_tree(store, self._run)
                if records and records[0].standing.status in ENDED:
                    return
                order = self._choose(store, records)
            if order is None or self._drive(order):
                continue
            return
        self.result.problems.append("it does not end")

    def build_start(self) -> Order:
        """The order to begin the run."""
        program = self.setting.program
        return replace(self.order, document=compile_program(program.file), inputs=program.inputs)

    def _choose(self, store: Store, records: list[RunRecord]) -> Order | None:
        """The next session; None when something was done for the runs instead."""
        if not records:
            return self.build_start()
        for record in records:
            if record.standing.status == "needs_resolution":
                self._resolve(store, record.run)
                return None
        drivable = records if self.setting.is_handed_out else records[:1]
        for record in drivable:
            if self._is_due(store, record):
                return replace(self.order, run=record.run)
        if self._signals_left:
            name, value = self._signals_left.pop(0)
            send_signal(store, self._run, name, value, f"signal-{len(self._signals_left)}")
            return None
        due = [each.standing.due_at_epoch_ms for each in drivable if each.standing.due_at_epoch_ms]
        if not due:
            raise StuckError(f"nothing moves: {[each.standing for each in drivable]}")
        self._clock_offset_ms += max(0, min(due) - self._now_epoch_ms())
        return None

    def _is_due(self, store: Store, record: RunRecord) -> bool:
        standing = record.standing
        if standing.status in ENDED:
            return False
        if standing.status not in ("sleeping", "waiting"):
            return True
        if standing.due_at_epoch_ms is not None and standing.due_at_epoch_ms <= self._now_epoch_ms():
            return True
        return bool(store.read_messages(record.run, standing.messages_read))

    def _now_epoch_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._clock_offset_ms

    def _drive(self, order: Order) -> bool:
        """One session; False when the trial is over."""
        fall = next(self._falls, Fall())
        report = self.driver.drive(
            replace(
                order, clock_offset_ms=self._clock_offset_ms, fall_at=fall.at, fall_after_ms=fall.after_ms
            )
        )
        self.result.points.append(report.points)
        self.server.settle()
        if report.is_killed:
            self.result.kills.append(report.points[-1] if report.points else "begin")
            return True
        if self.result.kills and not order.document:
            self.result.resumes += 1
        if report.fault or report.error:
            self.result.problems.append(report.fault or report.error)
            return False
        return True

    def _resolve(self, store: Store, run: RunId) -> None:
        """Look at the other side, as a person would, and say what became of the effect in doubt."""
        history = read_history(store, run)
        manifest = read_artifact(store, history.start.manifest, Manifest)
        program = load_program(store, manifest.ir)
        (state, instance) = next(key for key, known in history.states.items() if known.is_open)
        request = find_request(store, program, manifest, history, state, instance)
        assert request is not None
        text = request.arguments["body"]
        is_done = bool(self.server.unkeyed[str(text)])
        answer = f"noted {text}"
        resolve_attempt(
            store,
            run,
            state,
            instance,
            "done" if is_done else "retry",
            "the server says so",
            answer={"status": 200, "text": answer, "headers": {"content-length": str(len(answer))}}
            if is_done
            else None,
            clock=self._now_epoch_ms,
            owner="person",
        )
        self.result.resolutions["done" if is_done else "retry"] += 1

    def inspect(self, store: Store) -> None:
        """Look at what was recorded and what was done."""
        result, server = self.result, self.server
        result.keyed, result.unkeyed = dict(server.applied), Counter(server.unkeyed)
        if server.conflicts:
            result.problems.append(f"keys that came with another text: {server.conflicts}")
        repeated = [text for text, times in server.unkeyed.items() if times > 1]
        if repeated:
            result.problems.append(f"done more than once: {repeated}")
        for record in _list_tree(store, self._run):
            recorded = read_run(store, record.run)
            end = recorded[-1].envelope.event
            if not isinstance(end, RunCompleted):
                result.problems.append(f"{record.opening.op} has not ended")
                continue
            result.runs.append((record.opening.op, end.outcome, end.snapshot))
            if record.run == self._run and end.output:
                result.output = read_artifact(store, end.output[0], Output).value
            result.problems += [problem.message for problem in verify_run(store, record.run).problems]
            if not replay_run(store, record.run).is_finished:
                result.problems.append("the replay does not end")
            if record.lease is not None:
                result.problems.append("the lease was not given back")
        result.runs.sort()


def _list_tree(store: Store, run: RunId) -> list[RunRecord]:
    """The run and all below it, the topmost first; nothing before it has begun."""
    return list(_walk(get_tree(store, run))) if store.get_head(run) else []


def _walk(tree: RunTree) -> Iterator[RunRecord]:
    yield tree.record
    for child in tree.children:
        yield from _walk(child)
