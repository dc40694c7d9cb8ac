"""What every store promises (`opforge_runtime.stores.protocol`), as tests that each store runs.

A store's own test module subclasses `StoreSuite`, or `SharedStoreSuite` when several processes may open one
place, and says how a store is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from house.store_samples import (
    LEASE_MS,
    OPENING,
    OTHER,
    OWNER,
    RUN,
    Clock,
    begin,
    build_artifact,
    build_event,
    build_signal,
    follow,
    own_lease,
)
from house.store_suite_roles import ArtifactSuite, InboxSuite, LeaseSuite, append_one, describe, read_names
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.stores import Store
from opforge_runtime.stores.protocol import Lease, Message, RunFilter, Standing

__all__ = ["SharedStoreSuite", "StoreSuite", "append_one", "describe"]

THIRD = RunId("third-0003")


def read_seqs(store: Store, run: RunId = RUN, first_seq: int = 1) -> list[int]:
    return [stored.sealed.seq for stored in store.read_events(run, first_seq)]


class StoreSuite(LeaseSuite, InboxSuite, ArtifactSuite):
    """The promises that every store keeps."""

    def test_a_run_that_is_not_there_has_no_events(self, store: Store) -> None:
        assert store.get_head(RUN) == 0
        assert store.read_events(RUN) == []
        assert store.get_run(RUN) is None
        assert store.list_runs() == []
        assert store.list_drivable(9) == []
        assert store.read_messages(RUN) == []

    def test_events_come_back_in_order_with_their_time(self, store: Store) -> None:
        append_one(store, begin(count=2, at=10))
        append_one(store, follow(2, at=20))
        stored = store.read_events(RUN)
        assert [e.sealed for e in stored] == [build_event(1), build_event(2), build_event(3)]
        assert [e.recorded_at_epoch_ms for e in stored] == [10, 10, 20]
        assert store.get_head(RUN) == 3

    @pytest.mark.parametrize("first_seq", range(1, 8))
    def test_events_are_read_from_anywhere(self, store: Store, first_seq: int) -> None:
        append_one(store, begin(count=2))
        append_one(store, follow(2, count=3))
        append_one(store, follow(5, count=1))
        assert read_seqs(store, first_seq=first_seq) == list(range(first_seq, 7))

    def test_attachments_stay_with_their_events(self, store: Store) -> None:
        events = [build_event(1, attachment="one"), build_event(2), build_event(3, attachment="thrée")]
        append_one(store, replace(begin(), events=events))
        assert [e.sealed for e in store.read_events(RUN)] == events
        assert [e.sealed for e in store.read_events(RUN, 3)] == events[2:]
        with pytest.raises(DiagnosticError, match="E_ARTIFACT_MISSING"):
            store.get_artifact(digest_bytes(events[0].attachment))

    def test_runs_are_apart(self, store: Store) -> None:
        append_one(store, begin(OTHER))
        append_one(store, begin(RUN))
        append_one(store, follow(1, OTHER))
        assert (store.get_head(RUN), store.get_head(OTHER)) == (1, 2)
        assert (read_seqs(store, RUN), read_seqs(store, OTHER)) == ([1], [1, 2])

    @pytest.mark.parametrize("expected", [0, 1, 3, 7])
    def test_a_stale_head_is_refused_and_nothing_is_kept(self, store: Store, expected: int) -> None:
        append_one(store, begin(count=2))
        append_one(store, begin(OTHER))
        before = store.get_run(RUN)
        late = build_artifact("late")
        (refused,) = store.append(
            [
                follow(
                    expected,
                    text="other",
                    artifacts=[late],
                    standing=Standing("completed"),
                    posts=[(OTHER, build_signal("over"))],
                )
            ]
        )
        assert describe(refused) == ("E_STALE_HEAD", {"run": RUN, "expected": expected, "actual": 2})
        assert [e.sealed for e in store.read_events(RUN)] == [build_event(1), build_event(2)]
        assert store.get_run(RUN) == before
        assert store.read_messages(OTHER) == []
        if not self.keeps_artifacts_of_refused:
            with pytest.raises(DiagnosticError, match="E_ARTIFACT_MISSING"):
                store.get_artifact(late.digest)

    def test_a_run_is_opened_once(self, store: Store) -> None:
        append_one(store, begin())
        (refused,) = store.append([begin(at=99)])
        assert describe(refused) == ("E_RUN_EXISTS", {"run": RUN})
        assert [e.recorded_at_epoch_ms for e in store.read_events(RUN)] == [10]

    def test_an_opening_that_does_not_begin_at_the_beginning_is_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="begins"):
            replace(follow(1), opening=OPENING)
        with pytest.raises(ValueError, match="begins"):
            replace(begin(), events=[])
        with pytest.raises(ValueError, match="begins"):
            replace(begin(), lease=own_lease(token=2))

    def test_a_gap_is_a_mistake_of_the_caller(self) -> None:
        for seqs in ([2], [1, 3], [1, 1]):
            with pytest.raises(ValueError, match="without a gap"):
                replace(begin(), events=[build_event(seq) for seq in seqs])

    def test_appends_of_many_runs_are_taken_or_refused_each_by_itself(self, store: Store) -> None:
        append_one(store, begin(OTHER))
        refusals = store.append(
            [
                begin(RUN, count=2),
                follow(5, OTHER, artifacts=[build_artifact("late")]),
                begin(THIRD),
            ]
        )
        assert read_names(refusals) == [None, "E_STALE_HEAD", None]
        assert [store.get_head(run) for run in (RUN, OTHER, THIRD)] == [2, 1, 1]
        assert list(store.list_artifacts()) == self.list_left("late")
        refusals = store.append([follow(1, THIRD), follow(2, RUN, token=7), follow(1, OTHER), begin(OTHER)])
        assert read_names(refusals) == [None, "E_LEASE_LOST", None, "E_RUN_EXISTS"]
        assert [store.get_head(run) for run in (RUN, OTHER, THIRD)] == [2, 2, 2]

    def test_an_append_of_nothing_is_nothing(self, store: Store) -> None:
        assert store.append([]) == []

    def test_an_append_without_events_says_how_the_run_stands(self, store: Store) -> None:
        append_one(store, begin())
        standing = Standing("waiting", 77, 0)
        append_one(store, replace(follow(1, standing=standing, at=99), events=[]))
        record = store.get_run(RUN)
        assert record is not None
        assert (record.standing, record.head, record.last_event_at_epoch_ms) == (standing, 1, 10)
        (refused,) = store.append([replace(follow(1), events=[])])
        assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": OWNER})

    # --- runs in lists ----------------------------------------------------------------------------

    def test_a_run_is_shown_as_its_last_append_left_it(self, store: Store, clock: Clock) -> None:
        opening = replace(OPENING, parent=OTHER)
        append_one(store, begin(count=2, at=10, opening=opening))
        append_one(store, follow(2, at=20, standing=Standing("running", 99, 0)))
        record = store.get_run(RUN)
        assert record is not None
        assert (record.run, record.opening, record.standing) == (RUN, opening, Standing("running", 99, 0))
        assert (record.head, record.started_at_epoch_ms, record.last_event_at_epoch_ms) == (3, 10, 20)
        assert record.lease == Lease(RUN, OWNER, 1, LEASE_MS, clock.now_epoch_ms + LEASE_MS)
        assert store.list_runs() == [record]

    @pytest.mark.parametrize(
        ("which", "found"),
        [
            (RunFilter(), [OTHER, RUN, THIRD]),
            (RunFilter(statuses={"running", "failed"}), [OTHER, RUN]),
            (RunFilter(statuses=["sleeping"]), [THIRD]),
            (RunFilter(workload="pay"), [THIRD]),
            (RunFilter(op="check"), [OTHER, RUN]),
            (RunFilter(workload="watch", op="pay"), []),
            (RunFilter(parent=RUN), [THIRD]),
            (RunFilter(started_from_epoch_ms=7), [RUN, THIRD]),
            (RunFilter(started_before_epoch_ms=7), [OTHER]),
            (RunFilter(beginning="sample-000"), [OTHER, RUN]),
            (RunFilter(beginning="%"), []),
            (RunFilter(beginning="sample_0001"), []),
            (RunFilter(limit=2), [RUN, THIRD]),
            (RunFilter(limit=0), []),
            (RunFilter(op="check", limit=1), [RUN]),
        ],
    )
    def test_runs_are_listed_by_their_beginning(
        self, store: Store, which: RunFilter, found: list[RunId]
    ) -> None:
        append_one(store, begin(RUN, at=7))
        append_one(store, begin(OTHER, at=5, status="failed"))
        opening = replace(OPENING, workload="pay", op="out", parent=RUN)
        append_one(store, begin(THIRD, at=7, opening=opening, status="sleeping", due=50))
        append_one(store, follow(1, RUN, at=9))
        assert [record.run for record in store.list_runs(which)] == found

    @pytest.mark.parametrize(
        ("standing", "is_drivable"),
        [
            (Standing("queued"), True),
            (Standing("running"), False),
            (Standing("sleeping", 1_700_000_000_000), True),
            (Standing("sleeping", 1_700_000_000_001), False),
            (Standing("waiting"), False),
            (Standing("waiting", 1_699_999_999_999), True),
            (Standing("needs_resolution", 1), False),
            (Standing("completed", 1), False),
            (Standing("failed", 1), False),
            (Standing("cancelled", 1), False),
        ],
    )
    def test_what_is_due_should_be_driven(self, store: Store, standing: Standing, is_drivable: bool) -> None:
        append_one(store, replace(begin(), standing=standing))
        assert store.list_drivable(9) == ([RUN] if is_drivable else [])

    def test_a_running_run_should_be_driven_when_its_lease_is_over(self, store: Store, clock: Clock) -> None:
        append_one(store, begin())
        clock.now_epoch_ms += LEASE_MS - 1
        assert store.list_drivable(9) == []
        clock.now_epoch_ms += 1
        assert store.list_drivable(9) == [RUN]
        lease = store.acquire_lease(RUN, OWNER, LEASE_MS)
        assert store.list_drivable(9) == []
        store.release_lease(lease)
        assert store.list_drivable(9) == [RUN]

    @pytest.mark.parametrize("status", ["sleeping", "waiting"])
    def test_a_run_that_waits_should_be_driven_when_it_has_a_message(self, store: Store, status: str) -> None:
        append_one(store, begin())
        store.post_message(RUN, build_signal("one"))
        standing = Standing(status, None, 1)  # type: ignore[arg-type]
        append_one(store, follow(1, standing=standing))
        assert store.list_drivable(9) == []
        store.post_message(RUN, build_signal("two"))
        assert store.list_drivable(9) == [RUN]
        store.acquire_lease(RUN, OWNER, LEASE_MS)
        assert store.list_drivable(9) == []

    def test_the_longest_due_is_driven_first(self, store: Store) -> None:
        append_one(store, begin(RUN, status="sleeping", due=300, at=1))
        append_one(store, begin(OTHER, status="queued", at=200))
        append_one(store, begin(THIRD, status="waiting", due=100, at=250))
        assert store.list_drivable(9) == [THIRD, OTHER, RUN]
        assert store.list_drivable(2) == [THIRD, OTHER]


class SharedStoreSuite(StoreSuite):
    """What a store promises besides when several processes may have it open."""

    @pytest.fixture
    def second(self, tmp_path: Path, clock: Clock) -> Iterator[Store]:
        """The same place, opened once more."""
        with closing(self.open(tmp_path, clock)) as opened:
            yield opened

    def test_what_was_taken_is_there_when_the_store_is_opened_again(
        self, tmp_path: Path, clock: Clock
    ) -> None:
        with closing(self.open(tmp_path, clock)) as store:
            append_one(store, replace(begin(), artifacts=[build_artifact("a")]))
            store.post_message(RUN, build_signal("go"))
            record, events, messages = store.get_run(RUN), store.read_events(RUN), store.read_messages(RUN)
        with closing(self.open(tmp_path, clock)) as store:
            assert store.get_run(RUN) == record
            assert store.read_events(RUN) == events
            assert store.read_messages(RUN) == messages
            assert store.get_artifact(build_artifact("a").digest) == b"a"

    def test_one_history_comes_of_two_drivers(self, store: Store, second: Store, clock: Clock) -> None:
        append_one(store, begin())
        append_one(store, follow(1))
        with pytest.raises(DiagnosticError, match="E_RUN_LEASED"):
            second.acquire_lease(RUN, "host:2", LEASE_MS)
        clock.now_epoch_ms += LEASE_MS
        taken = second.acquire_lease(RUN, "host:2", LEASE_MS)
        append_one(second, follow(2, token=taken.token, text="second", owner="host:2"))
        for head in (2, 3):
            (refused,) = store.append([follow(head, text="first")])
            assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": OWNER})
        with pytest.raises(DiagnosticError, match="E_LEASE_LOST"):
            store.renew_lease(own_lease())
        expected = [build_event(1), build_event(2), build_event(3, "second")]
        assert [e.sealed for e in store.read_events(RUN)] == expected

    def test_a_run_is_opened_by_one_of_two(self, store: Store, second: Store) -> None:
        append_one(store, begin())
        assert read_names(second.append([begin()])) == ["E_RUN_EXISTS"]

    def test_a_message_from_another_process_ends_a_wait(self, store: Store, second: Store) -> None:
        append_one(store, begin())

        async def wait() -> None:
            assert store.read_messages(RUN) == []
            second.post_message(RUN, build_signal("early"))
            await store.wait_for_change(RUN, 3_600)
            while len(store.read_messages(RUN)) < 2:
                waiting = asyncio.ensure_future(store.wait_for_change(RUN, 3_600))
                await asyncio.sleep(0)
                second.post_message(RUN, build_signal("late"))
                await waiting

        asyncio.run(asyncio.wait_for(wait(), 60))
        assert [m.message.name for m in store.read_messages(RUN)] == ["early", "late"]

    def test_the_end_of_a_child_in_another_process_ends_a_wait(self, store: Store, second: Store) -> None:
        append_one(store, begin())
        append_one(second, begin(OTHER, opening=replace(OPENING, parent=RUN)))
        over = Message(kind="child", name=OTHER, content=b'"completed"', id=OTHER)

        async def wait() -> None:
            assert store.read_messages(RUN) == []
            waiting = asyncio.ensure_future(store.wait_for_change(RUN, 3_600))
            await asyncio.sleep(0)
            append_one(second, follow(1, OTHER, standing=Standing("completed"), posts=[(RUN, over)]))
            await waiting

        asyncio.run(asyncio.wait_for(wait(), 60))
        assert [m.message for m in store.read_messages(RUN)] == [over]
