"""Storing the runs of an export.

The file is read twice: first all of it is checked, and compared with the runs that the store has; then it is
stored. A run that is there with the same events is left as it is, and one of which the store has the
beginning is completed: so an import that was cut off is made again. A run that is not over may be driven
where it comes from, so no worker takes it up here: it stands as `needs_resolution` until a person resumes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from opforge_ir.canonical import canonical_bytes
from opforge_ir.codes.command import E_FILE_UNREADABLE
from opforge_ir.codes.store import E_RUN_DIFFERS
from opforge_ir.ids import RunId
from opforge_runtime.leases import DEFAULT_LEASE_MS, take_lease
from opforge_runtime.stores.protocol import Append, Lease, Message, RunStatus, Standing, Store
from opforge_runtime.transfer.checking import CheckedSegment, RunHead, check_lines
from opforge_runtime.transfer.reading import LineReader

__all__ = ["ImportedRun", "import_runs"]


@dataclass(slots=True)
class ImportedRun:
    """What became of one run of an export."""

    run: RunId
    events: int = 0
    """How many events it has in the file."""
    stored: int = 0
    """How many of them were not in the store before."""


def import_runs(store: Store, path: Path, *, owner: str) -> list[ImportedRun]:
    """Store every run of a file, in the order of the file. `owner` holds their leases meanwhile.

    Raises DiagnosticError: E_FILE_UNREADABLE, E_EXPORT_INVALID, E_RUN_DIFFERS (nothing was stored then),
    E_RUN_LEASED, or a code of the store's own.
    """
    try:
        with path.open("rb") as file:
            _read(file, path, _Comparison(store))
            file.seek(0)
            importer = _Importer(store, owner)
            _read(file, path, importer)
    except OSError as error:
        raise E_FILE_UNREADABLE.error(path=str(path), reason=error.strerror or "unknown") from error
    return importer.imported


def _read(file: BinaryIO, path: Path, taker: _Comparison | _Importer) -> None:
    for item in check_lines(LineReader(file, str(path))):
        match item:
            case RunHead():
                taker.begin(item)
            case CheckedSegment():
                taker.take(item)


class _Comparison:
    """Holds the file to the runs that the store has."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._run = RunId("")
        self._digests: list[str] = []

    def begin(self, head: RunHead) -> None:
        self._run = head.run
        self._digests = [stored.sealed.digest for stored in self._store.read_events(head.run)]

    def take(self, segment: CheckedSegment) -> None:
        for event in segment.events:
            if event.seq <= len(self._digests) and self._digests[event.seq - 1] != event.digest:
                raise E_RUN_DIFFERS.error(run=self._run, seq=event.seq)


class _Importer:
    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner
        self._head = 0
        self._messages: list[Message] = []
        self.imported: list[ImportedRun] = []

    def begin(self, head: RunHead) -> None:
        self._head = self._store.get_head(head.run)
        self._messages = [
            Message(line.kind, line.name, canonical_bytes(line.content), line.id) for line in head.messages
        ]
        self.imported.append(ImportedRun(head.run))

    def take(self, segment: CheckedSegment) -> None:
        current = self.imported[-1]
        current.events += len(segment.events)
        events = [event for event in segment.events if event.seq > self._head]
        if not events:
            for artifact in segment.artifacts:
                self._store.put_artifact(artifact)
            return
        is_new = self._head == 0
        # While messages are to be posted, the run is not over.
        status: RunStatus = "needs_resolution"
        if segment.end is not None and not (is_new and self._messages):
            status = segment.end.outcome
        self._append(
            Append(
                lease=self._lease(current.run, is_new=is_new),
                expected_head=self._head,
                events=events,
                artifacts=segment.artifacts,
                standing=Standing(status),
                recorded_at_epoch_ms=segment.recorded_at_epoch_ms,
                opening=segment.opening if is_new else None,
            )
        )
        current.stored += len(events)
        self._head = events[-1].seq
        if is_new and self._messages:
            self._post(current.run, segment)

    def _post(self, run: RunId, segment: CheckedSegment) -> None:
        for message in self._messages:
            self._store.post_message(run, message)
        if segment.end is not None:
            self._append(
                Append(
                    lease=self._lease(run, is_new=False),
                    expected_head=self._head,
                    events=[],
                    artifacts=[],
                    standing=Standing(segment.end.outcome),
                    recorded_at_epoch_ms=segment.recorded_at_epoch_ms,
                )
            )

    def _lease(self, run: RunId, *, is_new: bool) -> Lease:
        """An append that leaves the run to nobody gives its lease back, so each one takes its own."""
        if is_new:
            return Lease(run, self._owner, 1, DEFAULT_LEASE_MS, 0)
        return take_lease(self._store, run, self._owner, DEFAULT_LEASE_MS)

    def _append(self, append: Append) -> None:
        (refused,) = self._store.append([append])
        if refused is not None:
            raise refused
