"""Stores: where events and artifacts are kept. One suite of tests holds all of them to the same promises."""

from __future__ import annotations

from opforge_runtime.stores.artifacts import read_artifact, seal_artifact
from opforge_runtime.stores.memory import MemoryStore
from opforge_runtime.stores.protocol import (
    ArtifactStore,
    EventStore,
    SealedArtifact,
    SealedEvent,
    Store,
    StoredEvent,
)
from opforge_runtime.stores.sqlite import SqliteStore

__all__ = [
    "ArtifactStore",
    "EventStore",
    "MemoryStore",
    "SealedArtifact",
    "SealedEvent",
    "SqliteStore",
    "Store",
    "StoredEvent",
    "read_artifact",
    "seal_artifact",
]
