"""Random histories of a store, each step compared with a model of plain lists: a hypothesis state machine.

A store's own test module subclasses `StoreMachine` and says how a store is opened.
"""

from __future__ import annotations

import shutil
import tempfile
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from house.store_samples import OPENING, Clock, build_artifact, build_event, build_signal
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores import SealedArtifact, SealedEvent, Store
from opforge_runtime.stores.protocol import (
    ENDED,
    RELEASED,
    Append,
    Lease,
    Message,
    Opening,
    RunFilter,
    Standing,
)

__all__ = ["StoreMachine"]

Result = TypeVar("Result")

RUNS: Final = [RunId(f"model-{number:04}") for number in range(4)]
OWNERS: Final = ["host:1", "host:2"]
ARTIFACTS: Final = [build_artifact(text) for text in ("", "one", "two " * 700)]
NAMES: Final = ["go", "stop", "wait"]

runs = st.sampled_from(RUNS)
standings = st.builds(
    Standing,
    status=st.sampled_from(["running"] * 20 + sorted(RELEASED)),
    due_at_epoch_ms=st.none() | st.integers(0, 20).map(lambda step: Clock().now_epoch_ms + 100 * step),
    messages_read=st.integers(0, 2),
)


@dataclass(slots=True)
class Run:
    """What the model knows of a run."""

    opening: Opening
    standing: Standing
    started_at: int
    last_at: int
    token: int = 1
    lease: Lease | None = None
    events: list[tuple[SealedEvent, int]] = field(default_factory=list[tuple[SealedEvent, int]])
    messages: list[tuple[Message, int]] = field(default_factory=list[tuple[Message, int]])


@dataclass(frozen=True, slots=True)
class Draft:
    """An append as it is drawn: how its head and its token are off from what would be right."""

    run: RunId
    is_opening: bool
    head_error: int
    token_error: int
    texts: list[str]
    artifacts: list[int]
    standing: Standing
    posts: list[tuple[RunId, str]]


drafts = st.builds(
    Draft,
    run=runs,
    is_opening=st.sampled_from([False] * 5 + [True]),
    head_error=st.sampled_from([0] * 7 + [-1, 1]),
    token_error=st.sampled_from([0] * 4 + [-1, 1]),
    texts=st.lists(st.sampled_from(["", "a", "bé" * 900]), max_size=3),
    artifacts=st.lists(st.integers(0, len(ARTIFACTS) - 1), max_size=2),
    standing=standings,
    posts=st.lists(st.tuples(runs, st.sampled_from(NAMES)), max_size=2),
)


