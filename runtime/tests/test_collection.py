"""The collector removes what no run names, and never anything else, whatever happens beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house.eventful_runs import record_eventful
from house.postgres_samples import get_store_url
from house.postgres_server import PostgresServer
from house.run_builder import RunBuilder
from house.s3_server import S3Server
from house.sample_program import squares
from house.scripted_io import RUN
from house.store_samples import RUN as SAMPLE
from house.store_samples import begin, build_artifact
from house.store_suite import append_one
from opforge_ir.codes.store import E_EVENT_CORRUPT
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.collection import DEFAULT_GRACE_SECONDS, Collection, collect_garbage
from opforge_runtime.stores import MemoryStore, SealedArtifact, SqliteStore, Store
from opforge_runtime.stores.aging import LEAST_GRACE_SECONDS
from opforge_runtime.stores.files import FileArtifacts
from opforge_runtime.stores.opening import open_store
from opforge_runtime.stores.protocol import StoredEvent
from opforge_runtime.stores.s3 import S3Artifacts
from opforge_runtime.stores.split import SplitStore
from opforge_runtime.verification import verify_store

NOW = 4_000_000_000_000
"""Long after anything in these tests is put."""
LOOSE = build_artifact('{"artifact":"fact","of":"nobody"}')


def collect(store: Store, now: int = NOW, *, is_dry_run: bool = False) -> Collection:
    return collect_garbage(store, clock=lambda: now, is_dry_run=is_dry_run)


@pytest.fixture(params=["memory", "sqlite", "postgres", "files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    s3: S3Server | None = request.getfixturevalue("s3") if request.param == "s3" else None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with closing(open_store(get_store_url(server, tmp_path))) as opened:
            yield opened
        return
    stores: dict[str, Callable[[], Store]] = {
        "memory": MemoryStore,
        "sqlite": lambda: SqliteStore(tmp_path / "runs.db"),
        "files": lambda: SplitStore(MemoryStore(), FileArtifacts(tmp_path / "artifacts")),
        "s3": lambda: SplitStore(
            MemoryStore(), S3Artifacts(s3.make_bucket()) if s3 else FileArtifacts(tmp_path)
        ),
    }
    with closing(stores[request.param]()) as opened:
        yield opened


def test_what_no_run_names_goes_and_all_else_stays(store: Store) -> None:
    record_eventful(store)
    kept = set(store.list_artifacts())
    store.put_artifact(LOOSE)
    looked = collect(store, is_dry_run=True)
    assert (looked.removed, looked.freed_bytes) == ([LOOSE.digest], len(LOOSE.content))
    assert set(store.list_artifacts()) == kept | {LOOSE.digest}
    collected = collect(store)
    assert collected == looked
    assert (collected.runs, collected.artifacts, collected.young) == (4, len(kept) + 1, 0)
    assert set(store.list_artifacts()) == kept
    assert [each.problems for each in verify_store(store).runs] == [[]] * 4
    assert collect(store).removed == []


def test_what_was_left_by_an_append_that_was_refused_goes(tmp_path: Path) -> None:
    store = SplitStore(MemoryStore(), FileArtifacts(tmp_path))
    append_one(store, begin())
    with pytest.raises(DiagnosticError, match="E_RUN_EXISTS"):
        append_one(store, begin(artifacts=[LOOSE]))
    assert collect(store).removed == [LOOSE.digest]


def test_a_run_that_was_left_anywhere_can_still_be_resumed(tmp_path: Path) -> None:
    """Nothing that an unfinished run needs is ever touched."""
    for crash_at in range(2, 40, 4):
        store = _CollectedStore(FileArtifacts(tmp_path / str(crash_at)))
        assert record_eventful(store, crash_at=crash_at).outcome == "completed"
        assert verify_store(store).runs[0].problems == []
        assert store.collections > 3


class _CollectedStore(SplitStore):
    """A store that is collected after each append."""

    def __init__(self, artifacts: FileArtifacts) -> None:
        super().__init__(MemoryStore(), artifacts)
        self.collections = 0

    def append(self, appends: Any) -> Any:
        done = super().append(appends)
        collect(self)
        self.collections += 1
        return done


# --- age ------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> FileArtifacts:
    return FileArtifacts(tmp_path / "artifacts")


def set_age(files: FileArtifacts, artifact: SealedArtifact, epoch_ms: int, tmp_path: Path) -> None:
    path = tmp_path / "artifacts" / artifact.digest[:2] / artifact.digest[2:]
    os.utime(path, ns=(0, epoch_ms * 1_000_000))


def test_what_is_young_stays_until_its_period_is_over(files: FileArtifacts, tmp_path: Path) -> None:
    store = SplitStore(MemoryStore(), files)
    store.put_artifact(LOOSE)
    set_age(files, LOOSE, 1_000_000, tmp_path)
    period = DEFAULT_GRACE_SECONDS * 1000
    collected = collect(store, 1_000_000 + period)
    assert (collected.young, collected.removed) == (1, [])
    collected = collect(store, 1_000_001 + period)
    assert (collected.young, collected.removed) == (0, [LOOSE.digest])


def test_a_period_that_is_too_short_is_refused(files: FileArtifacts) -> None:
    with pytest.raises(ValueError, match="at least"):
        collect_garbage(
            SplitStore(MemoryStore(), files), clock=lambda: NOW, grace_seconds=LEAST_GRACE_SECONDS - 1
        )


def test_putting_old_garbage_again_begins_its_period_anew(files: FileArtifacts, tmp_path: Path) -> None:
    """A driver that was about to name it: put, then the collector, then the append."""
    store = SplitStore(MemoryStore(), files)
    store.put_artifact(LOOSE)
    set_age(files, LOOSE, 1_000_000, tmp_path)
    store.put_artifact(LOOSE)
    now = int((tmp_path / "artifacts").stat().st_mtime * 1000) + 5_000
    assert collect(store, now).removed == []
    assert store.get_artifact(LOOSE.digest) == LOOSE.content


def test_an_object_that_is_put_again_is_young_again(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from opforge_runtime.stores import s3 as module

    artifacts = S3Artifacts(s3.make_bucket())
    artifacts.put_artifact(LOOSE)
    (before,) = artifacts.list_dated()
    monkeypatch.setattr(module, "_YOUNG_MS", -(10**12))
    assert artifacts.delete_stale(LOOSE.digest, before.put_at_epoch_ms) is False
    artifacts.put_artifact(LOOSE)
    assert artifacts.get_artifact(LOOSE.digest) == LOOSE.content
    assert artifacts.delete_stale(LOOSE.digest, NOW) is True
    assert artifacts.delete_stale(LOOSE.digest, NOW) is False


def test_one_that_is_made_fresh_while_it_is_removed_gets_its_name_back(
    files: FileArtifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The put came between the look at all ages and the removal of this one."""
    files.put_artifact(LOOSE)
    set_age(files, LOOSE, 1_000_000, tmp_path)
    rename = os.rename

    def put_first(*arguments: Any, **options: Any) -> None:
        monkeypatch.undo()
        files.put_artifact(LOOSE)
        rename(*arguments, **options)

    monkeypatch.setattr(os, "rename", put_first)
    assert files.delete_stale(LOOSE.digest, 2_000_000) is False
    assert files.get_artifact(LOOSE.digest) == LOOSE.content
    assert [path.name for path in (tmp_path / "artifacts").rglob(".*")] == []


