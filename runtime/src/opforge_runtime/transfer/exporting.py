"""Writing runs as the lines of an export."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opforge_ir.codes.store import E_ARTIFACT_KIND, E_ARTIFACT_MISSING, E_RUN_UNKNOWN
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.events import ChildRunSpawned, Manifest, RunConfiguration, RunStarted
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.references import get_references
from opforge_runtime.stores.artifacts import ARTIFACT_LIMITS, read_artifact
from opforge_runtime.stores.protocol import Store
from opforge_runtime.transfer.lines import (
    MAX_LINE_BYTES,
    MAX_SEGMENT_EVENTS,
    EndLine,
    ExportLine,
    MessageLine,
    RunLine,
    SegmentLine,
    build_line,
)

__all__ = ["export_runs"]


def export_runs(store: Store, runs: Sequence[RunId]) -> Iterator[bytes]:
    """The lines of an export of these runs and of all runs that they have started, each with its LF.

    Digests and links are verified on the way. Raises DiagnosticError: E_RUN_UNKNOWN, E_EVENT_CORRUPT, what is
    wrong with an artifact, or a code of the store's own; what was given by then has no end and is no export.
    """
    digest = hashlib.sha256()
    count = 0
    for line in _Exporter(store).list_lines(runs):
        ended = line + b"\n"
        digest.update(ended)
        count += 1
        yield ended
    yield build_line(EndLine(artifact="end", digest=digest.hexdigest(), lines=count)) + b"\n"


@dataclass(slots=True)
class _Segment:
    events: list[RecordedEvent]
    artifacts: list[bytes]
    size: int = 0


class _Exporter:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._written: set[str] = set()
        self._runs: set[RunId] = set()

    def list_lines(self, runs: Sequence[RunId]) -> Iterator[bytes]:
        """All lines but the last one."""
        yield build_line(ExportLine(artifact="export", format=1))
        waiting = list(reversed(runs))
        while waiting:
            run = waiting.pop()
            if run in self._runs:
                continue
            self._runs.add(run)
            recorded = read_run(self._store, run)
            yield from self._list_run(run, recorded)
            children = [
                e.envelope.event.run for e in recorded if isinstance(e.envelope.event, ChildRunSpawned)
            ]
            # A child that was about to be started may not be there.
            waiting += [RunId(child) for child in reversed(children) if self._store.get_head(RunId(child))]

    def _list_run(self, run: RunId, recorded: Sequence[RecordedEvent]) -> Iterator[bytes]:
        record = self._store.get_run(run)
        if record is None:
            raise E_RUN_UNKNOWN.error(run=run)
        parent = record.opening.parent
        yield build_line(RunLine(artifact="run", run=run, parent=[] if parent is None else [parent]))
        for stored in self._store.read_messages(run):
            message = stored.message
            yield build_line(
                MessageLine(
                    artifact="message",
                    position=stored.position,
                    kind=message.kind,
                    name=message.name,
                    content=read_json(message.content, ARTIFACT_LIMITS),
                    id=message.id,
                )
            )
        for segment in self._split(recorded):
            yield build_line(
                SegmentLine(
                    artifact="segment",
                    artifacts=len(segment.artifacts),
                    events=len(segment.events),
                    recorded_at_epoch_ms=segment.events[0].recorded_at_epoch_ms,
                )
            )
            yield from segment.artifacts
            for event in segment.events:
                yield event.sealed.envelope
                if event.sealed.attachment:
                    yield event.sealed.attachment

    def _split(self, recorded: Sequence[RecordedEvent]) -> Iterator[_Segment]:
        """Events that were recorded at one time, as many as a reader takes at once."""
        has_snapshots = self._has_snapshots(recorded)
        segment = _Segment([], [])
        for event in recorded:
            artifacts = self._take_artifacts(event, has_snapshots=has_snapshots)
            size = sum(map(len, artifacts)) + len(event.sealed.envelope) + len(event.sealed.attachment)
            if segment.events and (
                segment.events[0].recorded_at_epoch_ms != event.recorded_at_epoch_ms
                or len(segment.events) == MAX_SEGMENT_EVENTS
                or segment.size + size > MAX_LINE_BYTES
            ):
                yield segment
                segment = _Segment([], [])
            segment.events.append(event)
            segment.artifacts += artifacts
            segment.size += size
        yield segment

    def _has_snapshots(self, recorded: Sequence[RecordedEvent]) -> bool:
        """Whether the run is of the first format, whose snapshots are artifacts."""
        start = recorded[0].envelope.event
        if not isinstance(start, RunStarted):
            return False
        configuration = read_artifact(self._store, start.manifest, Manifest).configuration
        return not isinstance(configuration, RunConfiguration)

    def _take_artifacts(self, recorded: RecordedEvent, *, has_snapshots: bool) -> list[bytes]:
        """The artifacts that an event needs and that were not written yet."""
        event = recorded.envelope.event
        references = get_references(event)
        needed = [] if recorded.sealed.attachment else list(references.needed)
        if isinstance(event, RunStarted):
            needed.insert(0, read_artifact(self._store, event.manifest, Manifest).ir)
        taken = [self._get_line(digest) for digest in needed if self._is_new(digest)]
        if has_snapshots:
            for digest in filter(self._is_new, references.snapshots):
                try:
                    taken.append(self._get_line(digest))
                except DiagnosticError as error:
                    if error.diagnostics[0].code != E_ARTIFACT_MISSING:
                        raise
        return taken

    def _is_new(self, digest: str) -> bool:
        if digest in self._written:
            return False
        self._written.add(digest)
        return True

    def _get_line(self, digest: str) -> bytes:
        content = self._store.get_artifact(Digest(digest))
        if b"\n" in content or len(content) > MAX_LINE_BYTES:
            raise E_ARTIFACT_KIND.error(digest=digest, expected="artifact of one line")
        return content