class StoreMachine(RuleBasedStateMachine):
    """Appends with right and wrong heads and tokens, leases, messages and artifacts of four runs."""

    is_shared = True
    """Whether a store that is opened again holds what it held."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="store-machine-"))
        self.clock = Clock()
        self.store: Store
        self.runs: dict[RunId, Run] = {}
        self.artifacts: dict[Digest, bytes] = {}
        self.leases: list[Lease] = []
        """All that were ever given out."""
        self.count = 0

    @abstractmethod
    def open(self, folder: Path, clock: Clock) -> Store:
        """A store, empty when none was opened in this folder before."""

    @initialize()
    def open_first(self) -> None:
        self.store = self.open(self.folder, self.clock)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
        shutil.rmtree(self.folder)

    @precondition(lambda self: self.is_shared)
    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = self.open(self.folder, self.clock)

    @rule(step=st.integers(1, 15))
    def let_time_pass(self, step: int) -> None:
        self.clock.now_epoch_ms += 100 * step

    # --- appends ----------------------------------------------------------------------------------

    @rule(drawn=st.lists(drafts, min_size=1, max_size=4, unique_by=lambda draft: draft.run))
    def append(self, drawn: list[Draft]) -> None:
        self.count += 1
        appends = [self.build(draft) for draft in drawn]
        refusals = self.store.append(appends)
        assert [code_of(error) for error in refusals] == [self.apply(append) for append in appends]

    def build(self, draft: Draft) -> Append:
        known = self.runs.get(draft.run)
        opens = draft.is_opening or (known is None and draft.token_error == 0)
        token = 1 if opens else max(1, (known.token if known else 1) + draft.token_error)
        right_head = len(known.events) if known else 0
        head = 0 if opens else max(0, right_head + draft.head_error)
        texts = draft.texts or ([""] if opens else [])
        return Append(
            lease=Lease(draft.run, OWNERS[0], token, 500, 0),
            expected_head=head,
            events=[
                build_event(seq, f"{self.count} {text}", text) for seq, text in enumerate(texts, head + 1)
            ],
            artifacts=[ARTIFACTS[index] for index in draft.artifacts],
            standing=draft.standing,
            recorded_at_epoch_ms=self.clock.now_epoch_ms,
            opening=replace(OPENING, op=draft.run) if opens else None,
            posts=[(receiver, build_signal(name)) for receiver, name in draft.posts],
        )

    def apply(self, append: Append) -> str | None:
        """What the store should have said; the model takes the append when it should have been taken."""
        known = self.runs.get(append.run)
        now = self.clock.now_epoch_ms
        if append.opening is not None:
            if known is not None:
                return "E_RUN_EXISTS"
            known = Run(append.opening, append.standing, now, now)
            known.lease = replace(append.lease, expires_at_epoch_ms=now + append.lease.duration_ms)
            self.runs[append.run] = known
            self.leases.append(append.lease)
        elif known is None or known.lease is None or known.lease.token != append.lease.token:
            return "E_LEASE_LOST"
        elif append.expected_head != len(known.events):
            return "E_STALE_HEAD"
        known.events += [(event, now) for event in append.events]
        known.last_at = now if append.events else known.last_at
        known.standing = append.standing
        for artifact in append.artifacts:
            self.artifacts[artifact.digest] = artifact.content
        if append.standing.status in RELEASED:
            known.lease = None
        for receiver, message in append.posts:
            self.apply_post(receiver, message)
        return None

    # --- leases -----------------------------------------------------------------------------------

    @rule(run=runs, owner=st.sampled_from(OWNERS), dead=st.none() | st.sampled_from(OWNERS))
    def acquire(self, run: RunId, owner: str, dead: str | None) -> None:
        known = self.runs.get(run)
        now = self.clock.now_epoch_ms
        expected = None
        if known is None:
            expected = "E_RUN_UNKNOWN"
        elif known.lease is not None and known.lease.owner != dead and known.lease.expires_at_epoch_ms > now:
            expected = "E_RUN_LEASED"
        lease, code = try_to(lambda: self.store.acquire_lease(run, owner, 700, dead_owner=dead))
        assert code == expected
        if known is not None and lease is not None:
            known.token += 1
            known.lease = Lease(run, owner, known.token, 700, now + 700)
            assert lease == known.lease
            self.leases.append(lease)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        known = self.runs[lease.run]
        is_held = known.lease is not None and known.lease.token == lease.token
        renewed, code = try_to(lambda: self.store.renew_lease(lease))
        assert code == (None if is_held else "E_LEASE_LOST")
        if is_held:
            expires = self.clock.now_epoch_ms + lease.duration_ms
            known.lease = replace(lease, expires_at_epoch_ms=expires)
            assert renewed == known.lease

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        known = self.runs[lease.run]
        self.store.release_lease(lease)
        if known.lease is not None and known.lease.token == lease.token:
            known.lease = None

    # --- messages and artifacts -------------------------------------------------------------------

    @rule(run=runs, name=st.sampled_from(NAMES))
    def post(self, run: RunId, name: str) -> None:
        message = build_signal(name)
        posted, code = try_to(lambda: self.store.post_message(run, message))
        assert (posted, code) == self.apply_post(run, message)

    def apply_post(self, run: RunId, message: Message) -> tuple[int | None, str | None]:
        """The position of the message, or the code that refuses it."""
        known = self.runs.get(run)
        if known is None:
            return None, "E_RUN_UNKNOWN"
        for position, (posted, _) in enumerate(known.messages, start=1):
            if posted.id == message.id:
                return position, None
        if known.standing.status in ENDED:
            return None, "E_RUN_FINISHED"
        known.messages.append((message, self.clock.now_epoch_ms))
        return len(known.messages), None

    @rule(artifact=st.sampled_from(ARTIFACTS))
    def keep(self, artifact: SealedArtifact) -> None:
        self.store.put_artifact(artifact)
        self.artifacts[artifact.digest] = artifact.content

    @rule(artifact=st.sampled_from(ARTIFACTS))
    def collect(self, artifact: SealedArtifact) -> None:
        self.store.delete_artifact(artifact.digest)
        self.artifacts.pop(artifact.digest, None)

    # --- what is to be seen -----------------------------------------------------------------------

    @invariant()
    def runs_are_as_in_the_model(self) -> None:
        for run in RUNS:
            known = self.runs.get(run)
            events = known.events if known else []
            stored = [(e.sealed, e.recorded_at_epoch_ms) for e in self.store.read_events(run)]
            assert stored == events
            middle = len(events) // 2 + 1
            assert [e.sealed for e in self.store.read_events(run, middle)] == [
                e for e, _ in events[middle - 1 :]
            ]
            assert self.store.get_head(run) == len(events)
            posted = [(m.message, m.posted_at_epoch_ms) for m in self.store.read_messages(run)]
            assert posted == (known.messages if known else [])
            record = self.store.get_run(run)
            if known is None:
                assert record is None
                continue
            assert record is not None
            assert (record.opening, record.standing, record.lease) == (
                known.opening,
                known.standing,
                known.lease,
            )
            assert (record.started_at_epoch_ms, record.last_event_at_epoch_ms) == (
                known.started_at,
                known.last_at,
            )
            assert record.head == len(known.events)

    @invariant()
    def lists_are_as_in_the_model(self) -> None:
        begun = sorted(self.runs, key=lambda run: (self.runs[run].started_at, run))
        assert [record.run for record in self.store.list_runs()] == begun
        going = [run for run in begun if self.runs[run].standing.status == "running"]
        which = RunFilter(statuses=["running"], limit=2)
        assert [record.run for record in self.store.list_runs(which)] == going[-2:]
        due = sorted((self.get_due_time(run), run) for run in begun if self.is_drivable(self.runs[run]))
        assert self.store.list_drivable(9) == [run for _, run in due]

    @invariant()
    def artifacts_are_as_in_the_model(self) -> None:
        assert set(self.store.list_artifacts()) == set(self.artifacts)
        for digest, content in self.artifacts.items():
            assert self.store.get_artifact(digest) == content

    def get_due_time(self, run: RunId) -> int:
        known = self.runs[run]
        due = known.standing.due_at_epoch_ms
        return known.last_at if due is None else due

    def is_drivable(self, known: Run) -> bool:
        now = self.clock.now_epoch_ms
        if known.lease is not None and known.lease.expires_at_epoch_ms > now:
            return False
        due = known.standing.due_at_epoch_ms
        is_due = due is not None and due <= now
        has_news = len(known.messages) > known.standing.messages_read
        match known.standing.status:
            case "queued" | "running":
                return True
            case "sleeping" | "waiting":
                return is_due or has_news
            case _:
                return False


def try_to(action: Callable[[], Result]) -> tuple[Result | None, str | None]:
    """What an action gives, or the code that refuses it."""
    try:
        return action(), None
    except DiagnosticError as error:
        return None, code_of(error)


def code_of(error: DiagnosticError | None) -> str | None:
    return None if error is None else error.diagnostics[0].code.name
