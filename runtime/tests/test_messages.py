"""What people outside say to a run."""

from __future__ import annotations

import pytest

from house.documents import build_document, build_op, return_none
from house.run_builder import RunBuilder
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime import request_cancel, send_signal
from opforge_runtime.stores import MemoryStore

RUN = RunId("sample-1")


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    RunBuilder(store, RUN, build_document({"main": build_op("None", [return_none()])})).append(1)
    return store


def test_a_wish_to_cancel_waits_in_the_inbox(store: MemoryStore) -> None:
    assert request_cancel(store, RUN, "too late", "one") == 1
    assert request_cancel(store, RUN, "really", "two") == 2
    assert request_cancel(store, RUN, "too late", "one") == 1
    first, _ = store.read_messages(RUN)
    assert (first.message.kind, first.message.content) == ("cancel", b'"too late"')


def test_a_run_is_not_cancelled_without_a_reason(store: MemoryStore) -> None:
    with pytest.raises(DiagnosticError, match="E_REASON_EMPTY"):
        request_cancel(store, RUN, " \n", "one")
    assert store.read_messages(RUN) == []


def test_a_run_that_is_over_takes_no_message(store: MemoryStore) -> None:
    with pytest.raises(DiagnosticError, match="E_RUN_UNKNOWN"):
        request_cancel(store, RunId("sample-2"), "why", "one")
    document = build_document({"main": build_op("None", [return_none()])})
    RunBuilder(store, "sample-2", document).finish("None", None).append(1, "completed")
    with pytest.raises(DiagnosticError, match="E_RUN_FINISHED"):
        request_cancel(store, RunId("sample-2"), "why", "one")


def test_a_signal_that_nothing_waits_for_is_refused(store: MemoryStore) -> None:
    with pytest.raises(DiagnosticError, match=r"E_SIGNAL_UNKNOWN.*aprove; it has: none"):
        send_signal(store, RUN, "aprove", True, "one")
    assert store.read_messages(RUN) == []
