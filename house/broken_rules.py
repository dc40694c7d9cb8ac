"""Which rules of a history a stored run breaks, with what its manifest and its document say about it."""

from __future__ import annotations

from house.scripted_io import RUN
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.events import Manifest, RunConfiguration
from opforge_ir.ids import RunId
from opforge_runtime.history import read_history, read_run
from opforge_runtime.history_rules import check_history
from opforge_runtime.session import load_program
from opforge_runtime.stores import Store, read_artifact

__all__ = ["find_broken_rules"]


def find_broken_rules(store: Store, run: RunId = RUN) -> list[Diagnostic]:
    """What `check_history` finds; empty when all is well."""
    manifest = read_artifact(store, read_history(store, run).start.manifest, Manifest)
    sites = load_program(store, manifest.ir).sites
    return check_history(
        [recorded.envelope for recorded in read_run(store, run)],
        is_closing=isinstance(manifest.configuration, RunConfiguration),
        waits={site.state for site in sites if site.verb.effect == "wait"},
    )
