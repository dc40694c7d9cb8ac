"""The runtime: runs, resumes and replays an IR, and answers questions about runs.

Everything here is imported when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opforge_runtime.collection import Collection, collect_garbage
    from opforge_runtime.dispatch.opening import check_is_shared, get_work_source, open_dispatcher
    from opforge_runtime.dispatch.worker import Worker
    from opforge_runtime.effect_io.live import LiveIo, LogSink, open_live_io
    from opforge_runtime.engine import DEFAULT_CONFIGURATION, Engine, resume_run, start_run
    from opforge_runtime.examination import Check, StuckRun, examine_store
    from opforge_runtime.exploration import get_arguments
    from opforge_runtime.fixture_recording import record_case
    from opforge_runtime.fixtures import CaseOutcome, Difference, find_unused, run_case
    from opforge_runtime.forking import fork_run
    from opforge_runtime.journal import Observer, SilentObserver
    from opforge_runtime.leases import build_owner
    from opforge_runtime.messages import request_cancel, send_signal
    from opforge_runtime.provenance import get_provenance
    from opforge_runtime.queries.comparison import RunComparison, StateDifference, compare_runs
    from opforge_runtime.queries.condition import Condition, Wait, describe_record, describe_run
    from opforge_runtime.queries.following import follow_events
    from opforge_runtime.queries.shortening import shorten_value
    from opforge_runtime.queries.summary import (
        RunSummary,
        get_document,
        get_record,
        get_run,
        list_runs,
        read_events,
    )
    from opforge_runtime.queries.timeline import TimelineEntry, get_timeline, locate_error
    from opforge_runtime.queries.tree import RunTree, get_tree
    from opforge_runtime.replay import ReplayReport, replay_run
    from opforge_runtime.resolution import resolve_attempt
    from opforge_runtime.run_ids import build_run_id
    from opforge_runtime.session import RunOutcome
    from opforge_runtime.stores.memory import MemoryStore
    from opforge_runtime.stores.opening import anchor_url, describe_store, open_store
    from opforge_runtime.stores.protocol import ENDED, RunFilter, RunRecord, RunStatus, Store
    from opforge_runtime.stores.sqlite import SqliteStore
    from opforge_runtime.transfer.exporting import export_runs
    from opforge_runtime.transfer.importing import ImportedRun, import_runs
    from opforge_runtime.transports.chain import NetworkEndpoint
    from opforge_runtime.verification import StoreVerification, Verification, verify_run, verify_store

__all__ = [
    "DEFAULT_CONFIGURATION",
    "ENDED",
    "CaseOutcome",
    "Check",
    "Collection",
    "Condition",
    "Difference",
    "Engine",
    "ImportedRun",
    "LiveIo",
    "LogSink",
    "MemoryStore",
    "NetworkEndpoint",
    "Observer",
    "ReplayReport",
    "RunComparison",
    "RunFilter",
    "RunOutcome",
    "RunRecord",
    "RunStatus",
    "RunSummary",
    "RunTree",
    "SilentObserver",
    "SqliteStore",
    "StateDifference",
    "Store",
    "StoreVerification",
    "StuckRun",
    "TimelineEntry",
    "Verification",
    "Wait",
    "Worker",
    "anchor_url",
    "build_owner",
    "build_run_id",
    "check_is_shared",
    "collect_garbage",
    "compare_runs",
    "describe_record",
    "describe_run",
    "describe_store",
    "examine_store",
    "export_runs",
    "find_unused",
    "follow_events",
    "fork_run",
    "get_arguments",
    "get_document",
    "get_provenance",
    "get_record",
    "get_run",
    "get_timeline",
    "get_tree",
    "get_work_source",
    "import_runs",
    "list_runs",
    "locate_error",
    "open_dispatcher",
    "open_live_io",
    "open_store",
    "read_events",
    "record_case",
    "replay_run",
    "request_cancel",
    "resolve_attempt",
    "resume_run",
    "run_case",
    "send_signal",
    "shorten_value",
    "start_run",
    "verify_run",
    "verify_store",
]

_MODULES: Final = {
    "CaseOutcome": "fixtures",
    "Check": "examination",
    "Collection": "collection",
    "Condition": "queries.condition",
    "DEFAULT_CONFIGURATION": "engine",
    "Difference": "fixtures",
    "ENDED": "stores.protocol",
    "Engine": "engine",
    "ImportedRun": "transfer.importing",
    "LiveIo": "effect_io.live",
    "LogSink": "effect_io.live",
    "MemoryStore": "stores.memory",
    "NetworkEndpoint": "transports.chain",
    "Observer": "journal",
    "ReplayReport": "replay",
    "RunComparison": "queries.comparison",
    "RunFilter": "stores.protocol",
    "RunOutcome": "session",
    "RunRecord": "stores.protocol",
    "RunStatus": "stores.protocol",
    "RunSummary": "queries.summary",
    "RunTree": "queries.tree",
    "SilentObserver": "journal",
    "SqliteStore": "stores.sqlite",
    "StateDifference": "queries.comparison",
    "Store": "stores.protocol",
    "StoreVerification": "verification",
    "StuckRun": "examination",
    "TimelineEntry": "queries.timeline",
    "Verification": "verification",
    "Wait": "queries.condition",
    "Worker": "dispatch.worker",
    "anchor_url": "stores.opening",
    "build_owner": "leases",
    "build_run_id": "run_ids",
    "check_is_shared": "dispatch.opening",
    "collect_garbage": "collection",
    "compare_runs": "queries.comparison",
    "describe_record": "queries.condition",
    "describe_run": "queries.condition",
    "describe_store": "stores.opening",
    "examine_store": "examination",
    "export_runs": "transfer.exporting",
    "find_unused": "fixtures",
    "follow_events": "queries.following",
    "fork_run": "forking",
    "get_arguments": "exploration",
    "get_document": "queries.summary",
    "get_provenance": "provenance",
    "get_record": "queries.summary",
    "get_run": "queries.summary",
    "get_timeline": "queries.timeline",
    "get_tree": "queries.tree",
    "get_work_source": "dispatch.opening",
    "import_runs": "transfer.importing",
    "list_runs": "queries.summary",
    "locate_error": "queries.timeline",
    "open_dispatcher": "dispatch.opening",
    "open_live_io": "effect_io.live",
    "open_store": "stores.opening",
    "read_events": "queries.summary",
    "record_case": "fixture_recording",
    "replay_run": "replay",
    "request_cancel": "messages",
    "resolve_attempt": "resolution",
    "resume_run": "engine",
    "run_case": "fixtures",
    "send_signal": "messages",
    "shorten_value": "queries.shortening",
    "start_run": "engine",
    "verify_run": "verification",
    "verify_store": "verification",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
