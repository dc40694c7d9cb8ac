"""Reading an export from somebody who is not trusted: every line in its place, and in bounds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeVar

from pydantic import ValidationError

from opforge_ir.codes.store import E_EXPORT_INVALID
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.events import Record
from opforge_ir.jsontext import Limits, read_json
from opforge_runtime.stores.artifacts import ARTIFACT_LIMITS
from opforge_runtime.stores.protocol import SealedArtifact, SealedEvent
from opforge_runtime.transfer.lines import (
    MAX_LINE_BYTES,
    MAX_SEGMENT_BYTES,
    EndLine,
    ExportLine,
    MessageLine,
    RunLine,
    SegmentLine,
    build_line,
)

__all__ = ["Line", "LineReader", "Segment"]

_EVENT: Final = b'{"artifact":"event",'
_STRUCTURE: Final = (
    _EVENT,
    b'{"artifact":"segment",',
    b'{"artifact":"run",',
    b'{"artifact":"message",',
    b'{"artifact":"end",',
)
"""What is no attachment of the event before it."""
_SHORT: Final = Limits(max_bytes=4096)
"""Lines of the export's own are never long, but for messages."""

_Line = TypeVar("_Line", bound=Record)


@dataclass(frozen=True, slots=True)
class Segment:
    """Artifacts and events as they are sealed; what they say is for who takes them."""

    artifacts: list[SealedArtifact]
    events: list[SealedEvent]
    recorded_at_epoch_ms: int


Line = RunLine | MessageLine | Segment


class LineReader:
    """The runs, messages and segments of an export, in order."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """`name` is what the file is called in errors."""
        self._file = file
        self._name = name
        self._digest = hashlib.sha256()
        self._number = 0
        self._held: bytes | None = None

    def read_all(self) -> Iterator[Line]:
        """Read from here to the end. Raises DiagnosticError (E_EXPORT_INVALID); OSError is not caught."""
        self._require(self._next(), ExportLine)
        while True:
            line = self._next()
            if line.startswith(b'{"artifact":"segment",'):
                yield self._read_segment(self._require(line, SegmentLine))
            elif line.startswith(b'{"artifact":"run",'):
                yield self._require(line, RunLine)
            elif line.startswith(b'{"artifact":"message",'):
                yield self._require(line, MessageLine)
            else:
                self._read_end(self._require(line, EndLine))
                return

    def refuse(self, problem: str) -> DiagnosticError:
        """The error of the line that was read last."""
        return E_EXPORT_INVALID.error(file=self._name, line=self._number, problem=problem)

    def _read_segment(self, head: SegmentLine) -> Segment:
        left = MAX_SEGMENT_BYTES
        artifacts: list[SealedArtifact] = []
        for _ in range(head.artifacts):
            content = self._next()
            if content.startswith(_STRUCTURE):
                raise self.refuse("it is no artifact")
            artifacts.append(SealedArtifact(digest_bytes(content), content))
            left = self._take(left, content)
        events: list[SealedEvent] = []
        for _ in range(head.events):
            envelope = self._next()
            if not envelope.startswith(_EVENT):
                raise self.refuse("it is no event")
            attachment = self._next_attachment()
            left = self._take(left, envelope + attachment)
            events.append(SealedEvent(0, digest_bytes(envelope), envelope, attachment))
        return Segment(artifacts, events, head.recorded_at_epoch_ms)

    def _take(self, left: int, content: bytes) -> int:
        if len(content) > left:
            raise self.refuse("its segment is too large")
        return left - len(content)

    def _next_attachment(self) -> bytes:
        line = self._next()
        if line.startswith(_STRUCTURE):
            self._held = line
            self._number -= 1
            return b""
        return line

    def _read_end(self, end: EndLine) -> None:
        if end.lines != self._number - 1:
            raise self.refuse("there are not as many lines as it says")
        if end.digest != self._digest.hexdigest():
            raise self.refuse("what is before it has another digest")
        if self._file.read(1):
            self._number += 1
            raise self.refuse("something follows the end")

    def _next(self) -> bytes:
        """The next line without its LF. The digest is that of all lines but the last one."""
        if self._held is not None:
            line, self._held = self._held, None
            self._number += 1
            return line
        self._number += 1
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if not line.endswith(b"\n"):
            raise self.refuse("the file is cut off" if len(line) <= MAX_LINE_BYTES else "it is too long")
        if not line.startswith(b'{"artifact":"end",'):
            self._digest.update(line)
        return line[:-1]

    def _require(self, line: bytes, model: type[_Line]) -> _Line:
        try:
            limits = ARTIFACT_LIMITS if model is MessageLine else _SHORT
            found = model.model_validate(read_json(line, limits))
        except (ValidationError, DiagnosticError) as error:
            raise self.refuse(
                f"it is no line of the kind {model.__name__.removesuffix('Line').lower()}"
            ) from error
        if build_line(found) != line:
            raise self.refuse("it is not canonical JSON")
        return found
