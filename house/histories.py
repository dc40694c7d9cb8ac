"""Recorded runs as files: written once, kept for ever, replayed by every later version.

A file holds one JSON object in review form:

    {"run": …,
     "events": [{"envelope": …, "recorded_at_epoch_ms": …}, …],
     "artifacts": {digest: artifact, …}}

Envelopes and artifacts have canonical bytes, so what a store held comes back exactly, with all digests. The
workload that ran is one of the artifacts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from opforge_ir.canonical import JsonValue, canonical_bytes, review_bytes
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.events import FactRecorded, Manifest, RunCompleted, RunStarted, StateCompleted
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_runtime.history import read_run
from opforge_runtime.stores import MemoryStore, SealedArtifact, SealedEvent, Store, read_artifact

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
    events: list[JsonValue] = [
        {"envelope": read_json(e.sealed.envelope), "recorded_at_epoch_ms": e.recorded_at_epoch_ms}
        for e in recorded
    ]
    artifacts = {digest: read_json(store.get_artifact(Digest(digest))) for digest in digests}
    return review_bytes({"run": run, "events": events, "artifacts": artifacts})


def load_history(path: Path) -> tuple[Store, RunId]:
    """A store that holds the run of a file, byte for byte."""
    held = cast("dict[str, Any]", read_json(path.read_bytes()))
    store, run = MemoryStore(), RunId(held["run"])
    for digest, artifact in held["artifacts"].items():
        store.put_artifact(SealedArtifact(Digest(digest), canonical_bytes(artifact)))
    for seq, event in enumerate(held["events"], start=1):
        content = canonical_bytes(event["envelope"])
        sealed = SealedEvent(seq, digest_bytes(content), content)
        store.append(run, seq - 1, [sealed], [], event["recorded_at_epoch_ms"])
    return store, run
