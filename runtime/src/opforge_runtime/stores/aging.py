"""What a collector asks of an artifact store that is apart from the events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from opforge_ir.digest import Digest

__all__ = ["LEAST_GRACE_SECONDS", "AgingArtifacts", "DatedArtifact"]

LEAST_GRACE_SECONDS = 3_600
"""What was put within this time is never collected: a put takes effect on the age within a part of it."""


class DatedArtifact(NamedTuple):
    """An artifact as a collector sees it."""

    digest: Digest
    size_bytes: int
    put_at_epoch_ms: int
    """When it was put last, also when it was there already; by the clock of the store."""


@runtime_checkable
class AgingArtifacts(Protocol):
    """Artifacts that are put before the events that name them, so that their age counts."""

    def list_dated(self) -> Iterator[DatedArtifact]:
        """Every artifact, in any order. One that is put meanwhile may be missing."""
        ...

    def delete_stale(self, digest: Digest, before_epoch_ms: int) -> bool:
        """Remove an artifact unless it was put at that time or later; whether it was removed."""
        ...

    def delete_leftovers(self, before_epoch_ms: int) -> None:
        """Put in order what processes left that died before that time, within a put or a removal."""
        ...
