"""The canonical bytes of the events of every step, written from templates.

A run writes three events and a fact for each state, so these are not made through models and the general
writer. A test holds the templates to the models, byte for byte. States and instances are identifiers,
brackets and digits, which JSON spells as they are; digests and run ids likewise.
"""

from __future__ import annotations

from typing import cast

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.events import Event
from opforge_runtime.stores.protocol import SealedEvent

__all__ = [
    "build_completed",
    "build_entered",
    "build_envelope",
    "build_event",
    "build_fact",
    "build_fact_recorded",
    "digest_snapshot",
    "seal_event",
]


def build_envelope(run: str, seq: int, previous: str, event: str) -> bytes:
    """An `Envelope` around the canonical text of an event."""
    return (
        f'{{"artifact":"event","event":{event},"previous":"{previous}","run":"{run}","seq":{seq}}}'
    ).encode()


def build_entered(state: str, instance: str, attempt: int, base: str) -> str:
    """A `StateEntered`."""
    return (
        f'{{"attempt":{attempt},"base":"{base}","instance":"{instance}","state":"{state}",'
        f'"type":"StateEntered"}}'
    )


def build_fact_recorded(state: str, instance: str, fact: str) -> str:
    """A `FactRecorded`."""
    return f'{{"fact":"{fact}","instance":"{instance}","state":"{state}","type":"fact_recorded"}}'


def build_completed(state: str, instance: str, attempt: int, snapshot: str) -> str:
    """A `StateCompleted`."""
    return (
        f'{{"attempt":{attempt},"instance":"{instance}","snapshot":"{snapshot}","state":"{state}",'
        f'"type":"StateCompleted"}}'
    )


def build_fact(state: str, instance: str, request: str, value: bytes) -> bytes:
    """A `Fact` around the canonical bytes of its value."""
    head = f'{{"artifact":"fact","instance":"{instance}","request":"{request}","state":"{state}","value":'
    return b"%b%b}" % (head.encode(), value)


def digest_snapshot(parent: str, state: str, instance: str, fact: str) -> Digest:
    """The digest of the `Snapshot` after a completed state."""
    return digest_bytes(
        (
            f'{{"artifact":"snapshot","fact":["{fact}"],"instance":"{instance}","output":[],"parent":"{parent}",'
            f'"state":"{state}"}}'
        ).encode()
    )


def build_event(event: Event) -> str:
    """Any event."""
    return canonical_bytes(cast("JsonValue", event.model_dump())).decode()


def seal_event(run: str, seq: int, previous: str, event: Event, attachment: bytes = b"") -> SealedEvent:
    """Any event in its envelope; `attachment` is the small artifact that it names."""
    content = build_envelope(run, seq, previous, build_event(event))
    return SealedEvent(seq, digest_bytes(content), content, attachment)
