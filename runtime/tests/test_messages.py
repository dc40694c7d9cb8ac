"""What people outside say to a run."""

from __future__ import annotations

import pytest

from house.documents import Json, build_document, build_op, effect, lit, return_none
from house.run_builder import RunBuilder
from opforge_ir.canonical import JsonValue
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_ir.types import parse_type
from opforge_runtime import request_cancel, send_signal
from opforge_runtime.stores import MemoryStore

RUN = RunId("sample-1")


def wait(node: str, name: str, kind: str) -> Json:
    forever = lit("Optional[int]", "None")
    return effect(node, "signal.wait", kind, static={"name": name}, timeout_seconds=forever)


def build_store(*nodes: Json) -> MemoryStore:
    """A store with a run of a program of these nodes."""
    store = MemoryStore()
    document = build_document({"main": build_op("None", [*nodes, return_none()])})
    RunBuilder(store, RUN, document).append(1)
    return store


@pytest.fixture
def store() -> MemoryStore:
    return build_store()


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


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("bool", True, b"true"),
        ("int", 5, b'"5"'),
        ("int", "5", b'"5"'),
        ("None", None, b"null"),
        ("list[int]", [1, "2"], b'["1","2"]'),
    ],
)
def test_a_signal_carries_a_value_of_the_type_that_is_waited_for(
    kind: str, given: JsonValue, stored: bytes
) -> None:
    store = build_store(wait("go", "go", kind))
    assert send_signal(store, RUN, "go", given, "one") == (1, parse_type(kind))
    (message,) = store.read_messages(RUN)
    assert (message.message.name, message.message.content) == ("go", stored)


def test_a_value_that_fits_one_of_several_waits_is_sent() -> None:
    store = build_store(wait("first", "go", "int"), wait("second", "go", "bool"))
    assert send_signal(store, RUN, "go", True, "one") == (1, parse_type("bool"))
    with pytest.raises(DiagnosticError, match="E_VALUE_MISMATCH"):
        send_signal(store, RUN, "go", "later", "two")
    assert len(store.read_messages(RUN)) == 1


def test_a_signal_that_is_sent_again_is_the_same() -> None:
    store = build_store(wait("go", "go", "bool"))
    assert [send_signal(store, RUN, "go", True, "one")[0] for _ in range(2)] == [1, 1]


def test_a_signal_that_nothing_waits_for_is_refused(store: MemoryStore) -> None:
    with pytest.raises(DiagnosticError, match=r"E_SIGNAL_UNKNOWN.*aprove; it has: none"):
        send_signal(store, RUN, "aprove", True, "one")
    assert store.read_messages(RUN) == []
    other = build_store(wait("a", "go", "bool"), wait("b", "approve", "bool"))
    with pytest.raises(DiagnosticError, match=r"it has: approve, go"):
        send_signal(other, RUN, "aprove", True, "one")
