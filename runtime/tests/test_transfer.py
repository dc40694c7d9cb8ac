"""A run that was exported is the same where it is imported, and a file that was changed is refused whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house.eventful_runs import leave_eventful, record_eventful, resume_eventful
from house.histories import load_history
from house.pins import ROOT
from house.postgres_samples import get_store_url
from house.postgres_server import PostgresServer
from house.scripted_io import RUN
from house.store_samples import Clock
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.leases import DEFAULT_LEASE_MS
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore, SqliteStore, Store
from opforge_runtime.stores.files import FileArtifacts
from opforge_runtime.stores.opening import open_store
from opforge_runtime.stores.protocol import Append, Lease, Message, Standing
from opforge_runtime.stores.split import SplitStore
from opforge_runtime.transfer.export_store import ExportStore
from opforge_runtime.transfer.exporting import export_runs
from opforge_runtime.transfer.importing import import_runs
from opforge_runtime.verification import verify_store

HISTORIES = sorted((ROOT / "corpus/histories").glob("*.json"))


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def export(store: Store, *runs: RunId) -> bytes:
    return b"".join(export_runs(store, runs or [RUN]))


def bring_in(store: Store, path: Path) -> list[tuple[str, int, int]]:
    return [(each.run, each.events, each.stored) for each in import_runs(store, path, owner="import")]


def dump(store: Store) -> Any:
    """Everything of a store that an export holds."""
    return [
        (
            record.run,
            record.opening,
            record.standing.status,
            store.read_events(record.run),
            [(m.position, m.message) for m in store.read_messages(record.run)],
        )
        for record in store.list_runs()
    ], sorted((digest, store.get_artifact(digest)) for digest in store.list_artifacts())


@pytest.fixture(scope="module")
def recorded() -> MemoryStore:
    """A run with a large fact, a signal and three children, over; resumed in between."""
    store = MemoryStore()
    assert record_eventful(store, crash_at=20).outcome == "completed"
    return store


@pytest.fixture
def file(recorded: MemoryStore, tmp_path: Path) -> Path:
    return write(tmp_path / "run.forge", export(recorded))


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres", "files"])
def test_a_run_comes_with_its_children_its_inbox_and_its_times(
    recorded: MemoryStore, file: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    def open_postgres() -> Store:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        return open_store(get_store_url(server, tmp_path))

    stores: dict[str, Callable[[], Store]] = {
        "memory": MemoryStore,
        "sqlite": lambda: SqliteStore(tmp_path / "other.db"),
        "postgres": open_postgres,
        "files": lambda: SplitStore(MemoryStore(), FileArtifacts(tmp_path / "artifacts")),
    }
    with closing(stores[kind]()) as store:
        imported = bring_in(store, file)
        assert sorted(run for run, _, _ in imported) == sorted(r.run for r in recorded.list_runs())
        assert all(events == stored for _, events, stored in imported)
        assert dump(store) == dump(recorded)
        assert export(store) == file.read_bytes()
        verified = verify_store(store)
        assert [each.problems for each in verified.runs] == [[]] * 4
        for record in store.list_runs():
            assert replay_run(store, record.run).is_finished


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_run_of_the_first_format_comes_with_its_snapshots(path: Path, tmp_path: Path) -> None:
    store, run = load_history(path)
    file = write(tmp_path / "run.forge", export(store, run))
    other = MemoryStore()
    bring_in(other, file)
    assert other.read_events(run) == store.read_events(run)
    assert set(other.list_artifacts()) == set(store.list_artifacts())
    replay_run(other, run)


def test_the_file_says_what_it_holds_and_its_lines_are_named_by_their_digest(file: Path) -> None:
    lines = file.read_bytes().splitlines()
    kinds = [json.loads(line)["artifact"] for line in lines]
    assert kinds[:3] == ["export", "run", "message"]
    assert kinds[-1] == "end"
    digests = {hashlib.sha256(line).hexdigest() for line in lines}
    named = set(re.findall(r'"(?:manifest|ir|previous)":"([0-9a-f]{64})"', file.read_text()))
    assert named - {"0" * 64} <= digests
    end = json.loads(lines[-1])
    assert end["lines"] == len(lines) - 1
    assert end["digest"] == hashlib.sha256(b"".join(line + b"\n" for line in lines[:-1])).hexdigest()


def test_an_export_is_the_same_bytes_each_time(recorded: MemoryStore) -> None:
    assert export(recorded) == export(recorded)


def test_several_runs_stand_in_one_file_once(recorded: MemoryStore) -> None:
    (child, *_) = [record.run for record in recorded.list_runs() if record.opening.parent == RUN]
    once = export(recorded, RUN, child, RUN)
    assert once == export(recorded)
    alone = [json.loads(line) for line in export(recorded, child).splitlines()]
    assert [line["run"] for line in alone if line["artifact"] == "run"] == [child]


def test_a_run_that_is_not_there_is_not_exported(recorded: MemoryStore) -> None:
    with pytest.raises(DiagnosticError, match="E_RUN_UNKNOWN"):
        export(recorded, RunId("nothing-here"))


def test_a_damaged_run_is_not_exported() -> None:
    store = MemoryStore()
    record_eventful(store)
    for digest in list(store.list_artifacts()):
        store.delete_artifact(digest)
    with pytest.raises(DiagnosticError, match="E_ARTIFACT_MISSING"):
        export(store)


# --- what is there already ------------------------------------------------------------------------


def test_importing_again_changes_nothing(recorded: MemoryStore, file: Path) -> None:
    store = MemoryStore()
    bring_in(store, file)
    before = dump(store)
    assert all(stored == 0 for _, _, stored in bring_in(store, file))
    assert dump(store) == before


def test_a_lost_artifact_comes_back_with_the_same_run(file: Path) -> None:
    store = MemoryStore()
    bring_in(store, file)
    before = dump(store)
    for digest in list(store.list_artifacts()):
        store.delete_artifact(digest)
    bring_in(store, file)
    assert dump(store) == before


class DyingStore(MemoryStore):
    """Dies at its n-th append."""

    def __init__(self, dies_at: int) -> None:
        self.clock = Clock()
        super().__init__(self.clock)
        self.left = dies_at

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().append(appends)


def count_appends(file: Path) -> int:
    store = DyingStore(10**9)
    bring_in(store, file)
    return 10**9 - store.left


def test_an_import_that_was_cut_off_is_nobodys_to_drive_and_is_completed_by_another(
    recorded: MemoryStore, file: Path
) -> None:
    count = count_appends(file)
    assert count >= 5
    for dies_at in range(count):
        store = DyingStore(dies_at)
        with pytest.raises(KeyboardInterrupt):
            bring_in(store, file)
        store.clock.now_epoch_ms += DEFAULT_LEASE_MS
        assert store.list_drivable(9) == []
        store.left = 10**9
        bring_in(store, file)
        assert dump(store) == dump(recorded)


def test_a_run_with_other_events_is_refused_and_nothing_is_stored(file: Path) -> None:
    store = MemoryStore()
    record_eventful(store, n=1)
    before = dump(store)
    with pytest.raises(DiagnosticError) as refused:
        bring_in(store, file)
    (problem,) = refused.value.diagnostics
    assert (problem.code.name, problem.values) == ("E_RUN_DIFFERS", {"run": RUN, "seq": 1})
    assert dump(store) == before


def test_a_run_that_went_on_here_is_left_as_it_is(tmp_path: Path) -> None:
    store = MemoryStore()
    leave_eventful(store, 12)
    early = write(tmp_path / "early.forge", export(store))
    lease = store.acquire_lease(RUN, "here", 5)
    store.release_lease(lease)
    resume_eventful(store)
    before = dump(store)
    assert all(stored == 0 for _, _, stored in bring_in(store, early))
    assert dump(store) == before


def test_a_run_that_is_not_over_waits_for_a_person_and_can_be_resumed(tmp_path: Path) -> None:
    store = MemoryStore()
    leave_eventful(store, 12)
    store.post_message(RUN, Message("signal", "other", b"1", "other-1"))
    file = write(tmp_path / "run.forge", export(store))
    other = MemoryStore()
    bring_in(other, file)
    (record,) = other.list_runs()
    assert (record.standing, record.lease) == (Standing("needs_resolution"), None)
    assert other.list_drivable(9) == []
    assert [m.message.id for m in other.read_messages(RUN)] == ["other-1"]
    resume_eventful(other)
    assert verify_store(other).runs[0].problems == []


def test_a_run_that_is_driven_here_is_not_appended_to(file: Path) -> None:
    store = DyingStore(1)
    with pytest.raises(KeyboardInterrupt):
        bring_in(store, file)
    store.left = 10**9
    store.clock.now_epoch_ms += DEFAULT_LEASE_MS
    store.acquire_lease(RUN, "somebody", 60_000)
    with pytest.raises(DiagnosticError, match="E_RUN_LEASED"):
        bring_in(store, file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError, match="E_FILE_UNREADABLE"):
        bring_in(MemoryStore(), tmp_path / "nothing.forge")


# --- a file that was changed ----------------------------------------------------------------------


def refuse(content: bytes, tmp_path: Path) -> tuple[int, str]:
    """Where and why a file is refused; nothing of it may have been stored."""
    store = MemoryStore()
    with pytest.raises(DiagnosticError) as refused:
        bring_in(store, write(tmp_path / "changed.forge", content))
    (problem,) = refused.value.diagnostics
    assert problem.code.name == "E_EXPORT_INVALID"
    assert dump(store) == ([], [])
    return int(problem.values["line"]), str(problem.values["problem"])


def seal(lines: Sequence[bytes]) -> bytes:
    """The lines of a file with an end that fits them, as somebody would write who knows the format."""
    body = b"".join(line + b"\n" for line in lines)
    digest = hashlib.sha256(body).hexdigest()
    return body + b'{"artifact":"end","digest":"%s","lines":%d}\n' % (digest.encode(), len(lines))


def test_every_flipped_bit_is_found(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    for position in range(0, len(content), 397):
        changed = bytearray(content)
        changed[position] ^= 1
        refuse(bytes(changed), tmp_path)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_file_that_is_cut_off_is_refused(file: Path, tmp_path: Path, part: float) -> None:
    content = file.read_bytes()
    line, problem = refuse(content[: int((len(content) - 1) * part)], tmp_path)
    assert (line >= 1, problem) == (True, "the file is cut off")


def test_what_follows_the_end_is_refused(file: Path, tmp_path: Path) -> None:
    assert refuse(file.read_bytes() + b"\n", tmp_path)[1] == "something follows the end"


def edit(content: bytes, change: Callable[[list[bytes]], object]) -> bytes:
    lines = content.splitlines()[:-1]
    change(lines)
    return seal(lines)


def find(lines: Sequence[bytes], kind: str, number: int = 0) -> int:
    prefix = f'{{"artifact":"{kind}",'.encode()
    return [index for index, line in enumerate(lines) if line.startswith(prefix)][number]


def drop(kind: str, number: int = 0) -> Callable[[list[bytes]], object]:
    return lambda lines: lines.pop(find(lines, kind, number))


def swap(kind: str, old: bytes, new: bytes, number: int = 0) -> Callable[[list[bytes]], object]:
    def change(lines: list[bytes]) -> None:
        index = find(lines, kind, number)
        assert old in lines[index]
        lines[index] = lines[index].replace(old, new, 1)

    return change


def bump(kind: str, member: str, by: int) -> Callable[[list[bytes]], object]:
    def change(lines: list[bytes]) -> None:
        index = find(lines, kind)
        line = json.loads(lines[index])
        line[member] += by
        lines[index] = json.dumps(line, sort_keys=True, separators=(",", ":")).encode()

    return change


def repeat(kind: str, number: int = 0) -> Callable[[list[bytes]], object]:
    def change(lines: list[bytes]) -> None:
        index = find(lines, kind, number)
        lines.insert(index, lines[index])

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (drop("export"), "it is no line of the kind export"),
        (swap("export", b'"format":1', b'"format":2'), "it is no line of the kind export"),
        (swap("export", b":1", b": 1"), "it is not canonical JSON"),
        (drop("run"), "a message stands between its run and the first segment"),
        (repeat("run"), "the run stands in the file before"),
        (swap("run", b"sample", b"simple"), "an event of its segment belongs elsewhere"),
        (swap("message", b'"position":1', b'"position":2'), "messages are counted from 1 without a gap"),
        (bump("segment", "events", 1), "it is no event"),
        (bump("segment", "events", -1), "it is no line of the kind end"),
        (bump("segment", "artifacts", 1), "it is no artifact"),
        (bump("segment", "artifacts", -1), "it is no event"),
        (bump("segment", "events", 1_000), "it is no line of the kind segment"),
        (drop("workload"), "it is no artifact"),
        (swap("workload", b'"eventful"', b'"eventfol"'), "its document is not there"),
        (swap("manifest", b'"op":"main"', b'"op":"other"'), "its manifest is not there"),
        (swap("event", b'"seq":1', b'"seq":2'), "an event of its segment belongs elsewhere"),
        (swap("event", b'"attempt":1', b'"attempt":2', 1), "an event of its segment does not follow"),
        (swap("event", b'"type"', b'"kind"'), "it is no event"),
        (drop("fact", 1), "its segment names an artifact that is not there"),
        (swap("fact", b'"request":"', b'"request":"x', 1), "what is attached to an event of its segment"),
        (swap("output", b'"hello"', b'"hullo"'), "its segment names an artifact that is not there"),
    ],
)
def test_a_file_that_was_changed_with_care_is_refused(
    file: Path, tmp_path: Path, change: Callable[[list[bytes]], object], problem: str
) -> None:
    line, found = refuse(edit(file.read_bytes(), change), tmp_path)
    assert found.startswith(problem)
    assert line > 0


def test_an_artifact_that_nothing_names_is_refused(file: Path, tmp_path: Path) -> None:
    def smuggle(lines: list[bytes]) -> None:
        bump("segment", "artifacts", 1)(lines)
        lines.insert(find(lines, "segment") + 1, b'{"artifact":"fact","anything":"else"}')

    assert refuse(edit(file.read_bytes(), smuggle), tmp_path)[1] == (
        "its segment has an artifact that no event of it names"
    )


def test_a_line_that_is_too_long_is_refused_without_reading_on(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opforge_runtime.transfer import reading

    monkeypatch.setattr(reading, "MAX_LINE_BYTES", 100)
    assert refuse(file.read_bytes(), tmp_path)[1] == "it is too long"


def test_a_segment_that_is_too_large_is_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opforge_runtime.transfer import reading

    monkeypatch.setattr(reading, "MAX_SEGMENT_BYTES", 1_000)
    assert refuse(file.read_bytes(), tmp_path)[1] == "its segment is too large"


@settings(max_examples=200)
@given(data=st.data())
def test_no_content_does_more_than_be_refused(
    recorded: MemoryStore, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Lines of a right file in any order, with any line in between."""
    known = export(recorded).splitlines()
    line = st.sampled_from(known) | st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b""))
    head = known[: data.draw(st.integers(0, 12))]
    content = seal([*head, *data.draw(st.lists(line, max_size=6))])
    path = write(tmp_path_factory.mktemp("hostile") / "x.forge", content)
    store = MemoryStore()
    refused: list[Diagnostic] = []
    try:
        bring_in(store, path)
    except DiagnosticError as error:
        refused = error.diagnostics
    assert [each.code.name for each in refused] in ([], ["E_EXPORT_INVALID"])
    assert not refused or dump(store) == ([], [])
    assert [each.problems for each in verify_store(store).runs] == [[] for _ in store.list_runs()]


# --- a file as a store ----------------------------------------------------------------------------


def test_a_file_is_looked_at_and_replayed_as_it_is(recorded: MemoryStore, file: Path) -> None:
    store = ExportStore(file)
    assert dump(store) == dump(recorded)
    assert replay_run(store, RUN).is_finished


def test_nothing_is_written_to_a_file_that_is_opened_as_a_store(recorded: MemoryStore, file: Path) -> None:
    store = ExportStore(file)
    (record, *_) = store.list_runs()
    append = Append(Lease(record.run, "x", 1, 1, 0), record.head, [], [], Standing("queued"), 1)
    acts: list[Callable[[], object]] = [
        lambda: store.append([append]),
        lambda: store.acquire_lease(record.run, "x", 5),
        lambda: store.post_message(record.run, Message("cancel", "", b'""', "1")),
        lambda: record_eventful(store),
    ]
    for act in acts:
        with pytest.raises(DiagnosticError, match=r"E_STORE_READ_ONLY|E_RUN_EXISTS"):
            act()
