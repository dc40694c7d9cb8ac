"""The lines of an export: a file that holds runs with everything that they need.

```text
{"artifact":"export","format":1}
{"artifact":"run","parent":[],"run":"gas-keeper-1"}
{"artifact":"message", … }                        the run's inbox
{"artifact":"segment","artifacts":2,"events":2,"recorded_at_epoch_ms":1795442400000}
{"artifact":"workload", … }                       artifacts that the segment's events name
{"artifact":"manifest", … }
{"artifact":"event", … "seq":1}                   events
{"artifact":"event", … "seq":2}
{"artifact":"fact", … }                           attached to the event before it
{"artifact":"end","digest":"…","lines":9}
```

Each line is canonical JSON and ends with LF; its first member says what it is. The SHA-256 of an artifact's
line, without the LF, is the artifact's name. `end` holds the SHA-256 of everything before it. The same runs
give the same bytes, whichever store they come from. An artifact stands once in a file, before the first event
that needs it; children follow the run that started them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

from pydantic import Field, StringConstraints

from opforge_ir.canonical import canonical_bytes
from opforge_ir.events import DigestText, Record, RunIdText

if TYPE_CHECKING:  # one type for checkers; pydantic's own is what it can build a schema of
    from opforge_ir.canonical import JsonValue
else:
    from pydantic import JsonValue

__all__ = [
    "MAX_LINE_BYTES",
    "MAX_SEGMENT_BYTES",
    "MAX_SEGMENT_EVENTS",
    "EndLine",
    "ExportLine",
    "MessageLine",
    "RunLine",
    "SegmentLine",
    "build_line",
]

MAX_LINE_BYTES: Final = 256 * 1024 * 1024
"""The largest artifact."""
MAX_SEGMENT_EVENTS: Final = 1_000
MAX_SEGMENT_BYTES: Final = 2 * MAX_LINE_BYTES
"""What a reader holds in memory at once."""


class ExportLine(Record):
    """The first line."""

    artifact: Literal["export"]
    format: Literal[1]


class RunLine(Record):
    """A run begins."""

    artifact: Literal["run"]
    run: RunIdText
    parent: list[RunIdText] = Field(max_length=1)
    """The run that this one is a child of."""


class SegmentLine(Record):
    """Artifacts and events that were recorded at one time follow."""

    artifact: Literal["segment"]
    artifacts: int = Field(ge=0, le=3 * MAX_SEGMENT_EVENTS)
    events: int = Field(ge=1, le=MAX_SEGMENT_EVENTS)
    recorded_at_epoch_ms: int = Field(ge=0, le=253_402_300_799_999)


class MessageLine(Record):
    """A message of the run's inbox, in its place."""

    artifact: Literal["message"]
    position: int = Field(ge=1)
    kind: Literal["signal", "cancel", "child"]
    name: Annotated[str, StringConstraints(max_length=10_000)]
    content: JsonValue
    id: Annotated[str, StringConstraints(max_length=10_000)]


class EndLine(Record):
    """The last line."""

    artifact: Literal["end"]
    digest: DigestText
    lines: int = Field(ge=1)
    """How many there are before it."""


def build_line(record: Record) -> bytes:
    """The bytes of a line, without its LF."""
    return canonical_bytes(cast("JsonValue", record.model_dump()))
