"""Whether a store and its runs are well, and what is to be done where they are not. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, Protocol, runtime_checkable

from opforge_ir.codes.command import E_CLOCK_BEHIND
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.history import read_run
from opforge_runtime.queries.condition import Condition, describe_record
from opforge_runtime.queries.summary import get_run
from opforge_runtime.stores.protocol import ENDED, RunFilter, RunRecord, RunStatus, Store
from opforge_runtime.stores.split import SplitStore

__all__ = ["Check", "CheckName", "SelfChecking", "StuckRun", "examine_store"]

CheckName = Literal["file", "histories", "artifacts", "clock", "runs"]

_UNFINISHED: Final[tuple[RunStatus, ...]] = ("queued", "running", "sleeping", "waiting", "needs_resolution")
_SAMPLED_RUNS: Final = 50
_SAMPLED_ARTIFACTS: Final = 500
_MOST_UNFINISHED: Final = 1_000
_PATIENCE_MS: Final = 60_000
"""How long something may be due, or queued, before that is worth a word."""
_CLOCK_TOLERANCE_MS: Final = 5_000


@runtime_checkable
class SelfChecking(Protocol):
    """A store that can look at its own files."""

    def find_damage(self) -> list[Diagnostic]:
        """What is wrong with its files; empty when they are whole. May read all of them."""
        ...


@dataclass(frozen=True, slots=True)
class StuckRun:
    """A run that does not go on by itself."""

    run: RunId
    condition: Condition


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: CheckName
    text: str
    """What was found, in one line."""
    problems: tuple[Diagnostic, ...] = ()
    stuck: tuple[StuckRun, ...] = ()


def examine_store(store: Store, now_epoch_ms: int) -> Iterator[Check]:
    """Look at a store, what is cheap first. What is wrong with a run or artifact is in its check."""
    newest = store.list_runs(RunFilter(limit=_SAMPLED_RUNS))
    yield _check_clock(newest, now_epoch_ms)
    yield _check_runs(store, now_epoch_ms)
    yield _check_histories(store, newest)
    yield _check_artifacts(store)
    keeper = store.events if isinstance(store, SplitStore) else store
    if isinstance(keeper, SelfChecking):
        damage = tuple(keeper.find_damage())
        yield Check("file", "damaged" if damage else "whole", damage)


def _check_clock(newest: Sequence[RunRecord], now_epoch_ms: int) -> Check:
    last = max((record.last_event_at_epoch_ms for record in newest), default=0)
    if last <= now_epoch_ms + _CLOCK_TOLERANCE_MS:
        return Check("clock", "not behind what was recorded")
    behind_ms = last - now_epoch_ms
    return Check(
        "clock", f"{behind_ms} ms behind the last event", (E_CLOCK_BEHIND.at(None, behind_ms=behind_ms),)
    )


def _check_runs(store: Store, now_epoch_ms: int) -> Check:
    unfinished = store.list_runs(RunFilter(statuses=_UNFINISHED, limit=_MOST_UNFINISHED))
    conditions = [(record.run, describe_record(record, now_epoch_ms)) for record in unfinished]
    stuck = tuple(
        StuckRun(run, condition) for run, condition in conditions if _is_stuck(condition, now_epoch_ms)
    )
    more = " or more" if len(unfinished) == _MOST_UNFINISHED else ""
    text = f"{len(unfinished)}{more} unfinished, {len(stuck)} that nobody drives on"
    return Check("runs", text, stuck=stuck)


def _is_stuck(condition: Condition, now_epoch_ms: int) -> bool:
    """Whether a run waits for a person, or for a driver that does not come."""
    match condition.kind:
        case "interrupted" | "in_doubt":
            return True
        case "queued":
            return now_epoch_ms - condition.since_epoch_ms > _PATIENCE_MS
        case "sleeping" | "waiting":
            due = condition.until_epoch_ms
            return due is not None and now_epoch_ms - due > _PATIENCE_MS
        case _:
            return False


def _check_histories(store: Store, newest: Sequence[RunRecord]) -> Check:
    problems: list[Diagnostic] = []
    for record in newest:
        try:
            if record.standing.status in ENDED:
                get_run(store, record.run)
            else:
                read_run(store, record.run)
        except DiagnosticError as error:
            problems += error.diagnostics
    text = f"the newest {len(newest)} run(s) read and verified"
    return Check("histories", text, tuple(problems))


def _check_artifacts(store: Store) -> Check:
    problems: list[Diagnostic] = []
    seen = 0
    for digest in islice(store.list_artifacts(), _SAMPLED_ARTIFACTS):
        seen += 1
        try:
            store.get_artifact(digest)
        except DiagnosticError as error:
            problems += error.diagnostics
    return Check("artifacts", f"{seen} read and verified", tuple(problems))
