"""Removing artifacts that no run names: the garbage collector. It goes by what can be reached.

Whatever stands between quotation marks in an event, or in a fact attached to one, and looks like a digest is
named; so are the document of every run and what its manifest names. All that is named stays, however the run
ended. While one run cannot be read, nothing is removed.

It may run beside drivers:

- Where artifacts are apart from the events, they are put first, so that for a while nothing names them. What
  was put within the grace period stays; and putting one that is there already begins its period anew. So a
  driver that comes upon old garbage and then names it is safe, as long as no more than that period lies
  between its put and its append.
- Where both are in one store, an append brings its artifacts itself. The collector looks at the runs again
  after each batch that it removed, and puts back what an append has named meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from opforge_ir.codes.store import E_ARTIFACT_CORRUPT, E_ARTIFACT_MISSING
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.aging import LEAST_GRACE_SECONDS, AgingArtifacts
from opforge_runtime.stores.protocol import SealedArtifact, Store, StoredEvent
from opforge_runtime.stores.split import SplitStore

__all__ = ["DEFAULT_GRACE_SECONDS", "Collection", "collect_garbage"]

DEFAULT_GRACE_SECONDS: Final = 24 * LEAST_GRACE_SECONDS
_DIGEST: Final = re.compile(rb'"([0-9a-f]{64})"')
_MANIFEST: Final = re.compile(rb'"manifest":"([0-9a-f]{64})"')
_BATCH: Final = 100
_BATCH_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Collection:
    """What was looked at, and what was removed, or would be."""

    runs: int
    artifacts: int
    young: int
    """How many nothing names that are left because they are young."""
    removed: list[Digest]
    freed_bytes: int


def collect_garbage(
    store: Store,
    *,
    clock: Callable[[], int],
    grace_seconds: int = DEFAULT_GRACE_SECONDS,
    is_dry_run: bool = False,
) -> Collection:
    """Remove what no run names; with `is_dry_run`, say only what would be removed.

    `clock` gives milliseconds since the epoch. Raises ValueError for a grace period that is too short, and
    DiagnosticError when a run cannot be read (nothing was removed then) or the store fails.
    """
    if grace_seconds < LEAST_GRACE_SECONDS:
        raise ValueError(f"the grace period is {LEAST_GRACE_SECONDS} seconds at least")
    artifacts = store.artifacts if isinstance(store, SplitStore) else store
    names = _Names(store)
    if isinstance(artifacts, AgingArtifacts):
        before = clock() - grace_seconds * 1000
        return _collect_aging(artifacts, names, before, is_dry_run=is_dry_run)
    return _collect_together(store, names, is_dry_run=is_dry_run)


def _collect_aging(
    artifacts: AgingArtifacts, names: _Names, before_epoch_ms: int, *, is_dry_run: bool
) -> Collection:
    if not is_dry_run:
        artifacts.delete_leftovers(before_epoch_ms)
    # What there is, is listed before the runs are read: what is put after that is not looked at.
    listed = list(artifacts.list_dated())
    names.look()
    unnamed = [each for each in listed if each.digest not in names.named]
    stale = [each for each in unnamed if each.put_at_epoch_ms < before_epoch_ms]
    removed: list[Digest] = []
    freed = 0
    for start in range(0, len(stale), _BATCH):
        if not is_dry_run:
            names.look()
        for each in stale[start : start + _BATCH]:
            if is_dry_run or (
                each.digest not in names.named and artifacts.delete_stale(each.digest, before_epoch_ms)
            ):
                removed.append(each.digest)
                freed += each.size_bytes
    return Collection(names.runs, len(listed), len(unnamed) - len(stale), removed, freed)


def _collect_together(store: Store, names: _Names, *, is_dry_run: bool) -> Collection:
    listed = list(store.list_artifacts())
    names.look()
    removed: list[Digest] = []
    freed = 0
    for batch in _batch(_read(store, [digest for digest in listed if digest not in names.named])):
        if not is_dry_run:
            for artifact in batch:
                store.delete_artifact(artifact.digest)
            names.look()
        for artifact in batch:
            if artifact.digest in names.named:
                store.put_artifact(artifact)
                continue
            removed.append(artifact.digest)
            freed += len(artifact.content)
    return Collection(names.runs, len(listed), 0, removed, freed)


def _read(store: Store, digests: Sequence[Digest]) -> Iterator[SealedArtifact]:
    """The artifacts with their content. A damaged one could not be put back, so it is passed over."""
    for digest in digests:
        try:
            yield SealedArtifact(digest, store.get_artifact(digest))
        except DiagnosticError as error:
            if error.diagnostics[0].code not in (E_ARTIFACT_CORRUPT, E_ARTIFACT_MISSING):
                raise


def _batch(artifacts: Iterator[SealedArtifact]) -> Iterator[list[SealedArtifact]]:
    batch: list[SealedArtifact] = []
    size = 0
    for artifact in artifacts:
        batch.append(artifact)
        size += len(artifact.content)
        if len(batch) == _BATCH or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Names:
    """Every digest that some run names, as far as the runs were read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads: dict[RunId, int] = {}
        self.named: set[str] = set()

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self._heads)

    def look(self) -> None:
        """Read what runs have recorded since the last look."""
        for record in self._store.list_runs():
            self.named.add(record.opening.ir)
            head = self._heads.get(record.run, 0)
            if record.head <= head:
                continue
            stored = self._store.read_events(record.run, head + 1)
            for each in stored:
                self._take(each)
            self._heads[record.run] = head + len(stored)

    def _take(self, stored: StoredEvent) -> None:
        sealed = stored.sealed
        for content in (sealed.envelope, sealed.attachment):
            self._name_all(content)
        if sealed.seq == 1 and (manifest := _MANIFEST.search(sealed.envelope)):
            try:
                self._name_all(self._store.get_artifact(Digest(manifest[1].decode())))
            except DiagnosticError as error:
                if error.diagnostics[0].code not in (E_ARTIFACT_CORRUPT, E_ARTIFACT_MISSING):
                    raise

    def _name_all(self, content: bytes) -> None:
        self.named.update(digest.decode() for digest in _DIGEST.findall(content))
