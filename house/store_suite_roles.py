"""What every store promises as a keeper of leases, messages and artifacts, as tests.

The suite of a whole store is `house.store_suite.StoreSuite`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from house.store_samples import (
    LEASE_MS,
    OTHER,
    OWNER,
    RUN,
    Clock,
    begin,
    build_artifact,
    build_signal,
    follow,
    own_lease,
)
from opforge_ir.diagnostics import DiagnosticError, FieldValue
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.stores import SealedArtifact, Store
from opforge_runtime.stores.protocol import ENDED, RELEASED, Append, Lease, Message, Standing

__all__ = ["ArtifactSuite", "InboxSuite", "LeaseSuite", "RoleSuite", "append_one", "describe", "read_names"]

THIRD = RunId("third-0003")


def describe(error: DiagnosticError | None) -> tuple[str, Mapping[str, FieldValue]] | None:
    """The one code of an error and its values."""
    if error is None:
        return None
    (problem,) = error.diagnostics
    return problem.code.name, problem.values


def append_one(store: Store, append: Append) -> None:
    """Append, and raise what refused it."""
    (refused,) = store.append([append])
    if refused is not None:
        raise refused


def read_names(errors: Sequence[DiagnosticError | None]) -> list[str | None]:
    """The names of the codes of errors."""
    return [None if error is None else error.diagnostics[0].code.name for error in errors]


class RoleSuite(ABC):
    """How a suite opens the store that it is about."""

    keeps_artifacts_of_refused = False
    """Whether a refused append leaves its artifacts, for a collector to remove."""

    @abstractmethod
    def open(self, tmp_path: Path, clock: Clock) -> Store:
        """A store, empty when none was opened in this folder before."""

    def list_left(self, *texts: str) -> list[Digest]:
        """What is left of the artifacts of refused appends."""
        return [build_artifact(text).digest for text in texts] if self.keeps_artifacts_of_refused else []

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, tmp_path: Path, clock: Clock) -> Iterator[Store]:
        with closing(self.open(tmp_path, clock)) as opened:
            yield opened


class LeaseSuite(RoleSuite):
    """Who drives which run."""

    def test_a_lease_holds_until_it_expires(self, store: Store, clock: Clock) -> None:
        append_one(store, begin())
        clock.now_epoch_ms += 1_000
        with pytest.raises(DiagnosticError) as refused:
            store.acquire_lease(RUN, "host:2", 500)
        held = {"run": RUN, "owner": OWNER, "left_ms": LEASE_MS - 1_000}
        assert describe(refused.value) == ("E_RUN_LEASED", held)
        clock.now_epoch_ms += LEASE_MS - 1_000
        lease = store.acquire_lease(RUN, "host:2", 500)
        assert lease == Lease(RUN, "host:2", 2, 500, clock.now_epoch_ms + 500)
        record = store.get_run(RUN)
        assert record is not None
        assert record.lease == lease

    def test_a_lease_of_a_dead_process_is_taken_over_at_once(self, store: Store) -> None:
        append_one(store, begin())
        with pytest.raises(DiagnosticError, match="E_RUN_LEASED"):
            store.acquire_lease(RUN, "host:2", 500, dead_owner="host:9")
        assert store.acquire_lease(RUN, "host:2", 500, dead_owner=OWNER).token == 2

    def test_a_stale_token_is_refused_by_the_store(self, store: Store, clock: Clock) -> None:
        append_one(store, begin())
        clock.now_epoch_ms += LEASE_MS
        second = store.acquire_lease(RUN, "host:2", LEASE_MS)
        (refused,) = store.append([follow(1)])
        assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": OWNER})
        append_one(store, follow(1, token=second.token, owner="host:2"))
        clock.now_epoch_ms += LEASE_MS
        assert store.acquire_lease(RUN, OWNER, LEASE_MS).token == 3
        (refused,) = store.append([follow(2, token=second.token, owner="host:2")])
        assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": "host:2"})
        assert store.get_head(RUN) == 2

    def test_an_expired_lease_appends_while_nobody_has_taken_it_over(
        self, store: Store, clock: Clock
    ) -> None:
        append_one(store, begin())
        clock.now_epoch_ms += 10 * LEASE_MS
        append_one(store, follow(1))
        assert store.get_head(RUN) == 2

    def test_an_append_to_a_run_that_was_never_begun_is_refused(self, store: Store) -> None:
        (refused,) = store.append([follow(0, artifacts=[build_artifact("a")])])
        assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": OWNER})
        assert store.get_run(RUN) is None
        assert list(store.list_artifacts()) == self.list_left("a")

    @pytest.mark.parametrize("status", sorted(RELEASED))
    def test_an_append_that_leaves_a_run_gives_its_lease_back(self, store: Store, status: str) -> None:
        append_one(store, begin())
        append_one(store, follow(1, standing=Standing(status)))  # type: ignore[arg-type]
        record = store.get_run(RUN)
        assert record is not None
        assert record.lease is None
        (refused,) = store.append([follow(2)])
        assert describe(refused) == ("E_LEASE_LOST", {"run": RUN, "owner": OWNER})
        assert store.acquire_lease(RUN, OWNER, LEASE_MS).token == 2

    def test_a_run_may_be_begun_for_others_to_drive(self, store: Store) -> None:
        append_one(store, begin(status="queued"))
        lease = store.acquire_lease(RUN, "host:2", 500)
        assert lease.token == 2
        append_one(store, follow(1, token=2, owner="host:2"))

    def test_a_renewed_lease_holds_from_now_on(self, store: Store, clock: Clock) -> None:
        append_one(store, begin())
        clock.now_epoch_ms += LEASE_MS - 1
        renewed = store.renew_lease(own_lease())
        assert renewed == Lease(RUN, OWNER, 1, LEASE_MS, clock.now_epoch_ms + LEASE_MS)
        clock.now_epoch_ms += LEASE_MS - 1
        with pytest.raises(DiagnosticError, match="E_RUN_LEASED"):
            store.acquire_lease(RUN, "host:2", 500)

    def test_a_lease_that_was_lost_is_not_renewed(self, store: Store, clock: Clock) -> None:
        append_one(store, begin())
        clock.now_epoch_ms += LEASE_MS
        second = store.acquire_lease(RUN, "host:2", LEASE_MS)
        for lost in (own_lease(), own_lease(token=3), own_lease(OTHER)):
            with pytest.raises(DiagnosticError) as refused:
                store.renew_lease(lost)
            expected = "E_RUN_UNKNOWN" if lost.run == OTHER else "E_LEASE_LOST"
            assert refused.value.diagnostics[0].code.name == expected
        store.release_lease(own_lease())
        store.release_lease(own_lease(OTHER))
        assert store.renew_lease(second).token == 2
        store.release_lease(second)
        with pytest.raises(DiagnosticError, match="E_LEASE_LOST"):
            store.renew_lease(second)
        assert store.acquire_lease(RUN, OWNER, 1).token == 3

    def test_a_run_that_is_not_there_has_no_lease(self, store: Store) -> None:
        with pytest.raises(DiagnosticError) as refused:
            store.acquire_lease(RUN, OWNER, 1)
        assert describe(refused.value) == ("E_RUN_UNKNOWN", {"run": RUN})


class InboxSuite(RoleSuite):
    """Messages to runs."""

    def test_messages_are_kept_in_their_order(self, store: Store, clock: Clock) -> None:
        append_one(store, begin())
        append_one(store, begin(OTHER))
        messages = [
            build_signal("go"),
            Message(kind="cancel", name="", content=b'"too late"', id="c1"),
            Message(kind="child", name=OTHER, content=b'"completed"', id=OTHER),
        ]
        assert store.post_message(OTHER, build_signal("elsewhere")) == 1
        times: list[int] = []
        for position, message in enumerate(messages, start=1):
            clock.now_epoch_ms += 1
            times.append(clock.now_epoch_ms)
            assert store.post_message(RUN, message) == position
        stored = store.read_messages(RUN)
        assert [m.position for m in stored] == [1, 2, 3]
        assert [m.message for m in stored] == messages
        assert [m.posted_at_epoch_ms for m in stored] == times
        assert [m.position for m in store.read_messages(RUN, 2)] == [3]
        assert store.read_messages(RUN, 3) == []

    def test_a_message_is_kept_once(self, store: Store) -> None:
        append_one(store, begin())
        append_one(store, begin(OTHER))
        store.post_message(RUN, build_signal("first"))
        store.post_message(RUN, build_signal("second", "id"))
        assert store.post_message(RUN, build_signal("again", "id")) == 2
        assert store.post_message(OTHER, build_signal("there", "id")) == 1
        assert [m.message.name for m in store.read_messages(RUN)] == ["first", "second"]
        append_one(store, follow(1, standing=Standing("completed")))
        assert store.post_message(RUN, build_signal("again", "id")) == 2

    @pytest.mark.parametrize("status", sorted(ENDED))
    def test_a_run_that_is_over_takes_no_messages(self, store: Store, status: str) -> None:
        append_one(store, begin(status=status))  # type: ignore[arg-type]
        with pytest.raises(DiagnosticError) as refused:
            store.post_message(RUN, build_signal("late"))
        assert describe(refused.value) == ("E_RUN_FINISHED", {"run": RUN, "outcome": status})
        assert store.read_messages(RUN) == []

    def test_a_run_that_is_not_there_takes_no_messages(self, store: Store) -> None:
        with pytest.raises(DiagnosticError) as refused:
            store.post_message(RUN, build_signal("early"))
        assert describe(refused.value) == ("E_RUN_UNKNOWN", {"run": RUN})

    def test_an_append_posts_to_other_runs(self, store: Store, clock: Clock) -> None:
        append_one(store, begin(RUN))
        append_one(store, begin(OTHER))
        append_one(store, begin(THIRD, status="failed"))
        over = Message(kind="child", name=OTHER, content=b'"completed"', id=OTHER)
        store.post_message(RUN, build_signal("before"))
        append_one(
            store,
            follow(
                1,
                OTHER,
                standing=Standing("completed"),
                posts=[(RUN, over), (THIRD, over), (RunId("nobody-0"), over), (RUN, over)],
            ),
        )
        stored = store.read_messages(RUN)
        assert [(m.position, m.message) for m in stored] == [(1, build_signal("before")), (2, over)]
        assert stored[1].posted_at_epoch_ms == clock.now_epoch_ms
        assert store.read_messages(THIRD) == []

    def test_a_message_that_has_come_meanwhile_ends_a_wait(self, store: Store) -> None:
        append_one(store, begin())
        store.read_messages(RUN)
        store.post_message(RUN, build_signal("go"))
        asyncio.run(asyncio.wait_for(store.wait_for_change(RUN, 3_600), 60))
        assert len(store.read_messages(RUN)) == 1

    def test_a_wait_ends_with_its_time(self, store: Store) -> None:
        append_one(store, begin())
        store.read_messages(RUN)
        asyncio.run(asyncio.wait_for(store.wait_for_change(RUN, 0.001), 60))


class ArtifactSuite(RoleSuite):
    """Immutable bytes by their digest."""

    def test_events_and_artifacts_are_appended_together(self, store: Store) -> None:
        kept = [build_artifact("a"), build_artifact("b"), build_artifact("a")]
        append_one(store, replace(begin(), artifacts=kept))
        assert [store.get_artifact(a.digest) for a in kept] == [b"a", b"b", b"a"]

    def test_an_artifact_is_kept_once(self, store: Store) -> None:
        store.put_artifact(build_artifact("a"))
        store.put_artifact(build_artifact("a"))
        append_one(store, replace(begin(), artifacts=[build_artifact("a")]))
        assert store.get_artifact(build_artifact("a").digest) == b"a"
        assert list(store.list_artifacts()) == [build_artifact("a").digest]

    def test_a_changed_artifact_is_found_when_it_is_read(self, store: Store) -> None:
        wrong = SealedArtifact(digest_bytes(b"said"), b"held")
        store.put_artifact(wrong)
        with pytest.raises(DiagnosticError) as corrupt:
            store.get_artifact(wrong.digest)
        values = {"digest": wrong.digest, "actual": digest_bytes(b"held")}
        assert describe(corrupt.value) == ("E_ARTIFACT_CORRUPT", values)

    def test_a_missing_artifact_is_named(self, store: Store) -> None:
        with pytest.raises(DiagnosticError) as missing:
            store.get_artifact(Digest("0" * 64))
        assert describe(missing.value) == ("E_ARTIFACT_MISSING", {"digest": "0" * 64})

    def test_artifacts_are_listed_and_collected(self, store: Store) -> None:
        artifacts = [build_artifact(text) for text in ("a", "b", "c")]
        for artifact in artifacts:
            store.put_artifact(artifact)
        assert set(store.list_artifacts()) == {a.digest for a in artifacts}
        for digest in store.list_artifacts():
            if digest != artifacts[1].digest:
                store.delete_artifact(digest)
        store.delete_artifact(artifacts[0].digest)
        assert list(store.list_artifacts()) == [artifacts[1].digest]
        with pytest.raises(DiagnosticError, match="E_ARTIFACT_MISSING"):
            store.get_artifact(artifacts[0].digest)
        store.put_artifact(artifacts[0])
        assert store.get_artifact(artifacts[0].digest) == b"a"

    @pytest.mark.parametrize("size", [0, 1, 5_000, 300_000])
    def test_artifacts_are_of_any_size(self, store: Store, size: int) -> None:
        artifact = build_artifact("x" * size)
        store.put_artifact(artifact)
        assert store.get_artifact(artifact.digest) == artifact.content
