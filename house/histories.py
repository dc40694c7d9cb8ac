"""Recorded runs as files: written once, kept for ever, replayed by every later version.

A file holds one JSON object in review form:

    {"run": …,
     "events": [{"envelope": …, "attachment": …, "recorded_at_epoch_ms": …}, …],
     "artifacts": {digest: artifact, …}}

An event that has no attachment says nothing of it.

Envelopes and artifacts have canonical bytes, so what a store held comes back exactly, with all digests. The
workload that ran is one of the artifacts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from opforge_ir.canonical import JsonValue, canonical_bytes, review_bytes
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import Document
from opforge_ir.events import FactRecorded, Manifest, RunCompleted, RunStarted, StateCompleted
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.stores import MemoryStore, SealedArtifact, SealedEvent, Store, read_artifact
from opforge_runtime.stores.protocol import Append, Lease, Opening, RunStatus, Standing

__all__ = ["dump_history", "load_history"]


def dump_history(store: Store, run: RunId) -> bytes:
    """The file of a run."""
    recorded = read_run(store, run)
    digests: dict[str, None] = {}
    for item in recorded:
        match item.envelope.event:
            case RunStarted() as event:
                ir = read_artifact(store, event.manifest, Manifest).ir
                digests |= dict.fromkeys((ir, event.manifest, event.snapshot))
            case FactRecorded() as event:
                digests[event.fact] = None
            case StateCompleted() as event:
                digests[event.snapshot] = None
            case RunCompleted() as event:
                digests |= dict.fromkeys((event.snapshot, *event.output))
            case _:
                pass
    kept = set(store.list_artifacts())
    artifacts = {each: read_json(store.get_artifact(Digest(each))) for each in digests if each in kept}
    return review_bytes({"run": run, "events": list(map(_dump_event, recorded)), "artifacts": artifacts})


def _dump_event(recorded: RecordedEvent) -> JsonValue:
    dumped: dict[str, JsonValue] = {
        "envelope": read_json(recorded.sealed.envelope),
        "recorded_at_epoch_ms": recorded.recorded_at_epoch_ms,
    }
    if recorded.sealed.attachment:
        dumped["attachment"] = read_json(recorded.sealed.attachment)
    return dumped


def load_history(path: Path) -> tuple[Store, RunId]:
    """A store that holds the run of a file, byte for byte."""
    held = cast("dict[str, Any]", read_json(path.read_bytes()))
    store, run = MemoryStore(), RunId(held["run"])
    for digest, artifact in held["artifacts"].items():
        store.put_artifact(SealedArtifact(Digest(digest), canonical_bytes(artifact)))
    start = held["events"][0]["envelope"]["event"]
    ir = read_artifact(store, start["manifest"], Manifest).ir
    head = read_artifact(store, ir, Document).workload
    for seq, event in enumerate(held["events"], start=1):
        content = canonical_bytes(event["envelope"])
        attachment = canonical_bytes(event["attachment"]) if "attachment" in event else b""
        sealed = SealedEvent(seq, digest_bytes(content), content, attachment)
        kind = event["envelope"]["event"]
        status: RunStatus = kind["outcome"] if kind["type"] == "RunCompleted" else "running"
        (refusal,) = store.append(
            [
                Append(
                    Lease(run, "history", 1, 0, 0),
                    seq - 1,
                    [sealed],
                    [],
                    Standing(status),
                    event["recorded_at_epoch_ms"],
                    Opening(head.id, head.version, start["op"], Digest(ir)) if seq == 1 else None,
                )
            ]
        )
        assert refusal is None
    return store, run
