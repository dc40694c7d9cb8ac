"""A store whose artifacts are elsewhere keeps what every store promises, and has them durable first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from house.s3_server import S3Server
from house.store_samples import RUN, Clock, begin, build_artifact, follow
from house.store_suite import SharedStoreSuite, StoreSuite, append_one
from opforge_ir.codes.store import E_STORE_FULL
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_runtime.stores import MemoryStore, SealedArtifact, SqliteStore, Store
from opforge_runtime.stores.files import FileArtifacts
from opforge_runtime.stores.protocol import Append
from opforge_runtime.stores.s3 import S3Artifacts
from opforge_runtime.stores.split import SplitStore


class TestArtifactsInFiles(SharedStoreSuite):
    keeps_artifacts_of_refused = True

    def open(self, tmp_path: Path, clock: Clock) -> Store:
        events = SqliteStore(tmp_path / "runs.db", now_epoch_ms=clock)
        return SplitStore(events, FileArtifacts(tmp_path / "artifacts"))


class TestArtifactsInS3(StoreSuite):
    keeps_artifacts_of_refused = True

    @pytest.fixture(autouse=True)
    def _server(self, s3: S3Server) -> None:
        self.s3 = s3

    def open(self, tmp_path: Path, clock: Clock) -> Store:
        return SplitStore(MemoryStore(now_epoch_ms=clock), S3Artifacts(self.s3.make_bucket()))


class NotingArtifacts:
    """An artifact store that says what it is told, and is full when a test wants it."""

    def __init__(self) -> None:
        self.held: dict[Digest, bytes] = {}
        self.is_full = False
        self.is_closed = False

    def put_artifact(self, artifact: SealedArtifact) -> None:
        if self.is_full:
            raise E_STORE_FULL.error(store="noting")
        self.held[artifact.digest] = artifact.content

    def get_artifact(self, digest: Digest) -> bytes:
        return self.held[digest]

    def list_artifacts(self) -> Iterator[Digest]:
        return iter(self.held)

    def delete_artifact(self, digest: Digest) -> None:
        del self.held[digest]

    def close(self) -> None:
        self.is_closed = True


class NotingEvents(MemoryStore):
    """Notes, with each append, which artifacts were durable by then."""

    def __init__(self, artifacts: NotingArtifacts) -> None:
        super().__init__()
        self._artifacts_elsewhere = artifacts
        self.seen: list[set[Digest]] = []
        self.is_closed = False

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        self.seen.append(set(self._artifacts_elsewhere.held))
        assert all(not append.artifacts for append in appends), "events are alone in their store"
        return super().append(appends)

    def close(self) -> None:
        self.is_closed = True


def test_artifacts_are_durable_before_the_events_that_name_them() -> None:
    artifacts = NotingArtifacts()
    events = NotingEvents(artifacts)
    first, second = build_artifact("a"), build_artifact("b")
    with closing(SplitStore(events, artifacts)) as store:
        append_one(store, begin(artifacts=[first]))
        append_one(store, follow(1, artifacts=[second]))
        assert events.seen == [{first.digest}, {first.digest, second.digest}]
    assert (events.is_closed, artifacts.is_closed) == (True, True)


def test_no_event_is_appended_when_its_artifact_cannot_be_kept() -> None:
    artifacts = NotingArtifacts()
    events = NotingEvents(artifacts)
    store = SplitStore(events, artifacts)
    append_one(store, begin())
    artifacts.is_full = True
    with pytest.raises(DiagnosticError, match="E_STORE_FULL"):
        store.append([follow(1, artifacts=[build_artifact("a")])])
    assert store.get_head(RUN) == 1
    artifacts.is_full = False
    append_one(store, follow(1, artifacts=[build_artifact("a")]))
    assert store.get_head(RUN) == 2


def test_what_was_stored_before_the_artifacts_had_a_store_of_their_own_is_still_read(tmp_path: Path) -> None:
    together = MemoryStore()
    old, new = build_artifact("old"), build_artifact("new")
    append_one(together, begin(artifacts=[old]))
    store = SplitStore(together, FileArtifacts(tmp_path))
    append_one(store, follow(1, artifacts=[new]))
    assert [store.get_artifact(each.digest) for each in (old, new)] == [b"old", b"new"]
    assert list(store.list_artifacts()) == [new.digest]


def test_a_changed_artifact_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    together = MemoryStore()
    artifact = build_artifact("a")
    together.put_artifact(artifact)
    store = SplitStore(together, FileArtifacts(tmp_path))
    store.put_artifact(SealedArtifact(artifact.digest, b"changed"))
    with pytest.raises(DiagnosticError, match="E_ARTIFACT_CORRUPT"):
        store.get_artifact(artifact.digest)
