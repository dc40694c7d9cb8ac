"""Whether the runs of an export are whole: every link right, all that is named there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import ValidationError

from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import Document
from opforge_ir.events import GENESIS, Envelope, Fact, Manifest, Output, RunCompleted, RunStarted
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_runtime.references import get_fact, get_references
from opforge_runtime.stores.artifacts import ARTIFACT_LIMITS
from opforge_runtime.stores.protocol import Opening, SealedArtifact, SealedEvent
from opforge_runtime.transfer.lines import MessageLine, RunLine
from opforge_runtime.transfer.reading import LineReader, Segment

__all__ = ["CheckedSegment", "RunHead", "check_lines"]

_Model = TypeVar("_Model", Manifest, Document, Fact, Output)
_MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
"""What a reader holds of the inbox of one run."""


@dataclass(slots=True)
class RunHead:
    """A run of an export begins."""

    run: RunId
    parent: RunId | None
    messages: list[MessageLine]


@dataclass(frozen=True, slots=True)
class CheckedSegment:
    """Events of the run before it, with the artifacts that they are the first to need."""

    artifacts: list[SealedArtifact]
    events: list[SealedEvent]
    recorded_at_epoch_ms: int
    opening: Opening | None
    """With the first segment of a run."""
    end: RunCompleted | None
    """With the last segment of a run that is over."""


def check_lines(reader: LineReader) -> Iterator[RunHead | CheckedSegment]:
    """Each run with its inbox, and its segments. Raises DiagnosticError (E_EXPORT_INVALID)."""
    checker = _Checker(reader)
    head: RunHead | None = None
    is_given = False
    for line in reader.read_all():
        match line:
            case RunLine():
                checker.begin(line)
                head = RunHead(RunId(line.run), RunId(line.parent[0]) if line.parent else None, [])
                is_given = False
            case MessageLine():
                if head is None or is_given:
                    raise reader.refuse("a message stands between its run and the first segment")
                checker.check_message(line, len(head.messages) + 1)
                head.messages.append(line)
            case Segment():
                if head is None:
                    raise reader.refuse("a segment belongs to a run")
                if not is_given:
                    yield head
                    is_given = True
                yield checker.check(line)
    checker.finish()


@dataclass(slots=True)
class _Checker:
    reader: LineReader
    _artifacts: set[str] = field(default_factory=set[str])
    _workloads: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Id and version by the digest of the document."""
    _runs: set[str] = field(default_factory=set[str])
    _run: str = ""
    _parent: str | None = None
    _head: int = 0
    _previous: str = GENESIS
    _message_bytes: int = 0

    def begin(self, line: RunLine) -> None:
        """A run begins."""
        if line.run in self._runs:
            raise self.reader.refuse("the run stands in the file before")
        self.finish()
        self._runs.add(line.run)
        self._run, self._parent = line.run, line.parent[0] if line.parent else None
        self._head, self._previous, self._message_bytes = 0, GENESIS, 0

    def finish(self) -> None:
        """The run that was read is whole."""
        if self._run and not self._head:
            raise self.reader.refuse("the run before it has no events")

    def check_message(self, line: MessageLine, position: int) -> None:
        """Take a message."""
        self._message_bytes += len(str(line.content)) + len(line.name) + len(line.id)
        if line.position != position:
            raise self.reader.refuse("messages are counted from 1 without a gap")
        if self._message_bytes > _MAX_MESSAGE_BYTES:
            raise self.reader.refuse("the run's messages are too large")

    def check(self, segment: Segment) -> CheckedSegment:
        """Take a segment."""
        fresh = {artifact.digest: artifact.content for artifact in segment.artifacts}
        if len(fresh) != len(segment.artifacts) or self._artifacts & fresh.keys():
            raise self.reader.refuse("an artifact stands in the file once")
        named: set[str] = set()
        opening: Opening | None = None
        end: RunCompleted | None = None
        events: list[SealedEvent] = []
        for sealed in segment.events:
            if end is not None:
                raise self.reader.refuse("nothing follows the end of a run")
            envelope = self._check_link(sealed)
            event = envelope.event
            if isinstance(event, RunStarted) != (envelope.seq == 1):
                raise self.reader.refuse("a run begins with RunStarted, once")
            if isinstance(event, RunStarted):
                opening = self._open(event, fresh, named)
            self._check_references(envelope, sealed, fresh, named)
            end = event if isinstance(event, RunCompleted) else None
            events.append(sealed._replace(seq=envelope.seq))
        if fresh.keys() - named:
            raise self.reader.refuse("its segment has an artifact that no event of it names")
        self._artifacts |= fresh.keys()
        return CheckedSegment(segment.artifacts, events, segment.recorded_at_epoch_ms, opening, end)

    def _check_link(self, sealed: SealedEvent) -> Envelope:
        try:
            envelope = Envelope.model_validate(read_json(sealed.envelope, ARTIFACT_LIMITS))
        except (ValidationError, DiagnosticError) as error:
            raise self.reader.refuse("it is no event") from error
        if (envelope.run, envelope.seq) != (self._run, self._head + 1):
            raise self.reader.refuse("an event of its segment belongs elsewhere")
        if envelope.previous != self._previous:
            raise self.reader.refuse("an event of its segment does not follow the one before it")
        self._head, self._previous = envelope.seq, sealed.digest
        return envelope

    def _open(self, event: RunStarted, fresh: dict[Digest, bytes], named: set[str]) -> Opening:
        manifest = self._read(fresh.get(Digest(event.manifest)), Manifest, "manifest")
        if manifest.op != event.op:
            raise self.reader.refuse("its manifest is of another op")
        if manifest.ir in fresh:
            document = self._read(fresh[Digest(manifest.ir)], Document, "workload")
            self._workloads[manifest.ir] = document.workload.id, document.workload.version
            named.add(manifest.ir)
        if manifest.ir not in self._workloads:
            raise self.reader.refuse("its document is not there")
        workload, version = self._workloads[manifest.ir]
        parent = None if self._parent is None else RunId(self._parent)
        return Opening(workload, version, event.op, Digest(manifest.ir), parent)

    def _read(self, content: bytes | None, model: type[_Model], kind: str) -> _Model:
        if content is None:
            raise self.reader.refuse(f"its {kind} is not there")
        try:
            return model.model_validate(read_json(content, ARTIFACT_LIMITS))
        except (ValidationError, DiagnosticError) as error:
            raise self.reader.refuse(f"its {kind} is none") from error

    def _check_references(
        self, envelope: Envelope, sealed: SealedEvent, fresh: dict[Digest, bytes], named: set[str]
    ) -> None:
        event, fact = envelope.event, get_fact(envelope.event)
        references = get_references(event)
        named.update(references.needed, references.snapshots)
        if sealed.attachment:
            if fact is None or digest_bytes(sealed.attachment) != fact:
                raise self.reader.refuse("what is attached to an event of its segment is not what it names")
            self._read(sealed.attachment, Fact, "fact")
            return
        for digest in references.needed:
            content = fresh.get(Digest(digest))
            if content is None and digest not in self._artifacts:
                raise self.reader.refuse("its segment names an artifact that is not there")
            if content is not None and fact is not None:
                self._read(content, Fact, "fact")
            if content is not None and isinstance(event, RunCompleted):
                self._read(content, Output, "output")
