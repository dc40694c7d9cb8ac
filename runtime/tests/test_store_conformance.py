"""What every store promises. Each store runs the same suite."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.stores import MemoryStore, SealedArtifact, SealedEvent, SqliteStore, Store

RUN, OTHER = RunId("sample-0001"), RunId("sample-0002")


def event(seq: int, text: str = "") -> SealedEvent:
    content = f"event {seq} {text}".encode()
    return SealedEvent(seq, digest_bytes(content), content)


def artifact(text: str) -> SealedArtifact:
    content = text.encode()
    return SealedArtifact(digest_bytes(content), content)


def code_of(error: pytest.ExceptionInfo[DiagnosticError]) -> str:
    (problem,) = error.value.diagnostics
    return problem.code.name


class StoreSuite(ABC):
    """The promises of `opforge_runtime.stores.protocol`."""

    @abstractmethod
    def open(self, tmp_path: Path) -> Store:
        """A new, empty store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        opened = self.open(tmp_path)
        yield opened
        opened.close()

    def test_a_run_without_events_has_the_head_zero(self, store: Store) -> None:
        assert store.get_head(RUN) == 0
        assert store.read_events(RUN) == []
        assert store.list_runs() == []

    def test_events_come_back_in_order_with_their_time(self, store: Store) -> None:
        store.append(RUN, 0, [event(1), event(2)], [], 10)
        store.append(RUN, 2, [event(3)], [], 20)
        stored = store.read_events(RUN)
        assert [e.sealed for e in stored] == [event(1), event(2), event(3)]
        assert [e.recorded_at_epoch_ms for e in stored] == [10, 10, 20]
        assert [e.sealed.seq for e in store.read_events(RUN, 3)] == [3]
        assert store.get_head(RUN) == 3

    def test_runs_are_apart_and_listed_by_their_beginning(self, store: Store) -> None:
        store.append(OTHER, 0, [event(1)], [], 5)
        store.append(RUN, 0, [event(1)], [], 7)
        store.append(OTHER, 1, [event(2)], [], 9)
        assert store.list_runs() == [OTHER, RUN]
        assert (store.get_head(RUN), store.get_head(OTHER)) == (1, 2)

    @pytest.mark.parametrize("expected", [0, 1, 3, 7])
    def test_a_stale_head_is_refused_and_nothing_is_kept(self, store: Store, expected: int) -> None:
        store.append(RUN, 0, [event(1), event(2)], [], 1)
        late = artifact("late")
        with pytest.raises(DiagnosticError) as refused:
            store.append(RUN, expected, [event(expected + 1, "other")], [late], 2)
        assert code_of(refused) == "E_STALE_HEAD"
        assert refused.value.diagnostics[0].values == {"run": RUN, "expected": expected, "actual": 2}
        assert [e.sealed for e in store.read_events(RUN)] == [event(1), event(2)]
        with pytest.raises(DiagnosticError) as missing:
            store.get_artifact(late.digest)
        assert code_of(missing) == "E_ARTIFACT_MISSING"

    def test_a_gap_is_a_mistake_of_the_caller(self, store: Store) -> None:
        for events in ([event(2)], [event(1), event(3)], [event(1), event(1)]):
            with pytest.raises(ValueError, match="without a gap"):
                store.append(RUN, 0, events, [artifact("a")], 1)
        assert store.get_head(RUN) == 0

    def test_events_and_artifacts_are_appended_together(self, store: Store) -> None:
        kept = [artifact("a"), artifact("b"), artifact("a")]
        store.append(RUN, 0, [event(1)], kept, 1)
        assert [store.get_artifact(a.digest) for a in kept] == [b"a", b"b", b"a"]

    def test_an_artifact_is_kept_once(self, store: Store) -> None:
        store.put_artifact(artifact("a"))
        store.put_artifact(artifact("a"))
        store.append(RUN, 0, [event(1)], [artifact("a")], 1)
        assert store.get_artifact(artifact("a").digest) == b"a"

    def test_a_changed_artifact_is_found_when_it_is_read(self, store: Store) -> None:
        wrong = SealedArtifact(digest_bytes(b"said"), b"held")
        store.put_artifact(wrong)
        with pytest.raises(DiagnosticError) as corrupt:
            store.get_artifact(wrong.digest)
        assert code_of(corrupt) == "E_ARTIFACT_CORRUPT"
        assert corrupt.value.diagnostics[0].values == {
            "digest": wrong.digest,
            "actual": digest_bytes(b"held"),
        }

    def test_a_missing_artifact_is_named(self, store: Store) -> None:
        with pytest.raises(DiagnosticError) as missing:
            store.get_artifact(Digest("0" * 64))
        assert missing.value.diagnostics[0].values == {"digest": "0" * 64}


class TestMemoryStore(StoreSuite):
    def open(self, tmp_path: Path) -> Store:
        return MemoryStore()


class TestSqliteStore(StoreSuite):
    def open(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "runs.db")


@pytest.mark.parametrize("suite", [TestMemoryStore(), TestSqliteStore()], ids=["memory", "sqlite"])
@settings(max_examples=25)
@given(data=st.data())
def test_any_series_of_appends_is_what_a_list_would_hold(
    suite: StoreSuite, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with closing(suite.open(tmp_path_factory.mktemp("series"))) as store:
        check_series(store, data)


def check_series(store: Store, data: st.DataObject) -> None:
    model: dict[RunId, list[bytes]] = {RUN: [], OTHER: []}
    for _ in range(data.draw(st.integers(1, 12))):
        run = data.draw(st.sampled_from([RUN, OTHER]))
        head = len(model[run])
        expected = data.draw(st.sampled_from([head, head, 0, head + 1]))
        texts = data.draw(st.lists(st.text(max_size=3), min_size=1, max_size=3))
        events = [event(expected + 1 + index, text) for index, text in enumerate(texts)]
        if expected == head:
            store.append(run, expected, events, [], 1)
            model[run] += [e.envelope for e in events]
        else:
            with pytest.raises(DiagnosticError):
                store.append(run, expected, events, [], 1)
    for run, envelopes in model.items():
        assert [e.sealed.envelope for e in store.read_events(run)] == envelopes
