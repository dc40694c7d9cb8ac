"""Verifying finds nothing in what the engine wrote, whatever died in between, and names each change of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from house.eventful_runs import record_eventful
from house.histories import load_history
from house.pins import ROOT
from house.scripted_io import RUN
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.forking import fork_run
from opforge_runtime.history import read_run
from opforge_runtime.sealing import seal_event
from opforge_runtime.stores import MemoryStore, SealedArtifact, SealedEvent, StoredEvent
from opforge_runtime.stores.protocol import RunRecord
from opforge_runtime.verification import verify_run, verify_store

HISTORIES = sorted((ROOT / "corpus/histories").glob("*.json"))


def describe(problems: Sequence[Diagnostic]) -> list[tuple[str, str | int]]:
    """The codes, each with what it says of the problem."""
    return [
        (p.code.name, p.values.get("problem") or p.values.get("rule") or p.values.get("expected") or "")
        for p in problems
    ]


@pytest.mark.parametrize("crash_at", [None, *range(0, 56, 3)])
def test_what_the_engine_wrote_is_well_whatever_died(crash_at: int | None) -> None:
    store = MemoryStore()
    assert record_eventful(store, crash_at=crash_at).outcome == "completed"
    verified = verify_store(store)
    assert [describe(each.problems) for each in verified.runs] == [[]] * 4
    assert (verified.unnamed, verified.problems) == (0, [])


def test_what_was_looked_at_is_counted() -> None:
    store = MemoryStore()
    outcome = record_eventful(store, 1)
    verified = verify_run(store, RUN)
    assert verified.events == outcome.events
    # document, manifest, output and two snapshots; a fact and a snapshot for each completed state
    assert verified.digests == 5 + 2 * 8


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_runs_of_the_first_format_are_well(path: Path) -> None:
    store, run = load_history(path)
    assert describe(verify_run(store, run).problems) == []


@pytest.mark.parametrize("seq", [1, 9, 20])
def test_a_fork_is_well(seq: int) -> None:
    store = MemoryStore()
    record_eventful(store)
    fork = RunId("forked-0001")
    fork_run(store, RUN, seq, fork, clock=lambda: 5, owner="test")
    assert describe(verify_run(store, fork).problems) == []


def test_an_unknown_run_is_no_clean_one() -> None:
    with pytest.raises(DiagnosticError, match="E_RUN_UNKNOWN"):
        verify_run(MemoryStore(), RUN)


# --- changes --------------------------------------------------------------------------------------


class ChangedStore(MemoryStore):
    """A store in which a test may change what was stored."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: list[StoredEvent] | None = None

    def read_events(self, run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        if self.changed is None or run != RUN:
            return super().read_events(run, first_seq)
        return self.changed[first_seq - 1 :]

    def change(self, seq: int, change: Callable[[SealedEvent], SealedEvent]) -> None:
        self.changed = list(super().read_events(RUN))
        stored = self.changed[seq - 1]
        self.changed[seq - 1] = StoredEvent(change(stored.sealed), stored.recorded_at_epoch_ms)

    def spoil(self, digest: str, content: bytes) -> None:
        self.delete_artifact(Digest(digest))
        self.put_artifact(SealedArtifact(Digest(digest), content))


@pytest.fixture
def store() -> ChangedStore:
    held = ChangedStore()
    record_eventful(held)
    return held


def find(store: MemoryStore, kind: str, number: int = 0) -> int:
    """The `seq` of an event of a type."""
    found = [each.envelope.seq for each in read_run(store, RUN) if each.envelope.event.type == kind]
    return found[number]


def problems(store: MemoryStore) -> list[tuple[str, str | int]]:
    return describe(verify_run(store, RUN).problems)


def flip(content: bytes, old: bytes, new: bytes) -> bytes:
    assert content.count(old) >= 1
    return content.replace(old, new, 1)


def test_a_flipped_byte_of_an_event_breaks_its_digest_or_the_link_behind_it(store: ChangedStore) -> None:
    seq = find(store, "StateEntered")
    store.change(seq, lambda e: e._replace(envelope=flip(e.envelope, b'"attempt":1', b'"attempt":2')))
    assert problems(store)[0] == ("E_EVENT_CORRUPT", "its bytes have another digest")
    assert ("E_HISTORY_BROKEN", "attempts are counted without a gap") in problems(store)
    store.change(
        seq,
        lambda e: e._replace(
            envelope=(content := flip(e.envelope, b'"attempt":1', b'"attempt":2')),
            digest=digest_bytes(content),
        ),
    )
    (problem, *_) = verify_run(store, RUN).problems
    assert problem.values["problem"] == "it does not follow the event before it"
    assert problem.values["seq"] == seq + 1


def test_bytes_that_are_no_event_are_named_and_what_follows_is_still_looked_at(store: ChangedStore) -> None:
    store.change(3, lambda e: e._replace(envelope=b'{"artifact":"event"}'))
    assert problems(store)[:2] == [
        ("E_EVENT_CORRUPT", "it is not an event"),
        ("E_EVENT_CORRUPT", "its bytes have another digest"),
    ]


def test_an_event_of_another_place_is_found(store: ChangedStore) -> None:
    first, second = store.read_events(RUN)[2:4]
    store.change(3, lambda e: second.sealed)
    assert ("E_EVENT_CORRUPT", "it belongs elsewhere") in problems(store)
    assert first != second


def test_a_changed_attachment_is_found(store: ChangedStore) -> None:
    seq = find(store, "fact_recorded", 1)
    store.change(seq, lambda e: e._replace(attachment=flip(e.attachment, b'"value":"', b'"value":"9')))
    assert problems(store) == [
        ("E_EVENT_CORRUPT", "the fact that is attached to it has another digest"),
    ]


def test_a_lost_attachment_is_a_missing_artifact(store: ChangedStore) -> None:
    seq = find(store, "fact_recorded", 1)
    store.change(seq, lambda e: e._replace(attachment=b""))
    assert problems(store) == [("E_ARTIFACT_MISSING", "")]


def test_an_attachment_that_no_event_names_is_found(store: ChangedStore) -> None:
    store.change(find(store, "StateEntered"), lambda e: e._replace(attachment=b'{"artifact":"fact"}'))
    assert problems(store) == [
        ("E_EVENT_CORRUPT", "something is attached to it that it does not name"),
    ]


def get_large_fact(store: MemoryStore) -> str:
    """The fact that is too large to be attached."""
    recorded = read_run(store, RUN)[find(store, "fact_recorded") - 1]
    assert not recorded.sealed.attachment
    return str(getattr(recorded.envelope.event, "fact"))  # noqa: B009 - one of many types


def test_a_changed_artifact_is_found(store: ChangedStore) -> None:
    digest = get_large_fact(store)
    content = store.get_artifact(Digest(digest))
    store.spoil(digest, flip(content, b"a fact", b"A fact"))
    (problem,) = verify_run(store, RUN).problems
    assert (problem.code.name, problem.values["digest"]) == ("E_ARTIFACT_CORRUPT", digest)


@pytest.mark.parametrize("kind", ["ir", "manifest", "fact", "output"])
def test_a_deleted_artifact_is_named(store: ChangedStore, kind: str) -> None:
    first, last = (read_run(store, RUN)[index].envelope.event for index in (0, -1))
    digests = {
        "manifest": getattr(first, "manifest", ""),
        "output": getattr(last, "output", [""])[0],
        "fact": get_large_fact(store),
        "ir": next(iter(record.opening.ir for record in store.list_runs() if record.run == RUN)),
    }
    store.delete_artifact(Digest(digests[kind]))
    found = verify_run(store, RUN).problems
    assert (found[0].code.name, found[0].values) == ("E_ARTIFACT_MISSING", {"digest": digests[kind]})


def rewrite(store: ChangedStore, seq: int, **changes: object) -> None:
    """Change members of an event, and seal it and all that follow anew, as a careful forger would."""
    recorded = read_run(store, RUN)
    sealed: list[StoredEvent] = []
    previous = "0" * 64
    for each in recorded:
        event = each.envelope.event
        if each.envelope.seq == seq:
            event = event.model_copy(update=changes)
        new = seal_event(RUN, each.envelope.seq, previous, event, each.sealed.attachment)
        previous = new.digest
        sealed.append(StoredEvent(new, each.recorded_at_epoch_ms))
    store.changed = sealed


def test_a_forged_snapshot_is_found_though_every_link_is_right(store: ChangedStore) -> None:
    seq = find(store, "StateCompleted", 2)
    rewrite(store, seq, snapshot="5" * 64)
    found = verify_run(store, RUN).problems
    assert describe(found)[0] == ("E_HISTORY_BROKEN", "its snapshot is not that of its facts")
    assert found[0].values["seq"] == seq
    # what follows names the snapshot that there was
    assert ("E_HISTORY_BROKEN", "its base is not the run's snapshot") in describe(found)


@pytest.mark.parametrize("kind", ["RunStarted", "RunCompleted"])
def test_the_first_and_the_last_snapshot_are_computed_again_too(store: ChangedStore, kind: str) -> None:
    seq = find(store, kind)
    rewrite(store, seq, snapshot="5" * 64)
    found = [p.values["seq"] for p in verify_run(store, RUN).problems if "facts" in str(p.values["rule"])]
    assert found[0] == seq


def test_a_fact_of_another_state_is_found(store: ChangedStore) -> None:
    recorded = read_run(store, RUN)
    one, other = (recorded[find(store, "fact_recorded", number) - 1] for number in (1, 2))
    fact = getattr(other.envelope.event, "fact")  # noqa: B009 - one of many types
    rewrite(store, one.envelope.seq, fact=fact)
    assert store.changed is not None
    seq = one.envelope.seq
    sealed, at = store.changed[seq - 1]
    store.changed[seq - 1] = StoredEvent(sealed._replace(attachment=other.sealed.attachment), at)
    assert ("E_HISTORY_BROKEN", "its fact is of another state") in problems(store)


def test_a_cut_end_is_a_run_that_is_not_over(store: ChangedStore) -> None:
    """No event says what follows it, so nothing is wrong with what is left."""
    store.changed = store.read_events(RUN)[:-1]
    assert problems(store) == []
    assert verify_run(store, RUN).events == len(store.changed)


def test_artifacts_that_no_run_names_are_counted_and_looked_at(store: ChangedStore) -> None:
    store.put_artifact(SealedArtifact(digest_bytes(b"loose"), b"loose"))
    store.put_artifact(SealedArtifact(digest_bytes(b"said"), b"held"))
    verified = verify_store(store)
    assert verified.unnamed == 2
    assert describe(verified.problems) == [("E_ARTIFACT_CORRUPT", "")]
    assert [each.problems for each in verified.runs] == [[]] * 4


def test_an_error_of_the_store_is_no_problem_of_the_run(
    store: ChangedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opforge_ir.codes.store import E_STORE_IO

    def fail(digest: Digest) -> bytes:
        raise E_STORE_IO.error(store="x", problem="EIO")

    monkeypatch.setattr(store, "get_artifact", fail)
    with pytest.raises(DiagnosticError, match="E_STORE_IO"):
        verify_run(store, RUN)


def test_all_runs_are_looked_at_when_one_is_damaged(store: ChangedStore) -> None:
    store.change(2, lambda e: e._replace(envelope=b"{}"))
    records: list[RunRecord] = store.list_runs()
    verified = verify_store(store)
    assert [each.run for each in verified.runs] == [record.run for record in records]
    assert [bool(each.problems) for each in verified.runs].count(True) == 1
