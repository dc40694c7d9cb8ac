"""Each store keeps what every store promises."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house.store_samples import OTHER, RUN, Clock, begin, follow
from house.store_suite import SharedStoreSuite, StoreSuite
from opforge_ir.ids import RunId
from opforge_runtime.stores import MemoryStore, SqliteStore, Store


class TestMemoryStore(StoreSuite):
    def open(self, tmp_path: Path, clock: Clock) -> Store:
        return MemoryStore(now_epoch_ms=clock)


class TestSqliteStore(SharedStoreSuite):
    def open(self, tmp_path: Path, clock: Clock) -> Store:
        return SqliteStore(tmp_path / "runs.db", now_epoch_ms=clock)


@pytest.mark.parametrize("suite", [TestMemoryStore(), TestSqliteStore()], ids=["memory", "sqlite"])
@settings(max_examples=25)
@given(data=st.data())
def test_any_series_of_appends_is_what_a_list_would_hold(
    suite: StoreSuite, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with closing(suite.open(tmp_path_factory.mktemp("series"), Clock())) as store:
        check_series(store, data)


def check_series(store: Store, data: st.DataObject) -> None:
    model: dict[RunId, list[bytes]] = {RUN: [], OTHER: []}
    for _ in range(data.draw(st.integers(1, 12))):
        run = data.draw(st.sampled_from([RUN, OTHER]))
        head = len(model[run])
        expected = data.draw(st.sampled_from([head, head, 0, head + 1]))
        count = data.draw(st.integers(1, 3))
        text = data.draw(st.text(alphabet="ab", max_size=3))
        append = follow(expected, run, count=count, text=text) if expected else begin(run, count=count)
        (refusal,) = store.append([append])
        assert (refusal is None) == (expected == head)
        if refusal is None:
            model[run] += [event.envelope for event in append.events]
    for run, envelopes in model.items():
        assert [stored.sealed.envelope for stored in store.read_events(run)] == envelopes
