"""An export opened as a store, so that what is in it can be looked at, verified and replayed as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from opforge_ir.codes.store import E_STORE_READ_ONLY
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.stores.memory import MemoryStore
from opforge_runtime.stores.protocol import Append, Lease, Message, SealedArtifact
from opforge_runtime.transfer.importing import import_runs

__all__ = ["ExportStore"]


class ExportStore(MemoryStore):
    """The runs of a file, in memory. Nothing can be written to it."""

    def __init__(self, path: Path) -> None:
        """Raises DiagnosticError: E_FILE_UNREADABLE, E_EXPORT_INVALID."""
        super().__init__()
        self._name = str(path)
        self._is_open = True
        import_runs(self, path, owner="export")
        self._is_open = False

    def append(self, appends: Sequence[Append]) -> list[DiagnosticError | None]:
        """Part of EventStore. Raises DiagnosticError (E_STORE_READ_ONLY)."""
        return super().append(appends) if self._is_open else self._refuse()

    def acquire_lease(
        self, run: RunId, owner: str, duration_ms: int, *, dead_owner: str | None = None
    ) -> Lease:
        """Part of LeaseStore. Raises DiagnosticError (E_STORE_READ_ONLY)."""
        if not self._is_open:
            self._refuse()
        return super().acquire_lease(run, owner, duration_ms, dead_owner=dead_owner)

    def post_message(self, run: RunId, message: Message) -> int:
        """Part of Inbox. Raises DiagnosticError (E_STORE_READ_ONLY)."""
        return super().post_message(run, message) if self._is_open else self._refuse()

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore. Raises DiagnosticError (E_STORE_READ_ONLY)."""
        if not self._is_open:
            self._refuse()
        super().put_artifact(artifact)

    def _refuse(self) -> NoReturn:
        raise E_STORE_READ_ONLY.error(store=self._name)
