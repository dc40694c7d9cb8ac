"""Finding the run that a person names by the beginning of its id."""

from __future__ import annotations

from opforge_ir.codes.command import E_RUN_AMBIGUOUS
from opforge_ir.codes.store import E_RUN_UNKNOWN
from opforge_ir.ids import RunId
from opforge_runtime import RunFilter, Store

__all__ = ["find_run"]


def find_run(store: Store, beginning: str) -> RunId:
    """The run with this id, or the only one whose id begins so.

    Raises DiagnosticError: E_RUN_UNKNOWN, E_RUN_AMBIGUOUS.
    """
    # No id has other characters, and what a shell gives may be no text at all.
    which = RunFilter(beginning=beginning)
    found = [record.run for record in store.list_runs(which)] if beginning.isascii() else []
    if beginning in found:
        return RunId(beginning)
    if not found:
        raise E_RUN_UNKNOWN.error(run=beginning[:80])
    if len(found) > 1:
        raise E_RUN_AMBIGUOUS.error(beginning=beginning[:80], count=len(found), first=found[0])
    return found[0]