def test_what_a_collector_that_died_had_taken_away_comes_back(
    files: FileArtifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SplitStore(MemoryStore(), files)
    store.put_artifact(LOOSE)

    def die(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(os, "unlink", die)
        with pytest.raises(KeyboardInterrupt):
            collect(store)
    assert list(store.list_artifacts()) == []
    files.delete_leftovers(0)
    assert store.get_artifact(LOOSE.digest) == LOOSE.content


def test_what_a_writer_that_died_had_begun_goes_with_its_age(
    files: FileArtifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.EIO, "as the test wants it")

    with monkeypatch.context() as dying:
        dying.setattr(os, "rename", fail)
        dying.setattr(os, "unlink", fail)
        with pytest.raises(DiagnosticError, match="E_STORE_IO"):
            files.put_artifact(LOOSE)
    (left,) = (tmp_path / "artifacts").rglob(".*.new")
    files.delete_leftovers(0)
    assert left.exists()
    files.delete_leftovers(NOW)
    assert not left.exists()


# --- beside drivers -------------------------------------------------------------------------------


class _RacingStore(MemoryStore):
    """A run names an artifact just before it is removed."""

    def __init__(self, race: Callable[[Store], None]) -> None:
        super().__init__()
        self._race: Callable[[Store], None] | None = race

    def delete_artifact(self, digest: Digest) -> None:
        race, self._race = self._race, None
        if race is not None:
            race(self)
        super().delete_artifact(digest)


def build_run(store: Store, name: str, values: Sequence[str], *, attached: bool = True) -> RunBuilder:
    builder = RunBuilder(store, name, squares())
    for index, value in enumerate(values):
        builder.enter("sample.main.x", f"x[{index}]")
        builder.answer("sample.main.x", value, f"x[{index}]", attached=attached)
        builder.complete("sample.main.x", f"x[{index}]")
    return builder.append(1_000)


def test_what_a_run_names_meanwhile_is_put_back() -> None:
    other = MemoryStore()
    build_run(other, "named-meanwhile", ["1"], attached=False)

    def race(racing: Store) -> None:
        build_run(racing, "named-meanwhile", ["1"], attached=False)

    store = _RacingStore(race)
    for digest in other.list_artifacts():
        store.put_artifact(SealedArtifact(digest, other.get_artifact(digest)))
    store.put_artifact(LOOSE)
    assert collect(store).removed == [LOOSE.digest]
    assert set(store.list_artifacts()) == set(other.list_artifacts())


def test_nothing_is_removed_while_one_run_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    record_eventful(store)
    store.put_artifact(LOOSE)
    before = set(store.list_artifacts())
    read = store.read_events

    def fail(run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        if run != RUN:
            raise E_EVENT_CORRUPT.error(run=run, seq=1, problem="as the test wants it")
        return read(run, first_seq)

    monkeypatch.setattr(store, "read_events", fail)
    with pytest.raises(DiagnosticError, match="E_EVENT_CORRUPT"):
        collect(store)
    assert set(store.list_artifacts()) == before


def test_a_damaged_artifact_is_left_for_somebody_to_look_at() -> None:
    store = MemoryStore()
    append_one(store, begin())
    store.put_artifact(SealedArtifact(LOOSE.digest, b"changed"))
    assert collect(store).removed == []
    assert list(store.list_artifacts()) == [LOOSE.digest]
    assert store.get_head(SAMPLE) == 1


@settings(max_examples=60)
@given(
    runs=st.lists(st.tuples(st.lists(st.sampled_from("123"), max_size=4), st.booleans()), max_size=4),
    loose=st.lists(st.binary(max_size=8), max_size=6),
    is_split=st.booleans(),
)
def test_what_can_be_reached_is_never_removed(
    runs: list[tuple[list[str], bool]],
    loose: list[bytes],
    is_split: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    events = MemoryStore()
    store = SplitStore(events, FileArtifacts(tmp_path_factory.mktemp("held"))) if is_split else events
    for content in loose:
        store.put_artifact(build_artifact(f"loose {content.hex()}"))
    for index, (values, attached) in enumerate(runs):
        build_run(store, f"generated-{index}", values, attached=attached)
    unnamed = {build_artifact(f"loose {content.hex()}").digest for content in loose}
    reachable = set(store.list_artifacts()) - unnamed
    before = verify_store(store)
    assert set(collect(store).removed) == unnamed
    assert set(store.list_artifacts()) == reachable
    after = verify_store(store)
    assert (after.runs, after.unnamed) == (before.runs, 0)
    assert "E_ARTIFACT_MISSING" not in {each.code.name for run in after.runs for each in run.problems}
