"""A run, and the runs that it has started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from opforge_ir.events import ChildRunSpawned
from opforge_ir.ids import RunId
from opforge_runtime.history import read_run
from opforge_runtime.queries.summary import get_record
from opforge_runtime.stores.protocol import RunFilter, RunRecord, Store

__all__ = ["MAX_TREE_RUNS", "RunTree", "get_tree"]

MAX_TREE_RUNS: Final = 1_000
"""The most runs that a tree shows."""


@dataclass(frozen=True, slots=True)
class RunTree:
    """A run with what it has started, in the order in which it did."""

    record: RunRecord
    state: str
    """Where the run above has started it; empty for the topmost one."""
    instance: str
    children: tuple[RunTree, ...]
    is_cut: bool
    """Whether it has children that are not shown: the tree has no more room."""


def get_tree(store: Store, run: RunId) -> RunTree:
    """A run and everything below it.

    Raises DiagnosticError: E_RUN_UNKNOWN, and what a corrupt event of a run that has children raises.
    """
    return _Tree(store).build(get_record(store, run), "", "")


class _Tree:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._room = MAX_TREE_RUNS
        self._known: set[RunId] = set()

    def build(self, record: RunRecord, state: str, instance: str) -> RunTree:
        self._room -= 1
        self._known.add(record.run)
        # A run is the child of the one that began it, so there is no circle; a forged store may hold one.
        found = [
            child
            for child in self._store.list_runs(RunFilter(parent=record.run))
            if child.run not in self._known
        ]
        shown = found[: max(0, self._room)]
        places = self._find_places(record.run) if shown else {}
        children: list[RunTree] = []
        for child in shown:
            if self._room <= 0:
                break
            children.append(self.build(child, *places.get(child.run, ("", ""))))
        return RunTree(record, state, instance, tuple(children), is_cut=len(children) < len(found))

    def _find_places(self, run: RunId) -> dict[RunId, tuple[str, str]]:
        places: dict[RunId, tuple[str, str]] = {}
        for recorded in read_run(self._store, run):
            event = recorded.envelope.event
            if isinstance(event, ChildRunSpawned):
                places.setdefault(RunId(event.run), (event.state, event.instance))
        return places
