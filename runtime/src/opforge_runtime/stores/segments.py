"""Segments: the events of one append as bytes, one line each, with what is attached to them.

```text
{"artifact":"event", … "seq":7}
{"artifact":"event", … "seq":8}
{"artifact":"fact", … }                 the attachment of event 8
```

Each line is canonical JSON, which holds no line break; its first member says what it is. The digests of the
events are not stored but for the last one: an envelope names the digest of the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opforge_ir.codes.store import E_EVENT_CORRUPT
from opforge_ir.digest import digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import SealedEvent, StoredEvent

__all__ = ["pack_segment", "unpack_segment"]

_EVENT: Final = b'{"artifact":"event",'


def pack_segment(events: Sequence[SealedEvent]) -> bytes:
    """The bytes of a segment with these events; there is at least one."""
    lines: list[bytes] = []
    for event in events:
        lines.append(event.envelope)
        if event.attachment:
            lines.append(event.attachment)
    return b"\n".join(lines)


def unpack_segment(
    run: RunId, first_seq: int, last_digest: str, recorded_at_epoch_ms: int, content: bytes
) -> list[StoredEvent]:
    """The events of a segment.

    Raises DiagnosticError (E_EVENT_CORRUPT) when the bytes are no segment, or the last event has another
    digest than `last_digest`. How the events follow each other is for the reader of the run to check.
    """
    stored: list[StoredEvent] = []
    seq = first_seq
    envelope, attachment = b"", b""
    for line in content.split(b"\n"):
        if not line.startswith(_EVENT):
            if not envelope or attachment:
                raise E_EVENT_CORRUPT.error(run=run, seq=seq, problem="its segment is not lines of events")
            attachment = line
            continue
        if envelope:
            sealed = SealedEvent(seq, digest_bytes(envelope), envelope, attachment)
            stored.append(StoredEvent(sealed, recorded_at_epoch_ms))
            seq += 1
        envelope, attachment = line, b""
    digest = digest_bytes(envelope)
    if digest != last_digest:
        raise E_EVENT_CORRUPT.error(run=run, seq=seq, problem="its bytes have another digest")
    stored.append(StoredEvent(SealedEvent(seq, digest, envelope, attachment), recorded_at_epoch_ms))
    return stored
