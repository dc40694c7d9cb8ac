"""The runtime: runs, resumes and replays an IR, and answers questions about runs.

Everything here is imported when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opforge_runtime.effect_io.live import LiveIo, LogSink, open_live_io
    from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine, resume_run, start_run
    from opforge_runtime.fixture_recording import record_case
    from opforge_runtime.fixtures import CaseOutcome, Difference, find_unused, run_case
    from opforge_runtime.journal import Observer, SilentObserver
    from opforge_runtime.provenance import get_provenance
    from opforge_runtime.queries import (
        RunSummary,
        TimelineEntry,
        get_document,
        get_run,
        get_timeline,
        list_runs,
        read_events,
    )
    from opforge_runtime.replay import ReplayReport, replay_run
    from opforge_runtime.run_ids import build_run_id
    from opforge_runtime.session import RunOutcome
    from opforge_runtime.stores.memory import MemoryStore
    from opforge_runtime.stores.protocol import Store
    from opforge_runtime.stores.sqlite import SqliteStore
    from opforge_runtime.transports.chain import NetworkEndpoint

__all__ = [
    "DEFAULT_CONFIGURATION",
    "CaseOutcome",
    "Difference",
    "Engine",
    "LiveIo",
    "LogSink",
    "MemoryStore",
    "NetworkEndpoint",
    "Observer",
    "ReplayReport",
    "RunOutcome",
    "RunSummary",
    "SilentObserver",
    "SqliteStore",
    "Store",
    "TimelineEntry",
    "build_run_id",
    "find_unused",
    "get_document",
    "get_provenance",
    "get_run",
    "get_timeline",
    "list_runs",
    "open_live_io",
    "read_events",
    "record_case",
    "replay_run",
    "resume_run",
    "run_case",
    "start_run",
]

_MODULES: Final = {
    "CaseOutcome": "fixtures",
    "DEFAULT_CONFIGURATION": "engine",
    "Difference": "fixtures",
    "Engine": "engine",
    "LiveIo": "effect_io.live",
    "LogSink": "effect_io.live",
    "MemoryStore": "stores.memory",
    "NetworkEndpoint": "transports.chain",
    "Observer": "journal",
    "ReplayReport": "replay",
    "RunOutcome": "session",
    "RunSummary": "queries",
    "SilentObserver": "journal",
    "SqliteStore": "stores.sqlite",
    "Store": "stores.protocol",
    "TimelineEntry": "queries",
    "build_run_id": "run_ids",
    "find_unused": "fixtures",
    "get_document": "queries",
    "get_provenance": "provenance",
    "get_run": "queries",
    "get_timeline": "queries",
    "list_runs": "queries",
    "open_live_io": "effect_io.live",
    "read_events": "queries",
    "record_case": "fixture_recording",
    "replay_run": "replay",
    "resume_run": "engine",
    "run_case": "fixtures",
    "start_run": "engine",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
